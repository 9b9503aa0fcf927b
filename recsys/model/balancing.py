"""Loss balancing: how the two tasks' losses, and their gradients, are brought together."""

from collections.abc import Sequence

import tensorflow as tf

SMALLEST = 1e-6  # of a loss, where one is divided by it

Gradient = list[tf.Tensor]  # on several variables


class Fixed(tf.Module):
    """The weights alone decide."""

    def objectives(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Return what is minimised in each task's place, before it is weighted."""
        return list(losses)

    def factors(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Return how much steeper than the loss each objective is: the factor on its weight."""
        return [tf.ones_like(loss) for loss in losses]

    def agree(self, first: Gradient, second: Gradient) -> tuple[Gradient, Gradient]:
        """Return the tasks' gradients on what they share as they are to be added up."""
        return first, second


class Uncertainty(Fixed):
    """exp(-s) * loss + s, where s, the log of the task's variance, is learnt too.

    But for a factor of two that is the negative log-likelihood of a Gaussian (Kendall, Gal and
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
    """log(loss), whose gradient is that of the loss times 1 / loss.

    The sum of the logarithms is that of a product: what falls is the geometric mean of the losses,
    whatever their sizes (Chennupati et al. 2019, "MultiNet++").
    """

    def objectives(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See `Fixed`."""
        return [tf.math.log(tf.maximum(loss, SMALLEST)) for loss in losses]

    def factors(self, losses: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """See `Fixed`."""
        return [1 / tf.maximum(loss, SMALLEST) for loss in losses]


class PCGrad(Fixed):
    """Where the tasks pull apart, each gives up what goes against the other.

    Yu et al. 2020, "Gradient surgery for multi-task learning", algorithm 1.
    """

    def agree(self, first: Gradient, second: Gradient) -> tuple[Gradient, Gradient]:
        """See `Fixed`."""
        against = tf.minimum(dot(first, second), 0.0)
        of_second = tf.math.divide_no_nan(against, dot(second, second))
        of_first = tf.math.divide_no_nan(against, dot(first, first))
        pairs = list(zip(first, second, strict=True))
        return [a - of_second * b for a, b in pairs], [b - of_first * a for a, b in pairs]


BALANCING: dict[str, type[Fixed]] = {
    "fixed": Fixed,
    "uncertainty": Uncertainty,
    "inverse-loss": InverseLoss,
    "pcgrad": PCGrad,
}


def dot(first: Gradient, second: Gradient) -> tf.Tensor:
    """Return the dot product of two gradients on the same variables."""
    return tf.add_n([tf.reduce_sum(a * b) for a, b in zip(first, second, strict=True)])
