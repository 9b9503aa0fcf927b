"""The towers: what turns a user, or a movie, into a vector."""

import numpy as np
import tensorflow as tf

from recsys.baselines import Residuals
from recsys.data.splits import Split
from recsys.model import sparse

Batch = dict[str, tf.Tensor]


class IdTower(tf.keras.layers.Layer):
    """A vector for each user: the query tower of the TFRS tutorial."""

    def __init__(self, n_users: int, dimension: int) -> None:
        super().__init__()
        self.user_embedding = tf.keras.layers.Embedding(n_users, dimension)

    def call(self, batch: Batch) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        return self.user_embedding(batch["users"])


class HistoryTower(tf.keras.layers.Layer):
    """A user is the sum of the movies in the history: no vector of the user's own.

    query(u) = sum over the history of (H[j] + residual(u, j) G[j]) / sqrt(its length) + A[u]

    The pooling is that of asymmetric SVD, G with it (Paterek 2007): what somebody liked says
    something else of them than what they have only rated. A is a linear map of what is known of
    the user beside the ratings. A user is known by these alone, so the model grows with the
    catalogue and not with the number of users.
    """

    def __init__(
        self, split: Split, residuals: Residuals, *, dimension: int, attributes: bool
    ) -> None:
        super().__init__()
        self.history_embedding = table("history_embedding", split.n_movies, dimension, stddev=0.01)
        self.rated_embedding = table(
            "rated_history_embedding", split.n_movies, dimension, stddev=0.001
        )
        self.attributes = Attributes(
            split.user_features if attributes else None, dimension, stddev=0.01
        )
        self.residuals = residuals

    def call(self, batch: Batch) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        sums = history_sums(batch, self.history_embedding, self.rated_embedding, self.residuals)
        query = sums / tf.sqrt(history_lengths(batch))[:, tf.newaxis]
        return self.attributes(query, batch["users"])


class Attributes(tf.keras.layers.Layer):
    """Adds a linear map of what is known of users, or of movies, to their vectors."""

    def __init__(self, features: np.ndarray | None, dimension: int, stddev: float) -> None:
        super().__init__()
        self.features = None if features is None else tf.constant(features)
        self.map = None
        if features is not None and features.shape[1]:
            self.map = table("attributes", features.shape[1], dimension, stddev)

    def call(self, vectors: tf.Tensor, codes: tf.Tensor | None = None) -> tf.Tensor:
        """Return `vectors` [n, dimension] with those of these codes, or of all, added."""
        if self.map is None:
            return vectors
        features = self.features if codes is None else tf.gather(self.features, codes)
        return vectors + tf.matmul(features, self.map)

    def penalty(self, counts: np.ndarray) -> tf.Tensor:
        """Return the `row_penalty` of what is added."""
        if self.map is None:
            return tf.zeros([])
        return row_penalty(tf.matmul(self.features, self.map), counts)


class CandidateTower(tf.keras.layers.Layer):
    """A vector for each movie."""

    def __init__(self, movie_embedding: tf.Variable) -> None:
        super().__init__()
        self.movie_embedding = movie_embedding

    def call(self, movies: tf.Tensor) -> tf.Tensor:
        """Return the vectors of these movies, `[n, dimension]`."""
        return tf.gather(self.movie_embedding, movies)


class CatalogueTower(CandidateTower):
    """A vector and a bias for each movie."""

    def __init__(self, n_movies: int, dimension: int) -> None:
        super().__init__(table("movie_embedding", n_movies, dimension, stddev=0.01))
        self.bias = tf.Variable(tf.zeros(n_movies), name="movie_score_bias")


def history_sums(
    batch: Batch, history: tf.Tensor, rated: tf.Tensor, residuals: Residuals
) -> tf.Tensor:
    """Return the sum of history[j] + residual * rated[j] over each history, `[n_queries, d]`.

    Args:
        batch: the histories.
        history: a vector for each movie, `[n_movies, d]`.
        rated: another one, which counts as often as the rating has residuals, `[n_movies, d]`.
        residuals: what the biases leave of a rating.
    """
    n_movies, n_queries = history.shape[0], tf.size(batch["users"])
    values = tf.concat([tf.ones_like(batch["ratings"]), residuals_of(batch, residuals)], axis=0)
    columns = tf.concat([batch["movies"], n_movies + batch["movies"]], axis=0)
    cells = tf.stack([tf.tile(batch["rows"], [2]), columns], axis=1)
    shape = tf.cast(tf.stack([n_queries, 2 * n_movies]), tf.int64)
    histories = tf.SparseTensor(tf.cast(cells, tf.int64), values, shape)
    return sparse.products(histories, tf.concat([history, rated], axis=0))


def history_lengths(batch: Batch) -> tf.Tensor:
    """Return the length of each history, `[n_queries]`; 1 where it is empty."""
    ones = tf.ones_like(batch["ratings"])
    lengths = tf.math.unsorted_segment_sum(ones, batch["rows"], tf.size(batch["users"]))
    return tf.maximum(lengths, 1.0)


def residuals_of(batch: Batch, residuals: Residuals) -> tf.Tensor:
    """Return what the biases leave of each rating of a batch, `[n]` in units of spread."""
    users = tf.gather(batch["users"], batch["rows"])
    biases = tf.gather(residuals.user_bias, users)
    biases += tf.gather(residuals.movie_bias, batch["movies"])
    return (batch["ratings"] - residuals.mean - biases) / residuals.spread


def table(name: str, n: int, dimension: int, stddev: float) -> tf.Variable:
    """Return `n` vectors that start near 0: what nobody rated then scores near its bias."""
    start = tf.random.normal([n, dimension], stddev=stddev)
    return tf.Variable(start, name=name)


def row_penalty(vectors: tf.Tensor, counts: np.ndarray) -> tf.Tensor:
    """Return the mean over the train ratings of the squared length of the rating's vector.

    Args:
        vectors: one for each user, or movie, `[n, dimension]`.
        counts: how many train ratings each has, `[n]`.
    """
    roots = np.sqrt(2 * counts / counts.sum()).astype(np.float32)
    return tf.nn.l2_loss(roots[:, np.newaxis] * vectors)  # half the sum of the squares
