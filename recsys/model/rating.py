"""The rating heads: how many stars will this user give this movie?"""

import tensorflow as tf

from recsys.model.towers import Batch, CandidateTower, HistoryTower, IdTower, embedding

BIAS_L2 = 0.025  # a mild damping of the biases (Koren et al. 2009)


class TutorialRatingHead(tf.keras.layers.Layer):
    """An MLP over the vectors of both towers: the rating head of the TFRS tutorial."""

    def __init__(self, query_tower: IdTower, candidate_tower: CandidateTower) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.mlp = mlp([256, 128])

    def vectors(self, batch: Batch, movies: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the vectors to compare: of the queries `[n_queries, d]`, the movies `[n, d]`."""
        return self.query_tower(batch), self.candidate_tower(movies)

    def call(self, batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the predicted ratings of a batch, `[n]` in stars, and the L2 penalty: none."""
        query, candidate = self.vectors(batch, batch["movies"])
        query = tf.gather(query, batch["rows"])
        return tf.squeeze(self.mlp(tf.concat([query, candidate], axis=1)), axis=1), tf.zeros([])


class DuetRatingHead(tf.keras.layers.Layer):
    """mean + spread * (user bias + movie bias + p(u) · q(i) + mlp(p(u), q(i))).

    Everything in brackets is in units of `spread`, so that penalties and step sizes fit any rating
    scale.

    p and q are linear maps of the retrieval towers' vectors (`sharing="all"`), embeddings of
    their own, with their own pooled history as in SVD++ (Koren 2008) (`"none"`), or the sum of
    both (`"part"`; shared plus task-specific embeddings as in STEM, Su et al. 2024).
    """

    def __init__(
        self,
        query_tower: HistoryTower,
        candidate_tower: CandidateTower,
        *,
        n_users: int,
        n_movies: int,
        dimension: int,
        sharing: str,
        mean: float,
        spread: float,
        l2: float,
    ) -> None:
        super().__init__()
        self.mean = mean
        self.spread = spread
        self.l2 = l2
        self.user_bias = tf.keras.layers.Embedding(n_users, 1, embeddings_initializer="zeros")
        self.movie_bias = tf.keras.layers.Embedding(n_movies, 1, embeddings_initializer="zeros")
        self.shared = (query_tower, candidate_tower) if sharing != "none" else None
        if self.shared:
            self.query_map = linear(dimension)
            self.candidate_map = linear(dimension)
        self.own = sharing != "all"
        if self.own:
            self.own_query = HistoryTower(n_users, n_movies, dimension)
            self.own_candidate = embedding(n_movies, dimension)
        self.mlp = mlp([32])

    def vectors(self, batch: Batch, movies: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the vectors to compare: of the queries `[n_queries, d]`, the movies `[n, d]`."""
        query = candidate = 0.0
        if self.shared:
            query_tower, candidate_tower = self.shared
            query = self.query_map(query_tower(batch))
            candidate = self.candidate_map(candidate_tower(movies))
        if self.own:
            query += self.own_query(batch)
            candidate += self.own_candidate(movies)
        return query, candidate

    def call(self, batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the predicted ratings of a batch, `[n]` in stars, and the L2 penalty."""
        query, candidate = self.vectors(batch, batch["movies"])
        query = tf.gather(query, batch["rows"])
        user_bias = tf.gather(self.user_bias(batch["users"])[:, 0], batch["rows"])
        movie_bias = self.movie_bias(batch["movies"])[:, 0]
        ratings = user_bias + movie_bias + tf.reduce_sum(query * candidate, axis=1)
        # The MLP corrects what the dot product leaves. Left to shape the vectors as well, it pulls
        # the shared ones away from retrieval and rates no better.
        pair = tf.stop_gradient(tf.concat([query, candidate], axis=1))
        ratings += self.mlp(pair)[:, 0]
        squares = tf.reduce_sum(query**2 + candidate**2, axis=1)
        if self.own:
            squares += tf.reduce_sum(self.own_query.history_embedding(batch["movies"]) ** 2, axis=1)
        penalty = self.l2 * squares + BIAS_L2 * (user_bias**2 + movie_bias**2)
        return self.mean + self.spread * ratings, tf.reduce_mean(penalty)


def mlp(units: list[int]) -> tf.keras.Sequential:
    """Return dense layers of these sizes with ReLU, and one linear output."""
    hidden = [tf.keras.layers.Dense(size, activation="relu") for size in units]
    return tf.keras.Sequential([*hidden, tf.keras.layers.Dense(1)])


def linear(dimension: int) -> tf.keras.layers.Dense:
    """Return a linear map to `dimension` numbers, near 0 at the start."""
    normal = tf.keras.initializers.RandomNormal(stddev=0.05)
    return tf.keras.layers.Dense(dimension, use_bias=False, kernel_initializer=normal)
