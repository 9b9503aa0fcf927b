"""The towers: they map a user, or a movie, to a vector."""

import numpy as np
import tensorflow as tf

from recsys.baselines import BiasModel
from recsys.data.splits import Split
from recsys.model import sparse
from recsys.model.batches import TensorBatch
from recsys.model.draws import normal

# Weights of the residual embeddings and of the mapped attributes in the towers' L2 penalty.
RESIDUAL_L2 = 10.0
ATTRIBUTES_L2 = 2.0


class IdTower(tf.keras.layers.Layer):
    """One embedding per user: the query tower of the TFRS tutorial."""

    def __init__(self, n_users: int, dimension: int) -> None:
        super().__init__()
        self.user_embedding = tf.keras.layers.Embedding(n_users, dimension)

    def call(self, batch: TensorBatch) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        return self.user_embedding(batch["users"])


class HistoryTower(tf.keras.layers.Layer):
    """Represents a user by the movies in the history, without an embedding per user.

    query(u) = sum over the history of (H[j] + residual(u, j) G[j]) / sqrt(history length) + A[u]

    H (`history_embedding`) and G (`residual_embedding`) pool the history as in asymmetric SVD
    (Paterek 2007): H says which movies the user rated, G whether the user liked them; see
    `history_residuals`. A is a linear map of the user's attributes. The number of parameters grows
    with the catalogue and not with the number of users.
    """

    def __init__(
        self, split: Split, bias_model: BiasModel, *, dimension: int, attributes: bool
    ) -> None:
        super().__init__()
        self.history_embedding = embedding_table(
            "history_embedding", split.n_movies, dimension, stddev=0.01
        )
        self.residual_embedding = embedding_table(
            "residual_history_embedding", split.n_movies, dimension, stddev=0.001
        )
        self.attributes = Attributes(
            split.user_features if attributes else None, dimension, stddev=0.01
        )
        self.bias_model = bias_model

    def call(self, batch: TensorBatch) -> tf.Tensor:
        """Return the queries of a batch, `[n_queries, dimension]`."""
        sums = history_sums(batch, self.history_embedding, self.residual_embedding, self.bias_model)
        query = sums / tf.sqrt(history_lengths(batch))[:, tf.newaxis]
        return self.attributes(query, batch["users"])


class Attributes(tf.keras.layers.Layer):
    """Adds a linear map of the attributes of users, or of movies, to their vectors."""

    def __init__(self, features: np.ndarray | None, dimension: int, stddev: float) -> None:
        super().__init__()
        self.features = None if features is None else tf.constant(features)
        self.map = None
        if features is not None and features.shape[1]:
            self.map = embedding_table("attributes", features.shape[1], dimension, stddev)

    def call(self, vectors: tf.Tensor, codes: tf.Tensor | None = None) -> tf.Tensor:
        """Return `vectors` plus the mapped attributes, `[n, dimension]`.

        Args:
            vectors: `[n, dimension]`.
            codes: whose vectors these are, `[n]`; by default those of all users, or movies.
        """
        if self.map is None:
            return vectors
        features = self.features if codes is None else tf.gather(self.features, codes)
        return vectors + tf.matmul(features, self.map)

    def penalty(self, counts: np.ndarray) -> tf.Tensor:
        """Return the `mean_squared_norm` of the mapped attributes."""
        if self.map is None:
            return tf.zeros([])
        return mean_squared_norm(tf.matmul(self.features, self.map), counts)


class CandidateTower(tf.keras.layers.Layer):
    """One embedding per movie."""

    def __init__(self, movie_embedding: tf.Variable) -> None:
        super().__init__()
        self.movie_embedding = movie_embedding

    def call(self, movies: tf.Tensor) -> tf.Tensor:
        """Return the embeddings of these movies, `[n, dimension]`."""
        return tf.gather(self.movie_embedding, movies)


class CatalogueTower(CandidateTower):
    """One embedding and one bias per movie."""

    def __init__(self, n_movies: int, dimension: int) -> None:
        super().__init__(embedding_table("movie_embedding", n_movies, dimension, stddev=0.01))
        self.bias = tf.Variable(tf.zeros(n_movies), name="movie_score_bias")


