"""What idle workers are sent to prepare, and that those who ask for something come first."""

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from stub_training import SLOW, config

import recsys.jobs.cluster.dispatcher
from recsys.home import home as lab_home
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.cluster.ahead import Ahead, Expected
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.jobs.tiny_lab import STUB, finish, submit, wait_until

USUAL, LAST = Expected(config(seed=1), "data"), Expected(config(seed=2), "data")


class Workers:
    """Stands for a connection: notes what is sent and stopped."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[int]]] = []  # worker, seeds
        self.stopped: list[str] = []
        self.done = False

    def prepare(self, key: str, expected: Any, function: str, worker: str) -> Any:
        self.sent.append((worker, [fields["seed"] for fields, _ in expected]))
        nothing = SimpleNamespace(done=lambda: self.done, cancel=lambda: None)
        nothing.release = lambda: None
        return nothing

    def ask_to_stop(self, key: str) -> None:
        self.stopped.append(key)


@pytest.fixture
def workers() -> Workers:
    return Workers()


def test_each_worker_prepares_once_the_last_job_first(workers) -> None:
    ahead = Ahead(USUAL, LAST)
    ahead.send(workers, "a:b", ["a", "b"])
    workers.done = True
    ahead.send(workers, "a:b", ["a", "b"])
    assert workers.sent == [("a", [2, 1]), ("b", [2, 1])]


def test_nothing_is_sent_where_nothing_is_expected(workers) -> None:
    Ahead().send(workers, "a:b", ["a"])
    assert not workers.sent


def test_last_job_that_is_the_usual_one_is_prepared_once(workers) -> None:
    Ahead(USUAL, USUAL).send(workers, "a:b", ["a"])
    assert workers.sent == [("a", [1])]


def test_another_last_job_is_prepared_too(workers) -> None:
    ahead = Ahead(USUAL)
    ahead.send(workers, "a:b", ["a"])
    workers.done = True
    ahead.last = LAST
    ahead.send(workers, "a:b", ["a"])
    assert workers.sent == [("a", [1]), ("a", [2, 1])]


def test_worker_that_replaces_another_is_prepared(workers) -> None:
    ahead = Ahead(USUAL)
    workers.done = True
    for present in (["a"], ["b"], ["a", "b"]):
        ahead.send(workers, "a:b", present)
    assert [worker for worker, _ in workers.sent] == ["a", "b", "a"]


def test_stopped_work_is_sent_again_and_finished_work_is_not(workers) -> None:
    ahead = Ahead(USUAL)
    ahead.send(workers, "a:b", ["a"])
    ahead.stop(workers)
    assert len(workers.stopped) == 1
    ahead.send(workers, "a:b", ["a"])
    workers.done = True
    ahead.stop(workers)
    ahead.send(workers, "a:b", ["a"])
    assert len(workers.stopped) == 1
    assert len(workers.sent) == 2


def test_worker_that_dies_of_it_is_not_followed_by_another(workers) -> None:
    ahead = Ahead(USUAL)
    ahead.send(workers, "a:b", ["a"])
    for _ in range(3):
        ahead.send(workers, "a:b", ["b"])
    assert [worker for worker, _ in workers.sent] == ["a"]
    ahead.stop(workers)  # a page is opened
    ahead.send(workers, "a:b", ["b"])
    assert [worker for worker, _ in workers.sent] == ["a"]
    ahead.note(LAST)
    ahead.send(workers, "a:b", ["b"])
    assert [worker for worker, _ in workers.sent] == ["a", "b"]


def test_lost_cluster_leaves_nothing_to_stop(workers) -> None:
    ahead = Ahead(USUAL)
    ahead.send(workers, "a:b", ["a"])
    ahead.lose()
    ahead.stop(workers)
    assert not workers.stopped


@pytest.fixture
def two(home: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    monkeypatch.setattr("recsys.jobs.cluster.dispatcher.IDLE_SECONDS", 0.1)
    monkeypatch.setitem(recsys.jobs.cluster.dispatcher.PREPARE, STUB, "stub_training:prepare")
    queue = JobQueue(RunStore(runs_folder()), train=STUB, n_workers=2)
    yield queue
    queue.close()


def prepared(seed: int) -> int:
    """Return how many workers have prepared the job with this seed."""
    return len(list(lab_home().glob(f"prepared-{seed}-*")))


def test_idle_workers_prepare_the_last_job_in_each_process(two: JobQueue) -> None:
    assert finish(two, submit(two, config(seed=71))).state is JobState.FINISHED
    wait_until(lambda: prepared(71) == 2)


def test_job_does_not_wait_for_what_nobody_asked_for(two: JobQueue) -> None:
    assert finish(two, submit(two, config(seed=SLOW))).state is JobState.FINISHED
    wait_until(lambda: prepared(SLOW) == 2)  # both go on until they are stopped
    assert finish(two, submit(two, config(seed=72))).state is JobState.FINISHED
    wait_until(lambda: prepared(72) == 2)


def test_workers_prepare_nothing_while_pages_are_opened(
    two: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recsys.jobs.cluster.dispatcher.IDLE_SECONDS", 4.0)
    assert finish(two, submit(two, config(seed=73))).state is JobState.FINISHED
    end = time.monotonic() + 6.0
    while time.monotonic() < end:
        two.hold_back()
        time.sleep(0.1)
        assert not prepared(73)
    wait_until(lambda: prepared(73) == 2)
