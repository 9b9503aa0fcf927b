"""Loss balancing: how the two tasks' losses, or their gradients, are combined."""

from collections.abc import Sequence

import tensorflow as tf

SMALLEST = 1e-6  # a loss is not divided by less than this

Gradient = list[tf.Tensor]  # one tensor per variable


class Fixed(tf.Module):
    """Fixed weights: losses and gradients stay as they are."""

    def objectives(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Return the objective that replaces each task's loss, before it is weighted."""
        return list(losses)

    def factors(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Return the derivative of each objective with respect to its loss.

        It is the factor by which the balancing multiplies the task's weight.
        """
        return [tf.ones_like(loss) for loss in losses]

    def adjust(self, first: Gradient, second: Gradient) -> tuple[Gradient, Gradient]:
        """Return the tasks' gradients on the shared variables, adjusted before they are added."""
        return first, second


class Uncertainty(Fixed):
    """Objective exp(-s) * loss + s with a learnt s, the log of the task's variance.

    Up to a factor of two this is the negative log-likelihood of a Gaussian (Kendall, Gal and
    Cipolla 2018, "Multi-task learning using uncertainty to weigh losses", equation 7).
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_variances = [
            tf.Variable(0.0, name=f"{task}_log_variance") for task in ("retrieval", "rating")
        ]

    def objectives(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See `Fixed`."""
        return [
            tf.exp(-log_variance) * loss + log_variance
            for loss, log_variance in zip(losses, self.log_variances, strict=True)
        ]

    def factors(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See `Fixed`."""
        return [tf.exp(-log_variance) for log_variance in self.log_variances]


class InverseLoss(Fixed):
    """Objective log(loss): its gradient is that of the loss divided by the loss.

    The sum of the logarithms is the logarithm of the losses' product, so their geometric mean is
    minimised and their scales do not matter (Chennupati et al. 2019, "MultiNet++").
    """

    def objectives(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See `Fixed`."""
        return [tf.math.log(tf.maximum(loss, SMALLEST)) for loss in losses]

    def factors(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See `Fixed`."""
        return [1 / tf.maximum(loss, SMALLEST) for loss in losses]


class PCGrad(Fixed):
    """Projects conflicting gradients: each is projected onto the normal plane of the other.

    Gradients conflict if their dot product is negative. Source: Yu et al. 2020, "Gradient
    surgery for multi-task learning", algorithm 1.
    """

    def adjust(self, first: Gradient, second: Gradient) -> tuple[Gradient, Gradient]:
        """See `Fixed`."""
        conflict = tf.minimum(dot(first, second), 0.0)
        along_second = tf.math.divide_no_nan(conflict, dot(second, second))
        along_first = tf.math.divide_no_nan(conflict, dot(first, first))
        pairs = list(zip(first, second, strict=True))
        return [a - along_second * b for a, b in pairs], [b - along_first * a for a, b in pairs]


BALANCING: dict[str, type[Fixed]] = {
    "fixed": Fixed,
    "uncertainty": Uncertainty,
    "inverse-loss": InverseLoss,
    "pcgrad": PCGrad,
}


def dot(first: Gradient, second: Gradient) -> tf.Tensor:
    """Return the dot product of two gradients on the same variables."""
    return tf.add_n([tf.reduce_sum(a * b) for a, b in zip(first, second, strict=True)])
