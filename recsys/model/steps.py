"""The size and the number of the training steps. Without TensorFlow, unlike its neighbours."""

import math

import numpy as np

from recsys.config import RunConfig

MAX_STEPS = 100  # per epoch: larger data gets larger batches, not more steps
STEADY_RATERS = 200  # of a movie: with so many, the full learning rate of the rating head is steady
EAGER_STEPS = 4  # tracing the step as a graph takes about as long as this many eager steps


def batch_size(config: RunConfig, n_train: int) -> int:
    """Return about how many of the `n_train` train ratings a step takes."""
    if config.architecture == "duet":
        return max(config.batch_size, n_train // MAX_STEPS)
    return config.batch_size


def steps_per_epoch(config: RunConfig, n_train: int) -> int:
    """Return the approximate number of steps in an epoch."""
    return math.ceil(n_train / batch_size(config, n_train))


def is_traced(config: RunConfig, n_train: int) -> bool:
    """Return whether the step is traced as a graph, which is faster and takes less memory."""
    return config.epochs * steps_per_epoch(config, n_train) > EAGER_STEPS


def steady_part(movie_counts: np.ndarray) -> float:
    """Return the part of the rating head's learning rate that is steady on this data, above 0 to 1.

    A movie's vector is the sum of its n raters' vectors, divided by √n. Adam moves each vector by
    about the learning rate, whatever the size of its gradient; where they all move the same way,
    the sum moves √n times as far. With thousands of raters, the loss of the first epochs would be
    many times that of a constant.

    Args:
        movie_counts: number of train ratings of each movie, `[n_movies]`.
    """
    counts = movie_counts.astype(np.float64)
    raters = (counts**2).sum() / max(counts.sum(), 1.0)  # of the movie of a rating, on average
    return min(1.0, math.sqrt(STEADY_RATERS / max(raters, 1.0)))
