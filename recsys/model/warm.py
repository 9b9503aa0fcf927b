"""What a worker imports before its first training, so that this one does not wait for it."""

import scipy.sparse.linalg  # noqa: F401 - see `directions`, which imports it when it is needed
import tensorflow as tf

import recsys.model.training  # noqa: F401

tf.add(1.0, 1.0)  # the first operation sets TensorFlow up
