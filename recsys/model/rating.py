"""The rating heads: they predict how many stars a user gives a movie."""

from typing import Any

import numpy as np
import tensorflow as tf

from recsys.baselines import BiasModel
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.model import sparse
from recsys.model.batches import TensorBatch
from recsys.model.numbers import number
from recsys.model.raters import PooledRaters
from recsys.model.towers import (
    Attributes,
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    IdTower,
    batch_residuals,
    embedding_table,
    history_lengths,
    history_sums,
    mean_squared_norm,
)

BIAS_L2 = 0.02  # a mild damping of the biases (Koren et al. 2009)
SUM_L2 = 0.4  # L2 of the vectors p(u) and q(i), relative to that of the embeddings in their sums
# Share of the rating loss's gradient that reaches the embeddings shared with retrieval. With the
# whole gradient they overfit the train ratings.
SHARED_GRADIENT = 0.15


class TutorialRatingHead(tf.keras.layers.Layer):
    """An MLP over the vectors of both towers: the rating head of the TFRS tutorial."""

    def __init__(self, query_tower: IdTower, candidate_tower: CandidateTower) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        hidden = [tf.keras.layers.Dense(size, activation="relu") for size in (256, 128)]
        self.mlp = tf.keras.Sequential([*hidden, tf.keras.layers.Dense(1)])

    def queries(self, batch: TensorBatch) -> tf.Tensor:
        """Return the vectors of a batch's users, `[n_queries, dimension]`."""
        return self.query_tower(batch)

    def candidates(self) -> tf.Tensor:
        """Return the vectors of all movies, `[n_movies, dimension]`."""
        return self.candidate_tower.movie_embedding

    def call(self, batch: TensorBatch) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the predicted ratings of a batch, `[n]` in stars, and an L2 penalty of 0."""
        query = tf.gather(self.queries(batch), batch["rows"])
        pair = tf.concat([query, self.candidate_tower(batch["movies"])], axis=1)
        return tf.squeeze(self.mlp(pair), axis=1), tf.zeros([])


class MovieVectors(tf.keras.layers.Layer):
    """Vectors of movies: an embedding, a linear map of a shared embedding, or the sum of both.

    The sum of shared and task-specific embeddings is that of STEM (Su et al. 2024).

    Args:
        n_movies: number of movies.
        dimension: of the vectors.
        own: whether there is a task-specific embedding.
        shared: the embedding of the other task, `[n_movies, its dimension]`; None: not shared.
    """

    def __init__(
        self, n_movies: int, dimension: int, *, own: bool, shared: tf.Variable | None
    ) -> None:
        super().__init__()
        self.embedding = embedding_table("movies", n_movies, dimension, 0.05) if own else None
        self.shared = shared
        self.map = None
        if shared is not None:
            self.map = embedding_table("map", shared.shape[1], dimension, 0.02)

    def parts(self) -> list[tf.Tensor]:
        """Return the summands of the vectors, `[n_movies, dimension]` each."""
        own = [] if self.embedding is None else [tf.convert_to_tensor(self.embedding)]
        if self.shared is None:
            return own
        trained = SHARED_GRADIENT * self.shared
        shared = trained + tf.stop_gradient((1 - SHARED_GRADIENT) * self.shared)
        return [*own, tf.matmul(shared, self.map)]


class Biases(tf.keras.layers.Layer):
    """Adds a bias per user and per movie to products, and scales the sum to stars.

    Biases and products are in standard deviations of the ratings, so that L2 penalties and learning
    rates fit any rating scale.
    """

    def __init__(self, config: RunConfig, split: Split, bias_model: BiasModel) -> None:
        super().__init__()
        self.mean, self.std = bias_model.mean, bias_model.std
        if not config.learns("rating"):
            # The ratings must not be learnt, so mean and std are guessed from the rating scale.
            low, high = split.rating_scale
            self.mean, self.std = (low + high) / 2, (high - low) / 4 or 1.0
        self.user_counts = np.bincount(split.train.users, minlength=split.n_users)
        self.movie_counts = split.movie_counts
        self.user_bias = tf.Variable(tf.zeros(split.n_users), name="user_bias")
        self.movie_bias = tf.Variable(tf.zeros(split.n_movies), name="movie_bias")

    def call(self, users: tf.Tensor, movies: tf.Tensor, products: tf.Tensor) -> tf.Tensor:
        """Return ratings in stars, `[n, members]`, from the members' products, `[n, members]`."""
        biases = tf.gather(self.user_bias, users) + tf.gather(self.movie_bias, movies)
        return self.mean + self.std * (products + biases[:, tf.newaxis])

    def penalty(self) -> tf.Tensor:
        """Return the L2 penalty of the biases."""
        penalty = mean_squared_norm(self.user_bias[:, tf.newaxis], self.user_counts)
        penalty += mean_squared_norm(self.movie_bias[:, tf.newaxis], self.movie_counts)
        return BIAS_L2 * penalty


