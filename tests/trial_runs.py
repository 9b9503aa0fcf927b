"""Runs of a sweep or a search, made up: a run of a config with the figures a test gives it."""

import math
from typing import Any

from recsys.config import RunConfig, make_config, run_id
from recsys.runs.records import Run

FINGERPRINT = "f" * 64


def trial(
    config: RunConfig, rmse: float = 0.9, ndcg: float = 0.3, number: int = 0, **fields: Any
) -> Run:
    """Return a finished run with these figures on validation; `fields` replace its own."""
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


def swept(
    run_id: str, retrieval: float, rating: float, rmse: float, ndcg: float, **config: Any
) -> Run:
    """Return the run of these two weights, with its figures on the holdout.

    `config` holds further fields of the config; `fingerprint` and `status` may be among them.
    """
    own = {name: config.pop(name) for name in ("fingerprint", "status") if name in config}
    made = make_config({"retrieval_weight": retrieval, "rating_weight": rating} | config)
    metrics = {"holdout": {"rmse": rmse, "ndcg@20": ndcg}}
    return trial(made, run_id=run_id, metrics=metrics, **own)


# A sweep, by ratio: retrieval alone, three ratios, rating alone. "beaten" is dominated by
# "left". What the single-task runs have in the other task's metric comes from chance.
SWEEP = [
    swept("retrieval", 1.0, 0.0, 1.2, 0.33),
    swept("left", 1.0, 0.5, 0.90, 0.32),
    swept("beaten", 1.0, 0.8, 0.91, 0.31),
    swept("right", 0.5, 1.0, 0.85, 0.30),
    swept("rating", 0.0, 1.0, 0.84, 0.01),
]


def imagined(config: RunConfig, number: int = 0) -> Run:
    """Return a trial where both tasks do best at twice the learning rate and half the rating L2.

    Beside that, each task gains with its share of the weights.
    """
    off = abs(math.log(config.learning_rate / 0.04)) + abs(math.log(config.rating_l2 / 0.0175))
    share = config.rating_weight / (config.retrieval_weight + config.rating_weight)
    return trial(config, 1.0 + 0.1 * off - 0.05 * share, 0.3 - 0.1 * off - 0.05 * share, number)
