"""Searches with a queue that the test controls."""

import dataclasses
import threading
import time

import pandas as pd
import pytest

from recsys.config import RunConfig, make_config, run_id
from recsys.data.tables import Dataset, make_dataset
from recsys.jobs.board import Job, JobState
from recsys.tradeoff.search import Objectives, SearchError
from recsys.tradeoff.searches import Search, Searches
from tests.trial_runs import FINGERPRINT, imagined

BASE = make_config({})
RATINGS = pd.DataFrame({"user_id": ["1"], "movie_id": ["1"], "rating": [3.0]})
DATASET = dataclasses.replace(make_dataset("one", RATINGS), fingerprint=FINGERPRINT)


class Shelf(dict):
    """A store in memory."""

    def list(self):
        return list(self.values())


class Trainer:
    """A queue that trains at once, or fails or waits where a test wants it to."""

    workers = 1

    def __init__(self, store: Shelf) -> None:
        self.store = store
        self.submitted: list[RunConfig] = []
        self.known: dict[str, Job] = {}
        self.fails = lambda number: False
        self.may_go = threading.Event()
        self.may_go.set()

    def submit(self, config: RunConfig, dataset: Dataset, asked_by: str = "") -> str:
        id_ = run_id(config, dataset.fingerprint)
        self.submitted.append(config)
        self.known[id_] = Job(id_, config)
        return id_

    def job(self, id_: str) -> Job | None:
        job = self.known[id_]
        if job.state.done or not self.may_go.is_set():
            return job
        if self.fails(len(self.submitted)):
            job = dataclasses.replace(job, state=JobState.FAILED, error="the loss is not a number")
        else:
            self.store[id_] = imagined(job.config, len(self.store))
            job = dataclasses.replace(job, state=JobState.FINISHED, result=id_)
        self.known[id_] = job
        return job

    def stop(self, id_: str) -> None:
        self.known[id_] = dataclasses.replace(self.known[id_], state=JobState.STOPPED)


@pytest.fixture
def store() -> Shelf:
    return Shelf()


@pytest.fixture
def trainer(store: Shelf) -> Trainer:
    return Trainer(store)


@pytest.fixture
def searches(store: Shelf, trainer: Trainer):
    made = Searches(store, trainer)
    yield made
    made.close()


def wait(searches: Searches, condition) -> Search:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if condition(searches.of(BASE)):
            return searches.of(BASE)
        time.sleep(0.01)
    raise AssertionError(searches.of(BASE))


def start(searches: Searches, trials: int) -> None:
    searches.start(BASE, Objectives(), trials, DATASET)


def test_search_trains_its_trials_one_after_the_other_by_itself(searches, store, trainer):
    start(searches, 4)
    search = wait(searches, lambda search: search.ended)
    assert (search.done, search.problem) == (tuple(store), "")
    assert len(store) == 4
    assert searches.active() == []


def test_next_search_continues_where_the_last_one_ended(searches, store, trainer):
    for trials in (2, 3):
        start(searches, trials)
        wait(searches, lambda search: search.ended)
    assert len(set(trainer.submitted)) == len(store) == 5


def test_trial_that_fails_does_not_end_the_search_and_is_not_tried_again(searches, store, trainer):
    trainer.fails = lambda number: number in (1, 2, 4, 5)
    start(searches, 6)
    search = wait(searches, lambda search: search.ended)
    assert (len(search.done), search.lost, search.problem) == (2, 4, "")
    assert len(set(trainer.submitted)) == 6


def test_search_whose_trials_all_fail_ends_and_says_why(searches, trainer):
    trainer.fails = lambda number: True
    start(searches, 25)
    search = wait(searches, lambda search: search.ended)
    assert search.problem == "3 trials in a row failed, the last: the loss is not a number"
    assert len(trainer.submitted) == 3


def test_stop_ends_the_search_and_its_job(searches, store, trainer):
    trainer.may_go.clear()
    start(searches, 25)
    search = wait(searches, lambda search: search.under_way)
    start(searches, 25)  # a second click
    assert len(searches.active()) == 1
    searches.stop(BASE)
    search = wait(searches, lambda search: search.ended)
    assert (search.done, search.problem, len(trainer.submitted)) == ((), "", 1)


def test_as_many_trials_are_under_way_as_there_are_workers(searches, trainer):
    trainer.workers = 3
    trainer.may_go.clear()
    start(searches, 25)
    search = wait(searches, lambda search: len(search.under_way) == 3)
    assert len(set(trainer.submitted)) == search.begun == 3
    searches.stop(BASE)
    wait(searches, lambda search: search.ended)


def test_error_in_the_queue_is_shown_in_one_line(searches, trainer, monkeypatch):
    def broken(config, dataset, asked_by):
        raise RuntimeError("no\nqueue")

    monkeypatch.setattr(trainer, "submit", broken)
    start(searches, 2)
    assert wait(searches, lambda search: search.ended).problem == "RuntimeError: no queue"


def test_settings_that_leave_nothing_to_choose_on_are_refused_at_once(searches):
    with pytest.raises(SearchError, match="validation"):
        searches.start(make_config({"validation": 0}), Objectives(), 3, DATASET)
