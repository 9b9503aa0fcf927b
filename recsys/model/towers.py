"""The towers: what turns a user, or a movie, into a vector."""

import numpy as np
import tensorflow as tf

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

    query(u) = sum of H[i] over the history / sqrt(its length)

    The pooling is that of asymmetric SVD (Paterek 2007). A user is known by the history alone, so
    the model grows with the catalogue and not with the number of users.
    """

    def __init__(self, n_movies: int, dimension: int) -> None:
        super().__init__()
        self.history_embedding = table("history_embedding", n_movies, dimension, stddev=0.01)

    def call(self, batch: Batch) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        roots = tf.sqrt(history_lengths(batch))[:, tf.newaxis]
        return history_sums(batch, self.history_embedding) / roots


class CandidateTower(tf.keras.layers.Layer):
    """A vector for each movie and, if asked for, a bias."""

    def __init__(self, movie_embedding: tf.Variable, bias: tf.Variable | None = None) -> None:
        super().__init__()
        self.movie_embedding = movie_embedding
        self.bias = bias

    def call(self, movies: tf.Tensor) -> tf.Tensor:
        """Return the vectors of these movies, `[n, dimension]`."""
        return tf.gather(self.movie_embedding, movies)


def history_sums(batch: Batch, vectors: tf.Tensor, values: tf.Tensor | None = None) -> tf.Tensor:
    """Return the sum of `vectors` over each history, `[n_queries, dimension]`.

    Args:
        batch: the histories.
        vectors: one for each movie, `[n_movies, dimension]`.
        values: what each rating's vector is multiplied by, `[n]`; 1 by default.

    A sparse product, because gathering a vector for every rating and adding them up takes several
    times as long.
    """
    histories = tf.SparseTensor(
        tf.cast(tf.stack([batch["rows"], batch["movies"]], axis=1), tf.int64),
        tf.ones_like(batch["ratings"]) if values is None else values,
        tf.cast(tf.stack([tf.size(batch["users"]), vectors.shape[0]]), tf.int64),
    )
    return tf.sparse.sparse_dense_matmul(histories, vectors)


def history_lengths(batch: Batch) -> tf.Tensor:
    """Return the length of each history, `[n_queries]`; 1 where it is empty."""
    ones = tf.ones_like(batch["ratings"])
    lengths = tf.math.unsorted_segment_sum(ones, batch["rows"], tf.size(batch["users"]))
    return tf.maximum(lengths, 1.0)


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
    share = (counts / counts.sum()).astype(np.float32)
    return tf.reduce_sum(share[:, np.newaxis] * vectors**2)