class DuetRatingHead(tf.keras.layers.Layer):
    """Predicts mean + std * (user bias + movie bias + p(u) · q(i)), in stars.

    p(u) = P[u] + sum over the history of (Y[j] + residual(u, j) X[j]) / sqrt(history length)
    q(i) = Q[i] + sum over the users who rated i of Z[v] / sqrt(their number)

    The history is pooled as in SVD++ (Y; Koren 2008) and in asymmetric SVD (X; Paterek 2007). The
    pooled raters are SVD++ with users and movies exchanged ("flipped" SVD++; Rendle et al. 2019,
    "On the difficulty of evaluating baselines"). A linear map of the attributes of users and movies
    is added to P and Q. Y and Q are `MovieVectors`: `sharing` says whether they are embeddings,
    linear maps of the retrieval embeddings, or the sums of both.

    `rating_members` heads train in parallel, each on its own loss and from its own initial values,
    and are averaged: the mean has less variance than one head with as many parameters. Their
    vectors are columns of the same tables.

    The sum in brackets is in standard deviations of the ratings.
    """

    def __init__(
        self,
        config: RunConfig,
        split: Split,
        query_tower: HistoryTower,
        candidate_tower: CatalogueTower,
        *,
        pool_raters_every: int,
    ) -> None:
        super().__init__()
        fields: Any = config  # RunConfig has checked that those of this architecture are set
        self.members: int = fields.rating_members
        self.l2 = number(fields.rating_l2)
        self.bias_model = query_tower.bias_model
        self.biases = Biases(config, split, self.bias_model)
        self.user_counts = np.bincount(split.train.users, minlength=split.n_users)
        self.movie_counts = split.movie_counts
        self.roots = tf.constant(np.sqrt(np.maximum(self.movie_counts, 1)), tf.float32)
        width = self.members * fields.rating_dimension
        self.user_embedding = embedding_table("user_embedding", split.n_users, width, 0.05)
        self.residual_embedding = embedding_table("residual_embedding", split.n_movies, width, 0.05)
        retrieval = (query_tower.history_embedding, candidate_tower.movie_embedding)
        self.history, self.movies = (
            MovieVectors(
                split.n_movies,
                width,
                own=config.sharing != "all",
                shared=None if config.sharing == "none" else embedding,
            )
            for embedding in retrieval
        )
        features = (split.user_features, split.movie_features)
        user_features, movie_features = features if config.attributes else (None, None)
        self.user_attributes = Attributes(user_features, width, 0.05)
        self.movie_attributes = Attributes(movie_features, width, 0.05)
        self.raters = PooledRaters(split, width, pool_raters_every)

    def queries(self, batch: TensorBatch) -> tf.Tensor:
        """Return p(u) of a batch's users, `[n_queries, members * dimension]`."""
        sums = self._query_sums(batch, tf.add_n(self.history.parts()))
        return sums / tf.sqrt(history_lengths(batch))[:, tf.newaxis]

    def history_vectors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return Y and X, both `[n_movies, members * dimension]`."""
        return tf.add_n(self.history.parts()), tf.convert_to_tensor(self.residual_embedding)

    def candidates(self) -> tf.Tensor:
        """Return q(i) of all movies, `[n_movies, members * dimension]`."""
        sums = self._candidate_sums(self.movies.parts(), self.raters.pooled())
        return sums / self.roots[:, tf.newaxis]

    def _query_sums(self, batch: TensorBatch, history: tf.Tensor) -> tf.Tensor:
        """Return p(u) * sqrt(history length)."""
        users = tf.gather(self.user_embedding, batch["users"])
        users = self.user_attributes(users, batch["users"])
        sums = history_sums(batch, history, self.residual_embedding, self.bias_model)
        return sums + users * tf.sqrt(history_lengths(batch))[:, tf.newaxis]

    def _candidate_sums(self, movies: list[tf.Tensor], raters: tf.Tensor) -> tf.Tensor:
        """Return q(i) * sqrt(number of raters)."""
        own = self.movie_attributes(tf.add_n(movies))
        return own * self.roots[:, tf.newaxis] + raters

    def call(self, batch: TensorBatch) -> tuple[tf.Tensor, tf.Tensor]:
        """Return each member's predicted ratings, `[n, members]` in stars, and the L2 penalty.

        Leave-one-out: a train rating is predicted from the other ratings of its user and its
        movie, as a new rating will be. Its own terms are subtracted from p(u) and q(i).
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
            [1.0, -1.0, -batch_residuals(batch, self.bias_model)],
            n_queries + 2 * n_movies,
        )
        candidate_rows = sparse.selection(
            [movies, n_movies + users], [1.0, -1.0], n_movies + raters.shape[0]
        )
        products = sparse.dots(
            query_rows,
            tf.concat([queries, all_history, self.residual_embedding], axis=0),
            candidate_rows,
            tf.concat([candidates, raters], axis=0),
            self.members,
        )
        roots = tf.gather(self.roots, movies) * tf.sqrt(tf.gather(lengths, rows))
        ratings = self.biases(users, movies, products / roots[:, tf.newaxis])

        penalty = raters_penalty + mean_squared_norm(self.user_embedding, self.user_counts)
        for vectors in (self.residual_embedding, *history, *movie_parts):
            penalty += mean_squared_norm(vectors, self.movie_counts)
        sums = 2 * tf.nn.l2_loss(queries) / tf.cast(tf.size(rows), tf.float32)
        sums += 2 * tf.nn.l2_loss(candidates) / self.movie_counts.sum()
        penalty = self.l2 / self.members * (penalty + SUM_L2 * sums) + self.biases.penalty()
        return ratings, penalty
