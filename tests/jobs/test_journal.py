"""Accepted jobs on disk: kept until they end, taken over from servers that have died."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stub_training import config

import recsys.jobs.queue
from recsys.config import run_id as make_run_id
from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.journal import Accepted, Journal
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.jobs.tiny_lab import STUB, finish, wait_until


def accepted(seed: int) -> Accepted:
    return Accepted(f"run{seed}", config(seed=seed), "f" * 64, f"person {seed % 2}")


def closed(folder: Path, *jobs: Accepted) -> None:
    """Leave the journal of a server that has died with these jobs."""
    journal = Journal(folder)
    for number, job in enumerate(jobs, 1):
        journal.add(number, job)
    journal.close()


def test_jobs_of_a_dead_server_are_found_once_in_their_order(tmp_path) -> None:
    jobs = [accepted(seed) for seed in range(12)]
    closed(tmp_path, *jobs)
    journal = Journal(tmp_path)
    assert list(journal.abandoned()) == jobs
    assert list(journal.abandoned()) == []


def test_older_server_comes_first(tmp_path) -> None:
    closed(tmp_path, accepted(1))
    closed(tmp_path, accepted(2))
    assert [job.run_id for job in Journal(tmp_path).abandoned()] == ["run1", "run2"]


def test_jobs_of_a_server_that_lives_are_its_own(tmp_path) -> None:
    journal = Journal(tmp_path)
    journal.add(1, accepted(1))
    assert list(Journal(tmp_path).abandoned()) == []


def test_job_of_another_server_is_known_until_it_ends(tmp_path) -> None:
    journal, other = Journal(tmp_path), Journal(tmp_path)
    journal.add(1, accepted(1))
    assert other.holds("run1")
    journal.remove(1, "run1")
    assert not other.holds("run1")


@pytest.mark.parametrize("run_id", ["*", "../*", "", "run[1]"])
def test_pattern_in_a_link_is_no_job(tmp_path, run_id: str) -> None:
    journal = Journal(tmp_path)
    journal.add(1, accepted(1))
    assert not journal.holds(run_id)


KILLED = """
import os, sys
from pathlib import Path
from stub_training import config
from recsys.jobs.journal import Accepted, Journal
journal = Journal(Path(sys.argv[1]))
journal.add(1, Accepted("run1", config(seed=1), "f" * 64, "person 1"))
os.kill(os.getpid(), 9)
"""


def test_jobs_of_a_killed_process_are_found(tmp_path) -> None:
    tests = Path(__file__).resolve().parents[1]
    path = os.pathsep.join([str(tests), str(tests.parent)])
    subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], env=os.environ | {"PYTHONPATH": path}
    )
    assert list(Journal(tmp_path).abandoned()) == [accepted(1)]


def test_ended_and_replaced_jobs_are_not_found(tmp_path) -> None:
    journal = Journal(tmp_path)
    journal.add(1, accepted(1))
    journal.add(2, accepted(2))
    journal.add(3, accepted(1))  # asked for again while it was being stopped
    journal.remove(2, "run2")
    journal.close()
    assert [job.run_id for job in Journal(tmp_path).abandoned()] == ["run1"]


def test_taker_that_dies_half_way_leaves_all_jobs(tmp_path) -> None:
    closed(tmp_path, accepted(1), accepted(2))
    first = Journal(tmp_path)
    first.add(1, next(iter(first.abandoned())))
    first.close()
    assert {job.run_id for job in Journal(tmp_path).abandoned()} == {"run1", "run2"}


@pytest.mark.parametrize("content", [b"", b"{", b'{"config": {"epochs": -1}}', b"[]", b"\xff"])
def test_damaged_entry_does_not_keep_the_others(tmp_path, content, caplog) -> None:
    closed(tmp_path, accepted(1), accepted(2))
    (file,) = tmp_path.glob("*/1-run1.json")
    file.write_bytes(content)
    assert [job.run_id for job in Journal(tmp_path).abandoned()] == ["run2"]
    assert "1-run1.json cannot be read" in caplog.text


def test_closed_journal_without_jobs_leaves_nothing(tmp_path) -> None:
    closed(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_queue_goes_on_with_the_jobs_of_an_earlier_one(home, tmp_path) -> None:
    store, data = RunStore(runs_folder()), load_dataset("tiny")
    first = JobQueue(store, train=STUB, journal=tmp_path)
    ids = [first.submit(config(seed=seed, epochs=40), data) for seed in (500, 501, 502)]
    first.stop(ids[1])
    wait_until(lambda: first.job(ids[1]).state is JobState.STOPPED)
    first.close()
    second = JobQueue(store, train=STUB, journal=tmp_path)
    try:
        assert second.job(ids[0]).resumed
        assert second.job(ids[1]) is None  # stopped by someone: not trained after all
        for job_id in (ids[0], ids[2]):
            assert finish(second, job_id).state is JobState.FINISHED
        wait_until(lambda: not any(tmp_path.glob("*/*.json")))  # right after a job is done
    finally:
        second.close()


def test_job_that_cannot_be_taken_over_is_taken_over_when_there_is_room(
    home, tmp_path, monkeypatch
) -> None:
    data, add = load_dataset("tiny"), Journal.add
    job = Accepted(
        make_run_id(config(seed=511), data.fingerprint), config(seed=511), data.fingerprint
    )
    closed(tmp_path, job)
    attempts = []

    def full_at_first(*arguments: object) -> None:
        attempts.append(arguments)
        if len(attempts) == 1:
            raise OSError(28, "No space left on device")
        add(*arguments)

    monkeypatch.setattr(Journal, "add", full_at_first)
    monkeypatch.setattr(recsys.jobs.queue, "WATCH_SECONDS", 0.5)
    queue = JobQueue(RunStore(runs_folder()), train=STUB, journal=tmp_path)
    try:
        wait_until(lambda: queue.job(job.run_id).state is JobState.FINISHED)
        assert len(attempts) == 2
    finally:
        queue.close()


def test_request_that_cannot_be_kept_fails_at_once(home, tmp_path, monkeypatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "add", full)
    queue = JobQueue(RunStore(runs_folder()), train=STUB, journal=tmp_path)
    try:
        job = queue.job(queue.submit(config(seed=510), load_dataset("tiny")))
        assert job.state is JobState.FAILED
        assert "No space left on device" in job.error
    finally:
        queue.close()
