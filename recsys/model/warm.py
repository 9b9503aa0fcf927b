"""What a worker imports before its first training, so that this one does not wait for it."""

import scipy.sparse.linalg  # noqa: F401 - see `directions`, which imports it when it is needed

from recsys.model.start import start_tensorflow

start_tensorflow()

import tensorflow as tf  # noqa: E402 - the start sets how it takes memory

tf.add(1.0, 1.0)  # the first operation sets TensorFlow up
