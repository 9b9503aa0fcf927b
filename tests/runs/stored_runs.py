"""A run as a test stores it, and the store that holds it."""

import dataclasses
import hashlib
import json
from pathlib import Path

import numpy as np

from recsys.config import make_config
from recsys.runs.records import EpochRecord, Run
from recsys.runs.store import RunStore
from recsys.scorer import TwoTowerScorer

RUN_ID = "0123456789ab"
HISTORY = tuple(
    EpochRecord(
        epoch=epoch,
        retrieval_loss=1.0 / epoch,
        rating_loss=0.9,
        total_loss=0.9 + 1.0 / epoch,
        validation_retrieval_loss=0.95,
        validation_rating_loss=0.93,
        validation_metrics={"rmse": 1.01, "recall@20": 0.1 * epoch},
        seconds=0.5 * epoch,
    )
    for epoch in (1, 2)
)
SCORER = TwoTowerScorer(
    query=np.arange(6, dtype=np.float32).reshape(3, 2),
    candidate=np.ones((4, 2), np.float32),
    candidate_bias=np.array([0.5, 0, 0, 0], np.float32),
)


def make_run(run_id=RUN_ID, **changes):
    run = Run(
        run_id=run_id,
        config=make_config({"epochs": 2, "rating_weight": 0.5}),
        dataset="100k",
        fingerprint="ab" * 32,
        status="finished",
        created="2026-02-03T04:05:06+00:00",
        history=HISTORY,
        metrics={"holdout": {"rmse": 0.94, "ndcg@20": 0.4}, "validation": {}},
        baselines={"most popular": {"holdout": {"ndcg@20": 0.2}}},
        seconds={"fit": 3.5, "total": 5.0},
        peak_rss_mb=900.5,
    )
    return dataclasses.replace(run, **changes)


def saved_store(folder: Path) -> RunStore:
    """Return a store that holds `make_run()`."""
    store = RunStore(folder)
    store.save(make_run(), SCORER)
    return store


def reseal(folder: Path) -> None:
    """Make the manifest match the files again, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["sha256"]:
        manifest["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def leftovers(store: RunStore) -> list[str]:
    return [path.name for path in store.folder.iterdir() if path.name.startswith(".")]
