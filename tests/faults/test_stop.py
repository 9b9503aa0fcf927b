"""Stop ends a real training, and a training process that is frozen is replaced."""

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles

import psutil
import pytest

from recsys.config import RunConfig, make_config
from recsys.data.tables import Dataset
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.queue import JobQueue, WorkerState
from recsys.runs.store import RunStore
from tests.faults.large_data import keep_large_data
from tests.faults.results import record
from tests.jobs.tiny_lab import command_of, is_running, training_processes

STOPS = int(os.environ.get("DUET_KILLS", "2"))  # of each kind; `make test-faults` sets more
WAIT_SECONDS = 240.0  # on a busy machine


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    return keep_large_data()


@pytest.fixture
def queue(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """A queue with a worker that is ready."""
    monkeypatch.delenv("RECSYS_SCHEDULER", raising=False)
    queue = JobQueue(RunStore(runs_folder()))
    wait_until(lambda: queue.worker() is WorkerState.READY)
    yield queue
    queue.close()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, f"still waiting after {WAIT_SECONDS} s"
        time.sleep(0.005)


def seconds_to_stop(queue: JobQueue, job_id: str) -> tuple[float, float]:
    """Return how long it takes until the job has ended, and until its worker is free."""
    start = time.monotonic()
    queue.stop(job_id)
    wait_until(lambda: queue.job(job_id).state.done)
    took = time.monotonic() - start
    assert queue.job(job_id).state is JobState.STOPPED
    wait_until(lambda: queue.worker() is WorkerState.READY)
    return took, time.monotonic() - start


def long_training(data: Dataset, seed: int, **settings: object) -> RunConfig:
    return make_config({"data": data.name, "epochs": 500, "seed": seed} | settings)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("in mid-training", {}),
        ("in the first epoch", {}),
        ("tutorial, with a large batch", {"architecture": "tutorial", "batch_size": 16_384}),
    ],
)
def test_stop_ends_a_training_and_the_worker_is_free(
    queue: JobQueue, data: Dataset, kind: str, settings: dict[str, object]
) -> None:
    chance = random.Random(0)
    took = []
    for seed in range(STOPS):
        job_id = queue.submit(long_training(data, seed, **settings), data)
        if kind == "in the first epoch":
            wait_until(lambda: queue.job(job_id).state is JobState.TRAINING)  # noqa: B023
        else:
            wait_until(lambda: queue.job(job_id).records)  # noqa: B023
        time.sleep(chance.uniform(0, 0.5))
        took.append(seconds_to_stop(queue, job_id))
    until = ("", ", until its worker is free")
    for what, seconds in zip(until, zip(*took, strict=True), strict=True):
        late = quantiles(seconds, n=20, method="inclusive")[-1]
        record(
            f"Nothing hangs: Stop, {kind}{what}",
            f"median {median(seconds):.2f} s, p95 {late:.2f} s of {STOPS}",
        )


def test_frozen_training_process_is_ended_and_replaced_and_its_job_trained_again(
    queue: JobQueue, data: Dataset
) -> None:
    job_id = queue.submit(long_training(data, 0, epochs=20), data)
    wait_until(lambda: queue.job(job_id).records)
    (worker,) = workers()
    worker.suspend()
    frozen = time.monotonic()
    wait_until(lambda: not is_running(worker))
    wait_until(workers)
    replaced = time.monotonic() - frozen
    wait_until(lambda: not queue.job(job_id).records)  # it has lost what it had learnt
    wait_until(lambda: queue.job(job_id).records)
    again = time.monotonic() - frozen
    wait_until(lambda: queue.job(job_id).state.done)
    assert queue.job(job_id).state is JobState.FINISHED
    assert len(workers()) == 1
    promise = "Nothing hangs: a frozen training process, until"
    record(f"{promise} it is ended and another one is started", f"{replaced:.1f} s")
    record(f"{promise} its job is trained by another one", f"{again:.1f} s")


def workers() -> list[psutil.Process]:
    return [one for one in training_processes() if "worker" in command_of(one)]
