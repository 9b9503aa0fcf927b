"""A cluster over TLS: its runs have the metrics of a training here, and two workers share them."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.config import RunConfig, make_config
from recsys.data.tables import Dataset
from recsys.experiment import run_experiment
from recsys.jobs.board import JobState
from recsys.jobs.cluster.address import CERTIFICATES
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.faults.large_data import keep_large_data
from tests.faults.own_cluster import OwnCluster
from tests.faults.results import record

FULL = bool(os.environ.get("DUET_KILLS"))  # `make test-faults` sets it
RUNS = 8
SETTINGS: dict[str, object] = {} if FULL else {"epochs": 2}
START_SECONDS = 240.0


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    return keep_large_data()


@pytest.fixture
def cluster(data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCluster]:
    with OwnCluster(tmp_path) as cluster:
        monkeypatch.setenv(CERTIFICATES, str(cluster.certificates / "client"))
        cluster.scheduler()
        cluster.worker()
        yield cluster


def config_of(data: Dataset, seed: int) -> RunConfig:
    return make_config({"data": data.name, "seed": seed} | SETTINGS)


def wait_for_workers(queue: JobQueue, number: int) -> None:
    end = time.monotonic() + START_SECONDS
    while queue.workers < number:
        assert time.monotonic() < end, queue.problem
        time.sleep(0.05)


def seconds_of(queue: JobQueue, data: Dataset, seeds: range) -> float:
    """Train a run of each seed; return how long all took together."""
    start = time.monotonic()
    ids = [queue.submit(config_of(data, seed), data) for seed in seeds]
    while not all(queue.job(one).state.done for one in ids):
        time.sleep(0.02)
    assert [queue.job(one).state for one in ids] == [JobState.FINISHED] * len(ids)
    return time.monotonic() - start


@pytest.fixture
def queue(cluster: OwnCluster, tmp_path: Path) -> Iterator[JobQueue]:
    queue = JobQueue(RunStore(tmp_path / "runs"), cluster.address)
    wait_for_workers(queue, 1)
    yield queue
    queue.close()


def test_run_of_a_cluster_has_the_metrics_of_a_training_in_this_process(
    queue: JobQueue, data: Dataset, tmp_path: Path
) -> None:
    seconds_of(queue, data, range(1))
    (there,) = RunStore(tmp_path / "runs").list()
    here = run_experiment(config_of(data, 0), data, RunStore(tmp_path / "here"))
    assert there.run_id == here.run_id
    largest = max(
        abs(there.metrics[part][name] - value)
        for part, values in here.metrics.items()
        for name, value in values.items()
    )
    assert largest < 5e-5
    record(
        "The same answer anywhere: a run of a cluster over TLS, and the same in this process",
        f"largest difference of a metric {largest:.1g}",
    )


@pytest.mark.skipif(not FULL, reason="only `make test-faults` has the time")
def test_two_workers_share_the_runs(cluster: OwnCluster, queue: JobQueue, data: Dataset) -> None:
    seconds_of(queue, data, range(1))  # the first training of a process takes longer
    one = seconds_of(queue, data, range(1, 1 + RUNS))
    cluster.worker()
    wait_for_workers(queue, 2)
    seconds_of(queue, data, range(100, 104))  # also in the second one
    two = seconds_of(queue, data, range(200, 200 + RUNS))
    record(
        f"More than one machine: {RUNS} runs on one worker of this machine, and on two",
        f"{one:.1f} s and {two:.1f} s: {two / one:.2f} times, on {os.cpu_count()} cores",
    )
