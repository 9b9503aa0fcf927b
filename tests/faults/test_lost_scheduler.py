"""A cluster of its own, over TLS: its scheduler or a worker is killed, and its jobs go on."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stub_training import config

from recsys.data.library import load_dataset
from recsys.jobs.board import JobState
from recsys.jobs.cluster.address import CERTIFICATES
from recsys.jobs.queue import JobQueue, WorkerState
from recsys.runs.store import RunStore
from tests.faults.own_cluster import OwnCluster, kill
from tests.faults.results import record
from tests.jobs.tiny_lab import STUB, finish, keep_tiny_data

START_SECONDS = 240.0  # of Dask's processes, on a busy machine
LONG = {"epochs": 40, "learning_rate": 0.1}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCluster]:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    keep_tiny_data()
    with OwnCluster(tmp_path) as cluster:
        monkeypatch.setenv(CERTIFICATES, str(cluster.certificates / "client"))
        yield cluster


@pytest.fixture
def queue(cluster: OwnCluster, tmp_path: Path) -> Iterator[JobQueue]:
    queue = JobQueue(RunStore(tmp_path / "runs"), cluster.address, train=STUB)
    yield queue
    queue.close()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < end, f"still waiting after {START_SECONDS} s"
        time.sleep(0.1)


def ask(queue: JobQueue, seeds: range) -> list[str]:
    data = load_dataset("tiny")
    return [queue.submit(config(seed=seed, **LONG), data) for seed in seeds]


def test_jobs_wait_for_a_scheduler_that_was_killed_and_go_on_when_it_is_back(
    cluster: OwnCluster, queue: JobQueue
) -> None:
    scheduler = cluster.scheduler()
    cluster.worker()
    ids = ask(queue, range(800, 803))
    wait_until(lambda: queue.job(ids[0]).records)
    kill(scheduler)
    wait_until(lambda: "no Dask scheduler answers" in (queue.problem or ""))
    assert [queue.job(one).state for one in ids] == [JobState.WAITING] * 3
    cluster.scheduler()
    back = time.monotonic()
    wait_until(lambda: queue.worker() is WorkerState.BUSY)
    took = time.monotonic() - back
    assert [finish(queue, one).state for one in ids] == [JobState.FINISHED] * 3
    assert queue.problem is None
    record(
        "Nothing hangs: a lost scheduler, from its new start to the first job on its worker",
        f"{took:.0f} s, 3 of 3 jobs finished",
    )


def test_job_is_trained_by_another_worker_when_its_worker_is_killed(
    cluster: OwnCluster, queue: JobQueue
) -> None:
    cluster.scheduler()
    workers = [cluster.worker()]
    ids = ask(queue, range(810, 814))
    wait_until(lambda: queue.job(ids[0]).records)
    workers.append(cluster.worker())
    wait_until(lambda: queue.workers == 2)
    kill(workers[0])
    states = [finish(queue, one).state for one in ids]
    assert states == [JobState.FINISHED] * len(ids)
    record(
        "Nothing hangs: one of two workers of a TLS cluster killed in mid-sweep, runs finished",
        f"{len(ids)} of {len(ids)}",
    )
