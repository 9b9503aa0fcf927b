"""Duet's own architectures as peers."""

from typing import Any

from recsys.config import make_config
from recsys.data.splits import Split
from recsys.scorer import Scorer


def fit(split: Split, *, seed: int, **fields: Any) -> Scorer:
    """Train a model on `split` with the default config and these fields."""
    from recsys.model.start import start_tensorflow

    start_tensorflow()
    from recsys.model.traced import forget
    from recsys.model.training import train

    # `train` uses the parts of the split, not the config's shares of holdout and validation.
    forget()  # tracing is a part of every fit
    return train(make_config({"seed": seed, **fields}), split).scorer
