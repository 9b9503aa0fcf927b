"""Duet's own architectures as peers."""

from typing import Any

from recsys.config import make_config
from recsys.data.splits import Split
from recsys.scorer import Scorer


def fit(split: Split, *, seed: int, **fields: Any) -> Scorer:
    """Train a run's model on `split` with the default config, but for `fields`."""
    from recsys.model.start import start_tensorflow

    start_tensorflow()
    from recsys.model.training import train

    # The validation part is what a split has; a config's own shares are not looked at.
    return train(make_config({"seed": seed, **fields}), split).scorer
