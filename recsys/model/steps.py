"""The size and the number of the training steps. Without TensorFlow, unlike its neighbours."""

import math

from recsys.config import RunConfig

MAX_STEPS = 100  # per epoch: larger data gets larger batches, not more steps
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
