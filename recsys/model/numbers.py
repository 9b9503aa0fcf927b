"""Numbers that a traced step reads anew in every training."""

import tensorflow as tf


def number(value: float) -> tf.Variable:
    """Return a setting as a variable.

    As a plain number it would be a constant of the graph, and a training with another value could
    not use the graph again, see `recsys.model.traced`.
    """
    return tf.Variable(value, trainable=False, dtype=tf.float32)
