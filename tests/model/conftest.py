"""Fixtures of the model tests."""

from collections.abc import Iterator

import pytest
import tensorflow as tf


@pytest.fixture
def eagerly() -> Iterator[None]:
    """Run TensorFlow without graphs: for a few steps, building one takes longer than they do."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
