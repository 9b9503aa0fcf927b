"""Who has rated a movie, pooled to a vector of the movie."""

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split
from recsys.model import sparse
from recsys.model.towers import row_penalty, table


class PooledRaters(tf.keras.layers.Layer):
    """The sum of Z[v] over the raters of a movie.

    The raters of a batch's movies are all over the data, so pooling them costs a pass over all
    train ratings. It is done, and Z has a gradient, in one of `every` steps; the steps between use
    what the last one pooled.
    """

    def __init__(self, split: Split, dimension: int, every: int) -> None:
        super().__init__()
        train = split.train
        self.counts = np.bincount(train.users, minlength=split.n_users)
        self.rater_embedding = table("rater_embedding", split.n_users, dimension, stddev=0.05)
        # The rows of train are in the order that a sparse tensor wants: by user, then movie.
        self.histories = tf.SparseTensor(
            np.stack([train.users, train.movies], axis=1).astype(np.int64),
            np.ones(len(train), np.float32),
            [split.n_users, split.n_movies],
        )
        self.every = every
        self.step = tf.Variable(0, trainable=False, name="step")
        last = tf.zeros([split.n_movies, dimension] if every > 1 else [0, 0])
        self.last = tf.Variable(last, trainable=False, name="last_pooled")

    def pooled(self) -> tf.Tensor:
        """Return the pooled raters of all movies, `[n_movies, dimension]`."""
        return sparse.products(self.histories, self.rater_embedding, transposed=True)

    def in_training(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return what a training step needs.

        Returns:
            the pooled raters, `[n_movies, dimension]`; Z, to take a rating's own share out of
            them, `[n_users, dimension]`; and the mean squared length of Z over the train ratings.
        """
        if self.every == 1:
            return self._anew()
        anew = self.step % self.every == 0
        self.step.assign_add(1)
        return tf.cond(anew, self._anew, self._as_before)

    def _anew(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        pooled = self.pooled()
        if self.every > 1:
            self.last.assign(pooled)
        raters = tf.convert_to_tensor(self.rater_embedding)
        return pooled, raters, row_penalty(raters, self.counts)

    def _as_before(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        raters = tf.stop_gradient(tf.convert_to_tensor(self.rater_embedding))
        return self.last.read_value(), raters, tf.zeros([])
