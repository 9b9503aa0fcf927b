"""What the rating head reads from the retrieval query."""

import tensorflow as tf

from recsys.model import sparse
from recsys.model.batches import TensorBatch
from recsys.model.towers import HistoryTower, history_lengths, history_residuals

# Relative to that of the history's embeddings, over the root of the dimension: the more numbers a
# query has, the smaller each is.
READING_L2 = 45.0


class QueryReading(tf.keras.layers.Layer):
    """Adds query(u) · W[i] to the products of the rating head: W has a row for each movie.

    The query says which movies the user watches. For a given query this is a ridge regression of
    each movie's ratings, which keeps the many weak directions that a product of two penalised
    embeddings loses. The query is not trained by it.
    """

    def __init__(self, n_movies: int, query_tower: HistoryTower) -> None:
        super().__init__()
        self.query_tower = query_tower
        dimension = query_tower.history_embedding.shape[1]
        self.weights_of_movies = tf.Variable(tf.zeros([n_movies, dimension]), name="reading")

    def products(self, batch: TensorBatch, query: tf.Tensor) -> tf.Tensor:
        """Return query(u) · W[i] of each rating of a batch, `[n]`.

        Leave-one-out: the query is that of the other ratings of the user.

        Args:
            batch: the ratings.
            query: of each of its users, `[n_queries, dimension]`.
        """
        tower, weights = self.query_tower, tf.convert_to_tensor(self.weights_of_movies)
        rows, movies = batch["rows"], batch["movies"]
        products = sparse.dots(tf.stop_gradient(query), weights, rows, movies)[:, 0]
        history, residual = (
            tf.gather(tf.reduce_sum(tf.stop_gradient(vectors) * weights, axis=1), movies)
            for vectors in (tower.history_embedding, tower.residual_embedding)
        )
        own = history + history_residuals(batch, tower.bias_model) * residual
        return products - own * tf.math.rsqrt(tf.gather(history_lengths(batch), rows))

    def penalty(self) -> tf.Tensor:
        """Return the squared norm of W, times its factor in the penalty of the rating head."""
        weights = self.weights_of_movies
        return READING_L2 * weights.shape[1] ** -0.5 * 2 * tf.nn.l2_loss(weights)
