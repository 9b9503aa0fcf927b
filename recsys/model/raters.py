"""Pooled raters: a movie's vector from the embeddings of the users who rated it."""

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split
from recsys.model import sparse
from recsys.model.towers import embedding_table


class PooledRaters(tf.keras.layers.Layer):
    """For each movie, the sum of Z[v] over the users v who rated it.

    Computing these sums takes a pass over all train ratings, even for a small batch. It is done
    only in every `every`-th step, and only then Z gets a gradient; the steps between reuse the
    last sums.
    """

    def __init__(self, split: Split, dimension: int, every: int, roots: tf.Tensor) -> None:
        """Create Z; `roots` are the roots of each user's factor in the penalty, `[n_users, 1]`."""
        super().__init__()
        self.penalty_roots = roots
        train = split.train
        self.rater_embedding = embedding_table(
            "rater_embedding", split.n_users, dimension, stddev=0.05
        )
        cells = np.empty((len(train), 2), np.int32)
        cells[:, 0], cells[:, 1] = train.users, train.movies
        shape = tf.constant([split.n_users, split.n_movies], tf.int64)
        self.histories = sparse.Matrix(tf.constant(cells), tf.ones(len(train)), shape)
        self.every = every
        self.step = tf.Variable(0, trainable=False, name="step")
        no_sums = tf.zeros([split.n_movies, dimension] if every > 1 else [0, 0])
        self.last_pooled = tf.Variable(no_sums, trainable=False, name="last_pooled")

    def pooled(self) -> tf.Tensor:
        """Return the pooled raters of all movies, `[n_movies, dimension]`."""
        return sparse.products(self.histories, self.rater_embedding, transposed=True)

    def in_training(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return the tensors of one training step.

        Returns:
            The pooled raters, `[n_movies, dimension]`.
            Z, `[n_users, dimension]`, to subtract a rating's own user from the sum.
            The squared norm of Z, each row times its factor; 0 where it gets no gradient.
        """
        raters = tf.convert_to_tensor(self.rater_embedding)
        if self.every == 1:
            return self._recompute(raters)
        is_due = self.step % self.every == 0
        self.step.assign_add(1)
        # Variables are read and written outside of the branches: inside, equal trainings differed.
        last = self.last_pooled.read_value()
        outputs: tuple[tf.Tensor, tf.Tensor, tf.Tensor] = tf.cond(
            is_due,
            lambda: self._recompute(raters),
            lambda: (last, tf.stop_gradient(raters), tf.zeros([])),
        )
        self.last_pooled.assign(outputs[0])
        return outputs

    def _recompute(self, raters: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        pooled = sparse.products(self.histories, raters, transposed=True)
        return pooled, raters, 2 * tf.nn.l2_loss(self.penalty_roots * raters)
