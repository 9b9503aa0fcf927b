"""Trials of a search, made up: a run of a config with the figures a test gives it."""

import math

from recsys.config import RunConfig, run_id
from recsys.records import Run
from recsys.sweep import rating_share

FINGERPRINT = "f" * 64


def trial(
    config: RunConfig, rmse: float = 0.9, ndcg: float = 0.3, number: int = 0, **fields
) -> Run:
    """Return a finished run; `fields` replace its own."""
    made = {
        "run_id": run_id(config, FINGERPRINT),
        "config": config,
        "dataset": config.data,
        "fingerprint": FINGERPRINT,
        "status": "finished",
        "created": f"2026-01-01T00:{number // 60:02}:{number % 60:02}+00:00",
        "history": (),
        "metrics": {"validation": {"rmse": rmse, "ndcg@20": ndcg}},
        "baselines": {},
        "seconds": {"total": 1.0},
        "peak_rss_mb": 1.0,
    }
    return Run(**made | fields)


def imagined(config: RunConfig, number: int = 0) -> Run:
    """Return a trial in a world where both tasks want twice the rate and half the penalty.

    Apart from that each gains by its share of the weights.
    """
    off = abs(math.log(config.learning_rate / 0.04)) + abs(math.log(config.rating_l2 / 0.0175))
    share = rating_share(config)
    return trial(config, 1.0 + 0.1 * off - 0.05 * share, 0.3 - 0.1 * off - 0.05 * share, number)
