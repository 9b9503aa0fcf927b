"""What becomes of a job, case by case."""

from types import SimpleNamespace
from typing import Any

import pytest
from distributed import KilledWorker
from stub_training import config

from recsys.jobs.cluster import ending
from recsys.jobs.cluster.ending import MOST_SENDS, SENDS, Again, Failed, Finished, Stopped, Task

REQUEST = config()


def task(**fields: Any) -> Task:
    return Task(1, "0a1b", REQUEST, "data", None, **({"sends": 1} | fields))


def answered(job: Task, **run: Any) -> ending.Ending:
    """Return what becomes of a job whose worker names this run in the shared store."""
    stored = {"run_id": "0a1b", "config": REQUEST, "status": "finished"} | run
    store: Any = SimpleNamespace(load=lambda run_id: SimpleNamespace(**stored))
    return ending.of_answer(job, {"run_id": stored["run_id"]}, store)


STOPPED = {"run_id": "0a1b-stopped-7", "status": "stopped"}


def test_a_run_that_was_asked_for_ends_its_job() -> None:
    assert isinstance(answered(task()), Finished)
    assert isinstance(answered(task(stopping=1.0), **STOPPED), Finished)


def test_a_run_that_another_server_stopped_is_trained_again_once() -> None:
    assert answered(task(), **STOPPED) == Again()
    assert "another server" in answered(task(sends=SENDS), **STOPPED).reason


def test_job_stopped_before_there_is_anything_to_keep() -> None:
    assert ending.of_answer(task(stopping=1.0), {"stopped": True}, None) == Stopped()
    assert ending.of_answer(task(), {"stopped": True}, None) == Again()  # another server stopped it
    assert "another server" in ending.of_answer(task(sends=SENDS), {"stopped": True}, None).reason


@pytest.mark.parametrize("run", [{"run_id": "ffff"}, {"config": config(seed=9)}])
def test_a_run_of_another_version_fails_its_job(run: dict[str, Any]) -> None:
    assert "another version" in answered(task(), **run).reason


def test_an_error_of_the_training_fails_its_job() -> None:
    store: Any = None
    assert ending.of_answer(task(), {"error": "diverged"}, store) == Failed("diverged")


def test_a_job_that_the_cluster_dropped_or_lost_is_sent_again_once() -> None:
    store: Any = None
    for ended in (ending.of_cancelled, lambda job: ending.of_answer(job, {}, store)):
        assert ended(task()) == Again()
        assert "train again" in ended(task(sends=SENDS)).reason


def test_a_job_on_which_two_workers_died_fails() -> None:
    killed = KilledWorker("key", "worker", 1)
    assert "died twice" in ending.of_error(task(), killed, 2, held_too_much=False).reason
    assert "more memory" in ending.of_error(task(), killed, 2, held_too_much=True).reason


def test_a_job_that_waited_behind_those_on_which_workers_died_is_sent_again() -> None:
    killed = KilledWorker("key", "worker", 1)
    for attempts in (0, 1):
        assert ending.of_error(task(), killed, attempts, held_too_much=False) == Again()
    often = task(sends=MOST_SENDS)
    assert isinstance(ending.of_error(often, killed, 0, held_too_much=False), Failed)


@pytest.mark.parametrize(
    ("sends", "again", "wait", "is_kept"),
    [(1, True, False, True), (SENDS, True, False, False), (0, False, False, False),
     (SENDS, True, True, True), (0, False, True, True)],
)  # fmt: skip
def test_jobs_of_a_lost_cluster_wait_for_it_or_once_for_the_next(
    sends: int, again: bool, wait: bool, is_kept: bool
) -> None:
    ended = ending.of_lost_cluster(task(sends=sends), "it is gone", again=again, wait=wait)
    assert ended == (Again() if is_kept else Failed("it is gone"))
