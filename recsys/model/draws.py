"""Random initial values that depend on the seed of a training alone."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import tensorflow as tf

PHILOX = 1  # the algorithm that TensorFlow's own random operations use
MOST_SEED = 2**31 - 1


class _Draws:
    """The numbers that TensorFlow's random operations would draw after `tf.random.set_seed`.

    Setting TensorFlow's seed also makes it forget how it runs every function: the next step of a
    kept graph would take as long as forty others. These operations have no state that needs it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed % MOST_SEED
        self._operations = random.Random(seed)

    def normal(self, shape: Sequence[int]) -> tf.Tensor:
        """Return numbers from the standard normal distribution, in this shape."""
        operation = self._operations.randint(0, MOST_SEED)
        key, counter = [self._seed], [0, operation]
        return tf.raw_ops.StatelessRandomNormalV2(
            shape=shape,
            key=tf.constant(key, tf.uint64),
            counter=tf.constant(counter, tf.uint64),
            alg=PHILOX,
        )


_draws: ContextVar[_Draws | None] = ContextVar("draws", default=None)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let `normal` draw the numbers of this seed, in this thread and this block."""
    token = _draws.set(_Draws(seed))
    try:
        yield
    finally:
        _draws.reset(token)


def normal(shape: Sequence[int], stddev: float) -> tf.Tensor:
    """Return numbers from a normal distribution around 0: of `seeded`, or TensorFlow's own."""
    draws = _draws.get()
    if draws is None:
        return tf.random.normal(shape, stddev=stddev)
    return draws.normal(shape) * stddev
