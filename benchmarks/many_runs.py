"""A lab with many stored runs: sweeps of short trainings on ML-100K."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.pages import ROOT
from recsys.config import make_config, run_id
from recsys.runs.store import RunStore

POINTS, FEW_SEEDS, MANY_SEEDS = 8, 2, 25
FEW, MANY = POINTS * FEW_SEEDS, POINTS * MANY_SEEDS  # runs
EPOCHS = 2  # what the models learn is not measured


def train_few(home: Path) -> None:
    """Store the runs of a sweep of `POINTS` ratios, with `FEW_SEEDS` seeds each."""
    sweep = ["--points", str(POINTS), "--seeds", str(FEW_SEEDS), "--set", f"epochs={EPOCHS}"]
    subprocess.run(
        [sys.executable, "-m", "recsys", "sweep", *sweep],
        cwd=ROOT,
        env=os.environ | {"RECSYS_HOME": str(home), "RECSYS_DATA": "100k"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def copy_to_many(home: Path) -> None:
    """Store the runs of the first seed again as those of other seeds, up to `MANY_SEEDS`."""
    store = RunStore(home / "runs")
    for run in [run for run in store.list() if run.config.seed == make_config({}).seed]:
        scorer = store.scorer(run.run_id)
        for seed in range(run.config.seed + FEW_SEEDS, run.config.seed + MANY_SEEDS):
            config = make_config(run.config.model_dump() | {"seed": seed})
            copy = replace(run, config=config, run_id=run_id(config, run.fingerprint))
            store.save(copy, scorer)
