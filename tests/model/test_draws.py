"""Initial values: those of TensorFlow's own operations, without setting TensorFlow's seed."""

import threading

import numpy as np
import pytest
import tensorflow as tf

from recsys.model import draws

SHAPES = [([943, 40], 0.05), ([5, 60], 0.01), ([3, 1], 1.0)]


def drawn(seed: int) -> list[np.ndarray]:
    with draws.seeded(seed):
        return [draws.normal(shape, stddev).numpy() for shape, stddev in SHAPES]


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31 - 1])
def test_numbers_are_those_of_tensorflow_after_setting_its_seed(seed: int) -> None:
    tf.random.set_seed(seed)
    for own, (shape, stddev) in zip(drawn(seed), SHAPES, strict=True):
        np.testing.assert_array_equal(own, tf.random.normal(shape, stddev=stddev).numpy())


def test_threads_do_not_disturb_each_other() -> None:
    expected, found = drawn(7), []

    def draw_often() -> None:
        found.extend(drawn(7) for _ in range(20))

    threads = [threading.Thread(target=draw_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    for one in found:
        for own, other in zip(one, expected, strict=True):
            np.testing.assert_array_equal(own, other)


def test_without_a_seed_numbers_differ() -> None:
    assert not np.array_equal(draws.normal([9], 1.0), draws.normal([9], 1.0))
