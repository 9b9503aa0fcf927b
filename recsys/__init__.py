"""Duet: one two-tower model that learns retrieval and rating prediction together."""

import os

# TensorFlow Recommenders speaks the Keras 2 API; this must be set before anyone imports TensorFlow.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
