"""One person's sweep does not hold up another's single run."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stub_training import config

from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.faults.results import record
from tests.jobs.tiny_lab import STUB, TESTS, finish, keep_tiny_data, wait_until

SWEEP = 7
LONG = {"epochs": 5, "learning_rate": 0.1}


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))
    keep_tiny_data()
    queue = JobQueue(RunStore(runs_folder()), train=STUB)
    yield queue
    queue.close()


def test_run_asked_for_during_anothers_sweep_is_next_but_one(queue: JobQueue) -> None:
    data = load_dataset("tiny")
    sweep = [queue.submit(config(seed=seed, **LONG), data, asked_by="one") for seed in range(SWEEP)]
    wait_until(lambda: queue.job(sweep[0]).records)
    single = queue.submit(config(seed=99, **LONG), data, asked_by="two")
    time.sleep(0.1)
    assert queue.job(single).position <= 2  # of those that wait; the page shows it
    finish(queue, single)
    before = sum(queue.job(one).state is JobState.FINISHED for one in sweep)
    assert before <= 2
    record(
        f"Many people: runs of a sweep of {SWEEP} trained before a run that another person asks "
        "for after its start",
        str(before),
    )
