"""The towers: what turns a user, or a movie, into a vector."""

import numpy as np
import tensorflow as tf

Batch = dict[str, tf.Tensor]


class IdTower(tf.keras.layers.Layer):
    """A vector for each user: the query tower of the TFRS tutorial."""

    def __init__(self, n_users: int, dimension: int) -> None:
        super().__init__()
        self.user_embedding = tf.keras.layers.Embedding(n_users, dimension)

    def call(self, batch: Batch, training: bool = False) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        return self.user_embedding(batch["users"])


class HistoryTower(tf.keras.layers.Layer):
    """A user's own vector plus the pooled vectors of the movies in the history.

    query(u) = U[u] + sum of H[i] over the history / sqrt(length of the history)

    The pooling is that of SVD++ (Koren 2008) and of asymmetric SVD. In training a random part of
    each history is hidden, so that a movie's vector learns to speak for the others (the denoising
    of Mult-DAE, Liang et al. 2018).
    """

    def __init__(
        self, n_users: int, n_movies: int, dimension: int, dropout: float = 0.0, seed: int = 0
    ):
        super().__init__()
        self.user_embedding = embedding(n_users, dimension)
        self.history_embedding = embedding(n_movies, dimension)
        self.dropout = dropout
        self.random = tf.random.Generator.from_seed(seed)

    def call(self, batch: Batch, training: bool = False) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        vectors = self.history_embedding(batch["movies"])
        kept = tf.ones_like(batch["ratings"])
        if training and self.dropout > 0:
            kept = tf.cast(self.random.uniform(tf.shape(kept)) >= self.dropout, tf.float32)
        n_queries = tf.size(batch["users"])
        pooled = tf.math.unsorted_segment_sum(
            vectors * kept[:, tf.newaxis], batch["rows"], n_queries
        )
        length = tf.math.unsorted_segment_sum(kept, batch["rows"], n_queries)
        return (
            self.user_embedding(batch["users"])
            + pooled * tf.math.rsqrt(tf.maximum(length, 1.0))[:, tf.newaxis]
        )


class CandidateTower(tf.keras.layers.Layer):
    """A vector for each movie and, if asked for, a bias that starts at its log popularity."""

    def __init__(self, movie_embedding: tf.keras.layers.Embedding, bias: np.ndarray | None = None):
        super().__init__()
        self.movie_embedding = movie_embedding
        self.bias = None if bias is None else tf.Variable(bias, dtype=tf.float32, name="bias")

    def call(self, movies: tf.Tensor) -> tf.Tensor:
        """Return the vectors of these movies, `[n, dimension]`."""
        return self.movie_embedding(movies)


def embedding(n: int, dimension: int) -> tf.keras.layers.Embedding:
    """Return `n` vectors that start near 0: what nobody rated then scores near its bias."""
    normal = tf.keras.initializers.RandomNormal(stddev=0.01)
    return tf.keras.layers.Embedding(n, dimension, embeddings_initializer=normal)
