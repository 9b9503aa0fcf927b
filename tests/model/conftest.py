"""Fixtures of the model tests."""

from collections.abc import Iterator

import pytest
import tensorflow as tf


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Run TensorFlow eagerly: for a few steps that is faster than tracing a graph."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
