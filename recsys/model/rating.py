"""The rating heads: how many stars will this user give this movie?"""

import numpy as np
import tensorflow as tf

from recsys.baselines import Residuals
from recsys.data.splits import Split
from recsys.model import sparse
from recsys.model.raters import PooledRaters
from recsys.model.towers import (
    Attributes,
    Batch,
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    IdTower,
    history_lengths,
    history_sums,
    residuals_of,
    row_penalty,
    table,
)

BIAS_L2 = 0.02  # a mild damping of the biases (Koren et al. 2009)
WHOLE_L2 = 0.4  # what the L2 of a whole vector is to that of the embeddings it is the sum of
# How much of the rating loss's gradient reaches the vectors shared with retrieval: all of it would
# bend them to the train ratings.
SHARED_PULL = 0.15


class TutorialRatingHead(tf.keras.layers.Layer):
    """An MLP over the vectors of both towers: the rating head of the TFRS tutorial."""

    def __init__(self, query_tower: IdTower, candidate_tower: CandidateTower) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        hidden = [tf.keras.layers.Dense(size, activation="relu") for size in (256, 128)]
        self.mlp = tf.keras.Sequential([*hidden, tf.keras.layers.Dense(1)])

    def queries(self, batch: Batch) -> tf.Tensor:
        """Return the vectors of a batch's users, `[n_queries, dimension]`."""
        return self.query_tower(batch)

    def candidates(self) -> tf.Tensor:
        """Return the vectors of all movies, `[n_movies, dimension]`."""
        return self.candidate_tower.movie_embedding

    def call(self, batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the predicted ratings of a batch, `[n]` in stars, and the L2 penalty: none."""
        query = tf.gather(self.queries(batch), batch["rows"])
        pair = tf.concat([query, self.candidate_tower(batch["movies"])], axis=1)
        return tf.squeeze(self.mlp(pair), axis=1), tf.zeros([])


class MovieVectors(tf.keras.layers.Layer):
    """Vectors of movies: the task's own, a linear map of another task's, or the sum of both.

    Shared plus task-specific embeddings are those of STEM (Su et al. 2024).

    Args:
        n_movies: how many.
        dimension: of the vectors.
        own: whether the task has any of its own.
        shared: the other task's, `[n_movies, its dimension]`. None: nothing is shared.
    """

    def __init__(
        self, n_movies: int, dimension: int, *, own: bool, shared: tf.Variable | None
    ) -> None:
        super().__init__()
        self.embedding = table("movies", n_movies, dimension, 0.05) if own else None
        self.shared = shared
        self.map = None if shared is None else table("map", shared.shape[1], dimension, 0.02)

    def parts(self) -> list[tf.Tensor]:
        """Return what the vectors are the sum of, `[n_movies, dimension]` each."""
        own = [] if self.embedding is None else [tf.convert_to_tensor(self.embedding)]
        if self.shared is None:
            return own
        shared = SHARED_PULL * self.shared + tf.stop_gradient((1 - SHARED_PULL) * self.shared)
        return [*own, tf.matmul(shared, self.map)]


class DuetRatingHead(tf.keras.layers.Layer):
    """mean + spread * (user bias + movie bias + p(u) · q(i)).

    p(u) = P[u] + sum over the history of (Y[j] + residual(u, j) X[j]) / sqrt(its length)
    q(i) = Q[i] + sum over the raters of Z[v] / sqrt(their number)

    The pooled history is that of SVD++ (Y) and of asymmetric SVD (X, times what the biases of
    `recsys.baselines` leave of the rating; Paterek 2007, Koren 2008). The pooled raters are the
    same the other way round ("flipped" SVD++; Rendle et al. 2019, "On the difficulty of evaluating
    baselines"). What is known of users and movies beside their ratings adds a linear map of it to
    P and Q. The retrieval towers are read through Y and Q.

    `members` such products learn side by side from other starting points, each on its own loss;
    the rating is their mean, which has less variance than one product as large as all.

    Everything in brackets is in units of `spread`, so that penalties and step sizes fit any rating
    scale.
    """

    def __init__(
        self,
        split: Split,
        query_tower: HistoryTower,
        candidate_tower: CatalogueTower,
        *,
        sharing: str,
        dimension: int,
        members: int,
        mean: float,
        spread: float,
        l2: float,
        attributes: bool,
        pool_raters_every: int,
    ) -> None:
        super().__init__()
        self.mean, self.spread, self.l2, self.members = mean, spread, l2, members
        self.residuals: Residuals = query_tower.residuals
        self.user_counts = np.bincount(split.train.users, minlength=split.n_users)
        self.movie_counts = np.bincount(split.train.movies, minlength=split.n_movies)
        self.roots = tf.constant(np.sqrt(np.maximum(self.movie_counts, 1)), tf.float32)
        self.user_bias = tf.Variable(tf.zeros(split.n_users), name="user_bias")
        self.movie_bias = tf.Variable(tf.zeros(split.n_movies), name="movie_bias")

        width = members * dimension  # the members stand side by side
        self.user_embedding = table("user_embedding", split.n_users, width, 0.05)
        self.rated_embedding = table("rated_embedding", split.n_movies, width, 0.05)
        read = (query_tower.history_embedding, candidate_tower.movie_embedding)
        self.history, self.movies = (
            MovieVectors(
                split.n_movies,
                width,
                own=sharing != "all",
                shared=None if sharing == "none" else shared,
            )
            for shared in read
        )
        known = (split.user_features, split.movie_features) if attributes else (None, None)
        self.user_attributes = Attributes(known[0], width, 0.05)
        self.movie_attributes = Attributes(known[1], width, 0.05)
        self.raters = PooledRaters(split, width, pool_raters_every)

    def queries(self, batch: Batch) -> tf.Tensor:
        """Return p(u) of a batch's users, `[n_queries, members * dimension]`."""
        sums = self._query_sums(batch, tf.add_n(self.history.parts()))
        return sums / tf.sqrt(history_lengths(batch))[:, tf.newaxis]

    def candidates(self) -> tf.Tensor:
        """Return q(i) of all movies, `[n_movies, members * dimension]`."""
        sums = self._candidate_sums(self.movies.parts(), self.raters.pooled())
        return sums / self.roots[:, tf.newaxis]

    def _query_sums(self, batch: Batch, history: tf.Tensor) -> tf.Tensor:
        """Return p(u) * sqrt(length of the history)."""
        users = tf.gather(self.user_embedding, batch["users"])
        users = self.user_attributes(users, batch["users"])
        sums = history_sums(batch, history, self.rated_embedding, self.residuals)
        return sums + users * tf.sqrt(history_lengths(batch))[:, tf.newaxis]

    def _candidate_sums(self, movies: list[tf.Tensor], raters: tf.Tensor) -> tf.Tensor:
        """Return q(i) * sqrt(number of raters)."""
        own = self.movie_attributes(tf.add_n(movies))
        return own * self.roots[:, tf.newaxis] + raters

    def call(self, batch: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """Return each member's ratings, `[n, members]` in stars, and the L2 penalty.

        A rating is predicted from the other ratings of the user and of the movie, as a new one
        will be: its own share is taken out of p(u) and q(i).
        """
        rows, movies = batch["rows"], batch["movies"]
        users = tf.gather(batch["users"], rows)
        lengths = history_lengths(batch)
        history, movie_parts = self.history.parts(), self.movies.parts()
        pooled, raters, raters_penalty = self.raters.in_training()
        all_history = tf.add_n(history)
        queries = self._query_sums(batch, all_history)
        candidates = self._candidate_sums(movie_parts, pooled)

        n_queries, n_movies = tf.size(lengths), candidates.shape[0]
        query_rows = sparse.selection(
            [rows, n_queries + movies, n_queries + n_movies + movies],
            [1.0, -1.0, -residuals_of(batch, self.residuals)],
            n_queries + 2 * n_movies,
        )
        candidate_rows = sparse.selection(
            [movies, n_movies + users], [1.0, -1.0], n_movies + raters.shape[0]
        )
        products = sparse.dots(
            query_rows,
            tf.concat([queries, all_history, self.rated_embedding], axis=0),
            candidate_rows,
            tf.concat([candidates, raters], axis=0),
            self.members,
        )
        roots = tf.gather(self.roots, movies) * tf.sqrt(tf.gather(lengths, rows))
        biases = tf.gather(self.user_bias, users) + tf.gather(self.movie_bias, movies)
        ratings = products / roots[:, tf.newaxis] + biases[:, tf.newaxis]

        penalty = raters_penalty + row_penalty(self.user_embedding, self.user_counts)
        for vectors in (self.rated_embedding, *history, *movie_parts):
            penalty += row_penalty(vectors, self.movie_counts)
        whole = 2 * tf.nn.l2_loss(queries) / tf.cast(tf.size(rows), tf.float32)
        whole += 2 * tf.nn.l2_loss(candidates) / self.movie_counts.sum()
        of_biases = row_penalty(self.user_bias[:, tf.newaxis], self.user_counts)
        of_biases += row_penalty(self.movie_bias[:, tf.newaxis], self.movie_counts)
        penalty = self.l2 / self.members * (penalty + WHOLE_L2 * whole) + BIAS_L2 * of_biases
        return self.mean + self.spread * ratings, penalty
