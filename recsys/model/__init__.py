"""The model: the only part of Duet that imports TensorFlow."""
