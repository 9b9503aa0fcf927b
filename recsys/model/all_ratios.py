"""All ratios of the weights in one training: a line of models between two sets of parameters."""

import tensorflow as tf

from recsys.model.balancing import Gradient
from recsys.model.batches import TensorBatch
from recsys.model.multitask import MultiTaskModel
from recsys.ratio import EXTREME, POSITIONS

GOLDEN = 0.6180339887  # multiples of it, modulo 1, spread evenly over 0 to 1
# With each further step near a position, the cosines of earlier ones count this much: at the start
# of a training, when little is learnt, the gradients of all models agree.
KEPT = 0.85


class AllRatiosModel(MultiTaskModel):
    """Learns a model for every ratio of the weights.

    The towers' parameters at a position from 0 to 1 are (1 - position) * start + position * end.
    Each step moves to another position, takes the loss weights that belong to it, and trains both
    ends with the gradient there (Dimitriadis, Frossard and Fleuret 2023, "Pareto manifold
    learning").

    The variables that only the rating head has are the same at all positions: their best values
    hardly depend on the ratio.
    """

    def create_optimizer_variables(self) -> None:
        """Create both ends, equal to the present parameters, and the optimizers' variables."""
        self.position = tf.Variable(0.5, trainable=False)
        self.steps = tf.Variable(0.0, trainable=False)
        # For each of POSITIONS: how many steps were nearest to it, and the sum of their cosines,
        # both with the weights that KEPT gives.
        self.cosines = tf.Variable(tf.zeros((2, len(POSITIONS))), trainable=False)
        (optimizer, towers), (rating_optimizer, own) = self.variable_groups()
        # Both ends in one array: an optimizer's step then has half as many operations.
        self.ends = {v.ref(): tf.Variable(tf.stack([v, v])) for v in towers}
        optimizer._create_all_weights(list(self.ends.values()))
        rating_optimizer._create_all_weights(own)

    def move_to(self, position: float | tf.Tensor) -> None:
        """Set the parameters, and the weights, to those at a position."""
        self.position.assign(position)
        for ref, ends in self.ends.items():
            ref.deref().assign(ends[0] + self.position * (ends[1] - ends[0]))

    def mean_cosines(self) -> dict[float, float]:
        """Return the mean cosine of the tasks' gradients near each of POSITIONS.

        It is a mean over the steps nearest to the position, of which late ones count most, on the
        variables that both tasks train. Positions without such a step are left out.
        """
        steps, sums = self.cosines.numpy().tolist()
        known = zip(POSITIONS, steps, sums, strict=True)
        return {position: total / n for position, n, total in known if n}

    def weights(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the weights at the present position, as `recsys.ratio.weights_at`."""
        ratio = tf.pow(EXTREME, 2 * self.position - 1)
        return tf.minimum(1.0, 1 / ratio), tf.minimum(1.0, ratio)

    def train_step(self, batch: TensorBatch) -> dict[str, tf.Tensor]:
        """See `MultiTaskModel`."""
        self.steps.assign_add(1.0)
        self.move_to(tf.math.floormod(self.steps * GOLDEN, 1.0))
        return super().train_step(batch)

    def apply(
        self,
        optimizer: tf.keras.optimizers.Optimizer,
        pairs: list[tuple[tf.Tensor, tf.Variable]],
    ) -> None:
        """Take the optimizer's step: that of the towers at both ends."""
        if optimizer is self.rating_optimizer:
            # A weight that stays the same does not change Adam's steps. Here it changes from step
            # to step: without it, the rating head learns at full speed at every position.
            _, weight = self.weights()
            steps = [(g / weight, variable) for g, variable in pairs]
        else:
            shares = tf.stack([1 - self.position, self.position])
            steps = [(tf.tensordot(shares, g, axes=0), self.ends[v.ref()]) for g, v in pairs]
        super().apply(optimizer, steps)

    def record_gradients(self, retrieval: Gradient, rating: Gradient) -> tf.Tensor:
        """See `MultiTaskModel`; also records the cosine by position."""
        cosine = super().record_gradients(retrieval, rating)
        nearest = tf.cast(tf.round(self.position * (len(POSITIONS) - 1)), tf.int32)
        here = tf.one_hot(nearest, len(POSITIONS))
        kept = 1 - (1 - KEPT) * here
        self.cosines.assign(kept * self.cosines + tf.stack([here, cosine * here]))
        return cosine
