"""A stand-in for `run_experiment`, so that tests of the queue do not wait for TensorFlow.

The config controls it: an epoch takes `learning_rate` seconds, and a `seed` that is one of the
constants below makes it fail.
"""

import os
import signal
import time
from pathlib import Path

import numpy as np

from recsys.config import RunConfig, make_config, run_id
from recsys.errors import StoppedEarlyError
from recsys.runs.records import EpochRecord, Run
from recsys.scorer import TwoTowerScorer

FAILS_AS_EXPECTED, FAILS_AS_FAULT, DIES_ONCE, DIES_ALWAYS, DEAF, GREEDY, HUGE, SLOW = range(
    101, 109
)
BATCH_SECONDS = 0.01
LOG = "DUET_TEST_TRAINED"  # names a file


def config(**fields) -> RunConfig:
    """Return a request for a short training on the tests' own data set."""
    return make_config({"data": "tiny", "epochs": 3, "learning_rate": 0.05} | fields)


def prepare(config, dataset, should_stop):
    """Leave a file in the home, like `recsys.experiment.prepare`; SLOW goes on until a stop."""
    (Path(os.environ["RECSYS_HOME"]) / f"prepared-{config.seed}-{os.getpid()}").touch()
    while config.seed == SLOW and not should_stop():
        time.sleep(BATCH_SECONDS)


def train(config, dataset, store, *, load_seconds, on_phase, on_epoch, should_stop):
    """Report epochs and save a run, like `run_experiment`."""
    on_phase("loading")
    _misbehave(config.seed, Path(os.environ["RECSYS_HOME"]) / f"died-{config.canonical()[:40]}")
    on_phase("training")
    start, history, stopped = time.monotonic(), [], False
    while len(history) < config.epochs and not stopped:
        end = time.monotonic() + config.learning_rate
        while time.monotonic() < end and not stopped:
            time.sleep(BATCH_SECONDS)
            stopped = config.seed != DEAF and should_stop()
        if not stopped:
            epoch = len(history) + 1
            seconds = time.monotonic() - start
            loss = np.float32(1 / epoch)  # as TensorFlow gives it
            history.append(EpochRecord(epoch, loss, 1.0, 2.0, seconds=seconds))
            on_epoch(history[-1])
    if stopped and not history:
        raise StoppedEarlyError("stopped before the end of the first epoch; nothing was saved")
    on_phase("evaluating")
    whole = run_id(config, dataset.fingerprint)
    run = Run(
        run_id=f"{whole}-stopped-{len(history)}" if stopped else whole,
        config=config,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        status="stopped" if stopped else "finished",
        created="2026-01-01T00:00:00+00:00",
        history=tuple(history),
        metrics={"holdout": {"rmse": 1.0}},
        baselines={},
        seconds={"total": load_seconds + time.monotonic() - start},
        peak_rss_mb=float(os.getpid()),  # so that tests know the process
    )
    query, candidate = (np.ones((len(one), 1), "f4") for one in (dataset.users, dataset.movies))
    store.save(run, TwoTowerScorer(query=query, candidate=candidate))
    if log := os.environ.get(LOG):  # so that a test knows how often it was trained to its end
        with Path(log).open("a") as file:
            file.write(f"{run.run_id}\n")
    return run


def _misbehave(how: int, mark: Path) -> None:
    if how == FAILS_AS_EXPECTED:
        raise ValueError("the ratings are all alike;\nuse others")
    if how == FAILS_AS_FAULT:
        raise KeyError("weights")
    held = [np.empty(1 << 60, "u1")] if how == HUGE else []
    while how == GREEDY:  # 50 MB more every 0.1 s
        held.append(np.ones(50_000_000, "u1"))
        time.sleep(0.1)
    if how == DIES_ALWAYS or (how == DIES_ONCE and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
