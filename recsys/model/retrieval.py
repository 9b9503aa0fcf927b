"""The retrieval task: which movies will this user watch?"""

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.model.towers import Batch, CandidateTower


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


class CatalogueSoftmax(tf.keras.layers.Layer, tfrs.tasks.Task):
    """Tell each user's movies from the whole catalogue.

    One softmax a user serves all of the user's movies: the full softmax loss of every rating,
    computed once a user (the multinomial likelihood of Liang et al. 2018).

    Above `max_candidates` movies the denominator is estimated from that many movies, drawn by
    popularity with replacement; subtracting log of the expected draws (logQ) corrects for the
    drawing (Bengio & Senécal 2008; Yi et al. 2019).
    """

    def __init__(
        self,
        candidate_tower: CandidateTower,
        popularity: np.ndarray,
        max_candidates: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.candidate_tower = candidate_tower
        self.n_movies = len(popularity)
        self.n_candidates = min(max_candidates, self.n_movies)
        # Smoothed and flattened, so that rare movies are drawn too.
        chance = (popularity + 1.0) ** 0.75
        chance /= chance.sum()
        self.cumulative = tf.constant(np.cumsum(chance), tf.float32)
        self.log_chance = tf.constant(np.log(chance), tf.float32)
        self.random = tf.random.Generator.from_seed(seed)

    def call(self, query: tf.Tensor, batch: Batch) -> tf.Tensor:
        """Return the mean loss over the batch's ratings, in nats, for `query` [n_queries, d]."""
        if self.n_candidates == self.n_movies:
            logits = self._logits(query, tf.range(self.n_movies))
            rated = tf.gather_nd(logits, tf.stack([batch["rows"], batch["movies"]], axis=1))
            log_total = tf.gather(tf.reduce_logsumexp(logits, axis=1), batch["rows"])
        else:
            rated = self._rated_logits(query, batch)
            log_total = self._sampled_log_total(query, batch, rated)
        return tf.reduce_mean(log_total - rated)

    def _logits(self, query: tf.Tensor, movies: tf.Tensor) -> tf.Tensor:
        candidates = self.candidate_tower(movies)
        return tf.matmul(query, candidates, transpose_b=True) + tf.gather(
            self.candidate_tower.bias, movies
        )

    def _rated_logits(self, query: tf.Tensor, batch: Batch) -> tf.Tensor:
        candidates = self.candidate_tower(batch["movies"])
        dots = tf.reduce_sum(tf.gather(query, batch["rows"]) * candidates, axis=1)
        return dots + tf.gather(self.candidate_tower.bias, batch["movies"])

    def _sampled_log_total(self, query: tf.Tensor, batch: Batch, rated: tf.Tensor) -> tf.Tensor:
        """Estimate the log of the softmax's denominator for each rating, [n]."""
        uniform = self.random.uniform([self.n_candidates])
        movies = tf.minimum(tf.searchsorted(self.cumulative, uniform), self.n_movies - 1)
        log_expected_draws = self.log_chance + np.log(self.n_candidates)
        logits = self._logits(query, movies) - tf.gather(log_expected_draws, movies)
        drawn = tf.gather(tf.reduce_logsumexp(logits, axis=1), batch["rows"])
        # The rated movie counts for itself, so its own draws are taken out of the estimate.
        draws = tf.math.bincount(movies, minlength=self.n_movies, dtype=tf.float32)
        own = rated - tf.gather(log_expected_draws, batch["movies"])
        own_share = tf.gather(draws, batch["movies"]) * tf.exp(tf.minimum(own - drawn, 0.0))
        others = drawn + tf.math.log1p(-tf.minimum(own_share, 1 - 1e-6))
        return tf.reduce_logsumexp(tf.stack([rated, others]), axis=0)
