"""Runs made by hand, for tests of what compares them."""

from typing import Any

from pages.ui.compare.rows import Entry, make_entries
from pages.ui.names import run_labels
from recsys.config import make_config
from recsys.records import EpochRecord, Run
from tests.pages.small_lab import make_record


def made_run(run_id: str, *, status: str = "finished", name: str = "", **config: Any) -> Run:
    """Return a run of two epochs; `metrics` (holdout) and `fingerprint` may be among `config`."""
    holdout = config.pop("metrics", {"rmse": 0.9, "top_k_accuracy@100": 0.6, "recall@20": 0.3})
    fingerprint = config.pop("fingerprint", "f" * 64)
    made = make_config(config)
    return Run(
        run_id=run_id,
        config=made,
        dataset=made.data,
        fingerprint=fingerprint,
        status=status,  # type: ignore[arg-type]
        created="2026-01-01T00:00:00+00:00",
        history=(make_record(1), make_record(2)),
        metrics={"holdout": holdout, "validation": {}},
        baselines={
            "most popular": {"holdout": {"top_k_accuracy@100": 0.4}},
            "user + movie bias": {"holdout": {"rmse": 0.94}},
        },
        seconds={"fit": 2.0, "total": 3.0},
        peak_rss_mb=700.0,
        name=name,
    )


def pulled_epoch(epoch: int, retrieval: float, rating: float, cosine: float) -> EpochRecord:
    """Return an epoch with these lengths of the gradients, and the cosine between them."""
    return EpochRecord(
        epoch,
        0.5,
        0.5,
        1.0,
        retrieval_gradient_norm=retrieval,
        rating_gradient_norm=rating,
        gradient_cosine=cosine,
        retrieval_factor=2.0,
        rating_factor=0.5,
    )


def entries(*runs: Run) -> list[Entry]:
    """Return the runs and their baselines."""
    return make_entries(runs, run_labels(runs))
