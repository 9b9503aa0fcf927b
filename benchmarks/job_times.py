"""How long trainings take from the request to the stored run, through the job queue of the lab.

It is run by `benchmarks.earlier`, with this code on the path and with an earlier one, so it uses
only what both have. It prints its measurements as JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence

from pages.ui import lab
from recsys.config import RunConfig, make_config
from recsys.data.library import load_dataset
from recsys.jobs.queue import JobQueue, WorkerState
from recsys.tradeoff.sweep import sweep_configs

DATA = "100k"
POINTS = 7
SHARES = {"holdout": 0.2, "validation": 0.0}
IDLE_SECONDS = 20.0  # without a job: in it, the lab starts what it starts when nothing is to do
PATIENCE = 600.0
LOOK = 0.005  # seconds


def main() -> None:
    load_dataset(DATA)  # into the home folder
    queue = lab.jobs()
    try:
        _wait(lambda: queue.worker() == WorkerState.READY)
        measured = {
            "first": _seconds(queue, [make_config(SHARES)]),
            "again": _seconds(queue, [make_config(SHARES | {"seed": 1, "rating_weight": 0.5})]),
        }
        if hasattr(queue, "expect"):  # as the pages do; the earlier code has no such thing
            queue.expect(make_config({}), load_dataset(DATA))
        time.sleep(IDLE_SECONDS)
        measured["sweep"] = _seconds(queue, sweep_configs(make_config({"seed": 2}), POINTS))
    finally:
        queue.close()
    json.dump(measured, sys.stdout)


def _seconds(queue: JobQueue, configs: Sequence[RunConfig]) -> float:
    """Return the seconds from asking for these runs until the last one is stored."""
    dataset = load_dataset(DATA)
    start = time.perf_counter()
    asked = [queue.submit(config, dataset) for config in configs]
    _wait(lambda: all((job := queue.job(run_id)) and job.state.done for run_id in asked))
    seconds = time.perf_counter() - start
    for run_id in asked:
        job = queue.job(run_id)
        if job is None or job.result is None:
            raise RuntimeError(f"the run {run_id} was not trained: {job and job.error}")
    return seconds


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise RuntimeError(f"nothing within {PATIENCE:g} s")
        time.sleep(LOOK)


if __name__ == "__main__":
    main()
