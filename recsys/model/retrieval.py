"""The retrieval task: which movies will this user watch?"""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.losses import SquaredRetrieval
from recsys.model import sparse
from recsys.model.towers import (
    Batch,
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    history_lengths,
    residuals_of,
)


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
    """Score 1 for what a user has rated, more for what they liked, and 0 for the rest.

    The loss is `recsys.losses.SquaredRetrieval`, exact over all movies: nothing is sampled. With
    the Gram matrix of the candidates the sum over a whole catalogue costs d² a user, not
    n_movies * d (Rendle et al. 2022, "Revisiting the performance of iALS").

    A rated movie is scored by the rest of the history, as it will be when it is new: scored with
    itself in the history, it would learn to name itself. EASE has a zero diagonal for the same
    reason (Steck 2019).
    """

    def __init__(
        self, query_tower: HistoryTower, candidate_tower: CatalogueTower, loss: SquaredRetrieval
    ) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.loss = loss

    def call(self, query: tf.Tensor, batch: Batch) -> tf.Tensor:
        """Return the mean loss over the batch's ratings for `query` [n_queries, d]."""
        rows, movies = batch["rows"], batch["movies"]
        candidates, bias = self.candidate_tower.movie_embedding, self.candidate_tower.bias
        residuals = residuals_of(batch, self.loss.residuals)
        lengths = history_lengths(batch)
        weights = self.loss.user_weights(lengths)  # [n_queries]
        rating_weights = tf.gather(weights, rows)

        query_rows = sparse.selection([rows], [1.0], tf.size(lengths))
        candidate_rows = sparse.selection([movies], [1.0], candidates.shape[0])
        scores = sparse.dots(query_rows, query, candidate_rows, candidates, members=1)[:, 0]
        scores += tf.gather(bias, movies)
        own = self._share(self.query_tower.history_embedding, movies)
        own += self._share(self.query_tower.rated_embedding, movies) * residuals
        left_out = scores - own * tf.math.rsqrt(tf.gather(lengths, rows))

        rated = tf.reduce_sum(rating_weights * tf.square(self.loss.targets(residuals) - left_out))
        unrated = tf.reduce_sum(weights * self._squares(query))
        unrated -= tf.reduce_sum(rating_weights * tf.square(scores))
        return (rated + self.loss.unrated_weight * unrated) / tf.reduce_sum(rating_weights)

    def _share(self, history: tf.Variable, movies: tf.Tensor) -> tf.Tensor:
        """Return what each movie's vector in the history adds to its own score, `[n]`."""
        shares = tf.reduce_sum(history * self.candidate_tower.movie_embedding, axis=1)
        return tf.gather(shares, movies)

    def _squares(self, query: tf.Tensor) -> tf.Tensor:
        """Return the sum over the catalogue of each query's squared scores, `[n_queries]`."""
        bias = self.candidate_tower.bias[:, tf.newaxis]
        with_bias = tf.concat([self.candidate_tower.movie_embedding, bias], axis=1)
        query = tf.concat([query, tf.ones_like(query[:, :1])], axis=1)
        gram = tf.matmul(with_bias, with_bias, transpose_a=True)
        return tf.reduce_sum(tf.matmul(query, gram) * query, axis=1)
