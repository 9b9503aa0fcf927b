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
from recsys.model.reading import QueryReading
from recsys.model.towers import (
    Attributes,
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    embedding_table,
    history_lengths,
    history_residuals,
    history_sums,
)

# The penalties are those of normal priors: a vector is held as much as these numbers of ratings
# would, however many it has. Where ratings are noisy or few, that is much; where a user or movie
# has many, it is little.
USER_BIAS_RATINGS, MOVIE_BIAS_RATINGS = 10.0, 5.0
PRIOR_RATINGS = 200.0  # of embeddings, times `rating_l2` and the factors below
USER_L2, RATER_L2, MOVIE_L2 = 2.0, 7.0, 12.0  # relative to that of the history's embeddings
# The vectors of a user with so many ratings are held twice as much as those of one with very many.
FEW_RATINGS = 30.0
# A user's bias gets a gradient in one batch of an epoch, so Adam moves it little. This factor makes
# up for it.
USER_BIAS_SPEED = 6.0
RATERS_BIAS = 3.0  # what a movie's bias by its raters is multiplied by; the more, the freer it is
# Share of the rating loss's gradient that reaches the embeddings shared with retrieval. With the
# whole gradient they overfit the train ratings.
SHARED_GRADIENT = 0.15


class TutorialRatingHead(tf.keras.layers.Layer):
    """An MLP over the vectors of both towers: the rating head of the TFRS tutorial."""

    def __init__(self, candidate_tower: CandidateTower) -> None:
        super().__init__()
        self.candidate_tower = candidate_tower
        hidden = [tf.keras.layers.Dense(size, activation="relu") for size in (256, 128)]
        self.mlp = tf.keras.Sequential([*hidden, tf.keras.layers.Dense(1)])

    def queries(self, batch: TensorBatch, query: tf.Tensor) -> tf.Tensor:
        """Return the vectors of a batch's users, `[n_queries, dimension]`: those of the tower."""
        return query

    def candidates(self) -> tf.Tensor:
        """Return the vectors of all movies, `[n_movies, dimension]`."""
        return self.candidate_tower.movie_embedding

    def call(self, batch: TensorBatch, query: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the predicted ratings of a batch, `[n]` in stars, and an L2 penalty of 0."""
        users = tf.gather(query, batch["rows"])
        pair = tf.concat([users, self.candidate_tower(batch["movies"])], axis=1)
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
        self.n_ratings = len(split.train)
        self.user_bias = tf.Variable(tf.zeros(split.n_users), name="user_bias")
        self.movie_bias = tf.Variable(tf.zeros(split.n_movies), name="movie_bias")

    def call(self, users: tf.Tensor, movies: tf.Tensor, products: tf.Tensor) -> tf.Tensor:
        """Return ratings in stars, `[n, members]`, from the members' products, `[n, members]`."""
        biases = tf.gather(self.user_biases(), users) + tf.gather(self.movie_bias, movies)
        return self.mean + self.std * (products + biases[:, tf.newaxis])

    def user_biases(self) -> tf.Tensor:
        """Return the users' biases, `[n_users]`, in standard deviations."""
        return USER_BIAS_SPEED * self.user_bias

    def penalty(self) -> tf.Tensor:
        """Return the L2 penalty of the biases."""
        users, movies = (2 * tf.nn.l2_loss(bias) for bias in (self.user_biases(), self.movie_bias))
        return (USER_BIAS_RATINGS * users + MOVIE_BIAS_RATINGS * movies) / self.n_ratings


class DuetRatingHead(tf.keras.layers.Layer):
    """Predicts mean + std * (user bias + movie bias + p(u) · q(i) + query(u) · W[i]), in stars.

    p(u) = P[u] + sum over the history of (Y[j] + residual(u, j) X[j]) / sqrt(history length)
    q(i) = Q[i] + sum over the users who rated i of Z[v] / sqrt(their number)

    The history is pooled as in SVD++ (Y; Koren 2008) and in asymmetric SVD (X; Paterek 2007), see
    `history_residuals`. The pooled raters are SVD++ with users and movies exchanged ("flipped"
    SVD++; Rendle et al. 2019, "On the difficulty of evaluating baselines"). A linear map of the
    attributes of users and movies is added to P and Q. Y and Q are `MovieVectors`: `sharing` says
    whether they are embeddings, linear maps of the retrieval embeddings, or the sums of both. The
    last term reads the retrieval query, see `QueryReading`; without sharing there is none.

    `rating_members` heads train in parallel, each on its own loss and from its own initial values,
    and are averaged: the mean has less variance than one head with as many parameters. Their
    vectors are columns of the same tables.

    The last dimension of p(u) is the same number for all users. So that of q(i) is a bias of the
    movie, which depends on its attributes and on who rated it.

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
        self.dimension: int = fields.rating_dimension
        self.l2 = number(fields.rating_l2)
        self.bias_model = query_tower.bias_model
        self.biases = Biases(config, split, self.bias_model)
        self.n_ratings = len(split.train)
        self.roots = tf.constant(np.sqrt(np.maximum(split.movie_counts, 1)), tf.float32)
        width = self.members * fields.rating_dimension
        is_last = np.arange(width) % fields.rating_dimension == fields.rating_dimension - 1
        self.constant = tf.constant(RATERS_BIAS * is_last, tf.float32)
        self.learnt = tf.constant(~is_last, tf.float32)  # the other dimensions of p(u)
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
        shares = config.sharing != "none"
        self.reading = QueryReading(split.n_movies, query_tower) if shares else None
        features = (split.user_features, split.movie_features)
        user_features, movie_features = features if config.attributes else (None, None)
        self.user_attributes = Attributes(user_features, width, 0.05)
        self.movie_attributes = Attributes(movie_features, width, 0.05)
        counts = np.maximum(np.bincount(split.train.users, minlength=split.n_users), 1)
        penalties = 1 + FEW_RATINGS / counts[:, np.newaxis]
        self.user_roots = tf.constant(np.sqrt(penalties), tf.float32)
        self.raters = PooledRaters(split, width, pool_raters_every, self.user_roots)

    def queries(self, batch: TensorBatch, query: tf.Tensor) -> tf.Tensor:
        """Return p(u) of a batch's users, and beside it what is read of their queries.

        It is `[n_queries, members * dimension + embedding dimension]`. The second part is times
        `members`: the product with `candidates` is a sum over the members.
        """
        sums = self._query_sums(batch, *self._own_history_vectors())
        own = sums / tf.sqrt(history_lengths(batch))[:, tf.newaxis]
        return own if self.reading is None else self._beside(own, query)

    def history_vectors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return what each movie of a history adds to `queries`: as it is, and times the residual.

        Both are `[n_movies, members * dimension + embedding dimension]`.
        """
        history, residual = self._own_history_vectors()
        if self.reading is None:
            return history, residual
        tower = self.reading.query_tower
        return (
            self._beside(history, tower.history_embedding),
            self._beside(residual, tower.residual_embedding),
        )

    def candidates(self) -> tf.Tensor:
        """Return q(i) of all movies and beside it W, `[n_movies, as in `queries`]`."""
        sums = self._candidate_sums(self.movies.parts(), self.raters.pooled())
        own = sums / self.roots[:, tf.newaxis]
        return own if self.reading is None else tf.concat([own, self.reading.weights_of_movies], 1)

    def _beside(self, own: tf.Tensor, read: tf.Tensor) -> tf.Tensor:
        return tf.concat([own, self.members * read], axis=1)

    def _own_history_vectors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return Y and X, both `[n_movies, members * dimension]`."""
        history = self.learnt * tf.add_n(self.history.parts())
        return history, self.learnt * self.residual_embedding

    def _by_member(self, *vectors: tf.Tensor) -> tf.Tensor:
        """Return the vectors side by side, member by member."""
        parts = [tf.reshape(one, [-1, self.members, self.dimension]) for one in vectors]
        return tf.reshape(tf.concat(parts, axis=2), [-1, len(vectors) * self.constant.shape[0]])

    def _member_dots(self, a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
        """Return the members' dot products of equal rows, `[n, members]`."""
        return tf.reduce_sum(tf.reshape(a * b, [-1, self.members, self.dimension]), axis=2)

    def _query_sums(self, batch: TensorBatch, history: tf.Tensor, residual: tf.Tensor) -> tf.Tensor:
        """Return p(u) * sqrt(history length), from Y and X."""
        users = tf.gather(self.user_embedding, batch["users"])
        users = self.learnt * self.user_attributes(users, batch["users"]) + self.constant
        sums = history_sums(batch, history, residual, self.bias_model)
        return sums + users * tf.sqrt(history_lengths(batch))[:, tf.newaxis]

    def _candidate_sums(self, movies: list[tf.Tensor], raters: tf.Tensor) -> tf.Tensor:
        """Return q(i) * sqrt(number of raters)."""
        own = self.movie_attributes(tf.add_n(movies))
        return own * self.roots[:, tf.newaxis] + raters

    def call(self, batch: TensorBatch, query: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return each member's predicted ratings, `[n, members]` in stars, and the L2 penalty.

        Leave-one-out: a train rating is predicted from the other ratings of its user and its
        movie, as a new rating will be. Its own terms are subtracted from p(u) and q(i).

        Args:
            batch: the ratings.
            query: the retrieval query of each of its users, `[n_queries, embedding dimension]`.
        """
        rows, movies = batch["rows"], batch["movies"]
        users = tf.gather(batch["users"], rows)
        lengths = history_lengths(batch)
        history_parts, movie_parts = self.history.parts(), self.movies.parts()
        history = self.learnt * tf.add_n(history_parts)
        residual = self.learnt * self.residual_embedding
        pooled, raters, raters_norm = self.raters.in_training()
        queries = self._query_sums(batch, history, residual)
        candidates = self._candidate_sums(movie_parts, pooled)

        # (query - Y[i] - residual X[i]) · (candidate - Z[u]), multiplied out
        own_raters = tf.gather(raters, batch["users"])
        residuals = history_residuals(batch, self.bias_model)[:, tf.newaxis]
        products = sparse.dots(
            self._by_member(queries, own_raters),
            self._by_member(candidates, history),
            rows,
            movies,
            self.members,
        )
        products += residuals * sparse.dots(own_raters, residual, rows, movies, self.members)
        products -= tf.gather(self._member_dots(queries, own_raters), rows)
        products -= tf.gather(self._member_dots(candidates, history), movies)
        products -= residuals * tf.gather(self._member_dots(candidates, residual), movies)
        roots = tf.gather(self.roots, movies) * tf.sqrt(tf.gather(lengths, rows))
        products /= roots[:, tf.newaxis]
        if self.reading is not None:
            products += self.reading.products(batch, query)[:, tf.newaxis]
        ratings = self.biases(users, movies, products)

        def norm(*tables: tf.Tensor) -> tf.Tensor:
            return 2 * tf.add_n([tf.nn.l2_loss(table) for table in tables])

        norms = norm(self.residual_embedding, *history_parts) + MOVIE_L2 * norm(*movie_parts)
        norms += USER_L2 * norm(self.user_roots * self.user_embedding)
        norms += RATER_L2 * raters_norm
        norms /= self.members
        if self.reading is not None:
            norms += self.reading.penalty()
        penalty = self.l2 * PRIOR_RATINGS / self.n_ratings * norms
        return ratings, penalty + self.biases.penalty()