def history_sums(
    batch: TensorBatch,
    history_vectors: tf.Tensor,
    residual_vectors: tf.Tensor,
    bias_model: BiasModel,
) -> tf.Tensor:
    """Return the sum over each history of H[j] + residual(u, j) G[j].

    Args:
        batch: the histories.
        history_vectors: H, `[n_movies, dimension]`.
        residual_vectors: G, `[n_movies, dimension]`.
        bias_model: gives the residuals.

    Returns:
        One sum per query, `[n_queries, dimension]`.
    """
    n_movies, n_queries = history_vectors.shape[0], tf.size(batch["users"])
    residuals = history_residuals(batch, bias_model)
    values = tf.concat([tf.ones_like(residuals), residuals], axis=0)
    columns = tf.concat([batch["movies"], n_movies + batch["movies"]], axis=0)
    cells = tf.stack([tf.tile(batch["rows"], [2]), columns], axis=1)
    shape = tf.cast(tf.stack([n_queries, 2 * n_movies]), tf.int64)
    histories = sparse.Matrix(cells, values, shape)
    return sparse.products(histories, tf.concat([history_vectors, residual_vectors], axis=0))


def history_lengths(batch: TensorBatch) -> tf.Tensor:
    """Return the number of ratings in each history, `[n_queries]`; 1 for an empty history."""
    ones = tf.ones_like(batch["ratings"])
    lengths = tf.math.unsorted_segment_sum(ones, batch["rows"], tf.size(batch["users"]))
    return tf.maximum(lengths, 1.0)


def batch_residuals(batch: TensorBatch, bias_model: BiasModel) -> tf.Tensor:
    """Return the residual of each rating of a batch, `[n]`, in standard deviations."""
    users = tf.gather(batch["users"], batch["rows"])
    user_bias = tf.gather(bias_model.user_bias, users) / bias_model.std
    return history_residuals(batch, bias_model) - user_bias


def history_residuals(batch: TensorBatch, bias_model: BiasModel) -> tf.Tensor:
    """Return `BiasModel.residuals_of_history` of each rating of a batch, `[n]`."""
    biases = tf.gather(bias_model.movie_bias, batch["movies"])
    return (batch["ratings"] - bias_model.mean - biases) / bias_model.std


def embedding_table(name: str, n: int, dimension: int, stddev: float) -> tf.Variable:
    """Return `n` embeddings, drawn from a normal distribution around 0.

    `stddev` is small: a movie or user without ratings keeps a vector near 0, and so a score near
    its bias.
    """
    return tf.Variable(normal([n, dimension], stddev), name=name)


def mean_squared_norm(vectors: tf.Tensor, counts: np.ndarray, added: float = 0.0) -> tf.Tensor:
    """Return the mean over the train ratings of the squared norm of the rating's vector.

    Args:
        vectors: one for each user, or movie, `[n, dimension]`.
        counts: number of train ratings of each, `[n]`.
        added: each vector counts as if it had this many ratings more. The mean is still over the
            ratings that are there.
    """
    roots = np.sqrt(2 * (counts + added) / counts.sum()).astype(np.float32)
    return tf.nn.l2_loss(roots[:, np.newaxis] * vectors)  # half the sum of the squares


def tower_penalty(
    split: Split, query_tower: HistoryTower, candidate_tower: CatalogueTower
) -> tf.Tensor:
    """Return the L2 penalty of the retrieval towers: a mean over the train ratings.

    Each movie counts as if it had as many more ratings as a user has on average. The retrieval
    loss has a term for every pair of a user and a movie, rated or not, so a penalty that grows with
    a movie's own ratings alone hardly holds those that have few. This is the form (n + a) of iALS
    (Rendle et al. 2022, "Revisiting the Performance of iALS on Item Recommendation Benchmarks").
    """
    users = np.bincount(split.train.users, minlength=split.n_users)
    movies = split.movie_counts
    added = len(split.train) / max(1, int(np.count_nonzero(users)))

    def of_movies(vectors: tf.Tensor) -> tf.Tensor:
        return mean_squared_norm(vectors, movies, added)

    penalty = of_movies(query_tower.history_embedding)
    penalty += of_movies(candidate_tower.movie_embedding)
    penalty += RESIDUAL_L2 * of_movies(query_tower.residual_embedding)
    return penalty + ATTRIBUTES_L2 * query_tower.attributes.penalty(users)
