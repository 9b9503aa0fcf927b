"""Duet: a two-tower model trained on retrieval and rating prediction together."""

import os

# TensorFlow Recommenders needs the Keras 2 API. This must be set before TensorFlow is imported.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
