"""The retrieval tasks: losses of the scores that rank the catalogue for a user."""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.model import sparse
from recsys.model.batches import TensorBatch
from recsys.model.losses import SquaredRetrieval
from recsys.model.numbers import number
from recsys.model.towers import (
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    batch_residuals,
    history_lengths,
    history_residuals,
)


class InBatchSoftmax(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Softmax cross-entropy with the batch's other movies as negatives, as in the TFRS tutorial.

    `tfrs.tasks.Retrieval` scores each rating's user with each rating's movie, `[n, n]`. A batch has
    the same users and movies many times: here each pair is scored once, and a movie that the batch
    has m times counts m times among the candidates. The loss and its gradient are the same.
    """

    def __init__(self, candidate_tower: CandidateTower) -> None:
        super().__init__()
        self.candidate_tower = candidate_tower

    def call(self, query: tf.Tensor, batch: TensorBatch) -> tf.Tensor:
        """Return the mean loss over the batch's ratings, in nats, for `query` [n_queries, d]."""
        movies, columns, counts = tf.unique_with_counts(batch["movies"])
        candidates = self.candidate_tower(movies)  # [n_candidates, d]
        scores = tf.matmul(query, candidates, transpose_b=True)  # [n_queries, n_candidates]
        copies = tf.math.log(tf.cast(counts, tf.float32))
        totals = tf.reduce_logsumexp(scores + copies, axis=1)  # [n_queries]

        rated = sparse.dots(query, candidates, batch["rows"], columns)[:, 0]
        return tf.reduce_mean(tf.gather(totals, batch["rows"]) - rated)


class CatalogueSquaredError(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Squared error over the whole catalogue: target 1 for rated movies, 0 for the rest.

    The loss is `recsys.model.losses.SquaredRetrieval`: the target is a little more than 1 for liked
    movies. It is exact, without sampled negatives: with the Gram matrix of the candidates, the sum
    over the catalogue costs d² per user instead of n_movies * d (Rendle et al. 2022, "Revisiting
    the performance of iALS").

    A rated movie is scored without itself in the history (leave-one-out), or the model would copy
    its input. EASE has a zero diagonal for the same reason (Steck 2019).
    """

    def __init__(
        self, query_tower: HistoryTower, candidate_tower: CatalogueTower, loss: SquaredRetrieval
    ) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.loss = loss
        self.unrated_weight = number(loss.unrated_weight)

    def call(self, query: tf.Tensor, batch: TensorBatch) -> tf.Tensor:
        """Return the mean loss over the batch's ratings for `query` [n_queries, d]."""
        rows, movies = batch["rows"], batch["movies"]
        candidates, bias = self.candidate_tower.movie_embedding, self.candidate_tower.bias
        residuals = batch_residuals(batch, self.loss.bias_model)
        lengths = history_lengths(batch)
        weights = self.loss.user_weights(lengths)  # [n_queries]
        rating_weights = tf.gather(weights, rows)

        scores = sparse.dots(query, candidates, rows, movies)[:, 0] + tf.gather(bias, movies)
        own = self._self_scores(self.query_tower.history_embedding, movies)
        own += self._self_scores(self.query_tower.residual_embedding, movies) * history_residuals(
            batch, self.loss.bias_model
        )
        left_out = scores - own * tf.math.rsqrt(tf.gather(lengths, rows))

        rated = tf.reduce_sum(rating_weights * tf.square(self.loss.targets(residuals) - left_out))
        unrated = tf.reduce_sum(weights * self._squared_scores(query))
        unrated -= tf.reduce_sum(rating_weights * tf.square(scores))
        return (rated + self.unrated_weight * unrated) / tf.reduce_sum(rating_weights)

    def _self_scores(self, history: tf.Variable, movies: tf.Tensor) -> tf.Tensor:
        """Return the product of each movie's history vector and its own candidate vector, `[n]`."""
        products = tf.reduce_sum(history * self.candidate_tower.movie_embedding, axis=1)
        return tf.gather(products, movies)

    def _squared_scores(self, query: tf.Tensor) -> tf.Tensor:
        """Return the sum over the catalogue of each query's squared scores, `[n_queries]`."""
        bias = self.candidate_tower.bias[:, tf.newaxis]
        with_bias = tf.concat([self.candidate_tower.movie_embedding, bias], axis=1)
        query = tf.concat([query, tf.ones_like(query[:, :1])], axis=1)
        gram = tf.matmul(with_bias, with_bias, transpose_a=True)
        return tf.reduce_sum(tf.matmul(query, gram) * query, axis=1)
