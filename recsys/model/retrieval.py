"""The retrieval task: which movies will this user watch?"""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.losses import SquaredRetrieval
from recsys.model.towers import Batch, CandidateTower, HistoryTower, history_lengths


class InBatchSoftmax(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Tell each query's movie from the other movies of the batch, as the TFRS tutorial does."""

    def __init__(self, candidate_tower: CandidateTower) -> None:
        super().__init__()
        self.candidate_tower = candidate_tower
        self.task = tfrs.tasks.Retrieval()

    def call(self, query: tf.Tensor, batch: Batch) -> tf.Tensor:
        """Return the mean loss over the batch's ratings, in nats, for `query` [n_queries, d]."""
        candidates = self.candidate_tower(batch["movies"])
        # The TFRS task sums over the batch; a mean does not change with the batch size.
        total = self.task(query, candidates, compute_metrics=False)
        return total / tf.cast(tf.size(batch["movies"]), tf.float32)


class CatalogueSquares(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Score 1 for what a user has rated and 0 for all the rest of the catalogue.

    The loss is `recsys.losses.SquaredRetrieval`, exact over all movies: nothing is sampled. With
    the Gram matrix of the candidates the sum over a whole catalogue costs d² a user, not
    n_movies * d (Rendle et al. 2022, "Revisiting the performance of iALS").

    A rated movie is scored by the rest of the history, as it will be when it is new: scored with
    itself in the history, it would learn to name itself. EASE has a zero diagonal for the same
    reason (Steck 2019).
    """

    def __init__(
        self, query_tower: HistoryTower, candidate_tower: CandidateTower, loss: SquaredRetrieval
    ) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.loss = loss

    def call(self, query: tf.Tensor, batch: Batch) -> tf.Tensor:
        """Return the mean loss over the batch's ratings for `query` [n_queries, d]."""
        rows, movies = batch["rows"], batch["movies"]
        candidates = self.candidate_tower.movie_embedding
        bias = tf.reshape(self.candidate_tower.bias, [-1, 1])
        with_bias = tf.concat([candidates, bias], axis=1)
        query = tf.concat([query, tf.ones_like(query[:, :1])], axis=1)
        lengths = history_lengths(batch)
        weights = self.loss.user_weights(lengths)  # [n_queries]
        rating_weights = tf.gather(weights, rows)

        gram = tf.matmul(with_bias, with_bias, transpose_a=True)
        all_squares = tf.reduce_sum(tf.matmul(query, gram) * query, axis=1)
        scores = tf.reduce_sum(tf.gather(query, rows) * tf.gather(with_bias, movies), axis=1)
        own = tf.reduce_sum(self.query_tower.history_embedding * candidates, axis=1)
        left_out = scores - tf.gather(own, movies) * tf.math.rsqrt(tf.gather(lengths, rows))

        rated = tf.reduce_sum(rating_weights * (1 - left_out) ** 2)
        unrated = tf.reduce_sum(weights * all_squares) - tf.reduce_sum(rating_weights * scores**2)
        return (rated + self.loss.unrated_weight * unrated) / tf.reduce_sum(rating_weights)
