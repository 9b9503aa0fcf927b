"""What a server keeps when a browser clears Streamlit's cache."""

import gc
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from stub_training import config

from pages.ui import cache, lab
from pages.ui.presets import first_configs
from recsys.errors import DuetError
from recsys.jobs.board import JobState
from recsys.jobs.queue import JobQueue
from tests.pages.small_lab import Lab, OpenPage

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def training_queue(empty_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """A queue of the lab with a worker, whose trainings are stand-ins."""
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    stub = partial(JobQueue, train="stub_training:train")
    monkeypatch.setattr("pages.ui.lab.JobQueue", stub)
    queue = lab.jobs()
    yield queue
    queue.close()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_cleared_cache_neither_ends_a_training_nor_trains_the_presets_again(
    empty_lab: Lab, training_queue: JobQueue, open_page: OpenPage
) -> None:
    queue = training_queue
    searches = lab.searches()
    open_page()
    presets = [cache.config_run_id(one) for one in first_configs(empty_lab.data)]
    assert {job.run_id for job in queue.jobs()} == set(presets)
    long = config(data=empty_lab.data, epochs=1000)
    long_id = queue.submit(long, cache.dataset(long.data))

    def epochs() -> int:
        job = queue.job(long_id)
        return len(job.records) if job else 0

    # The first preset may still be training beside the long run.
    wait_until(lambda: epochs() and queue.job(presets[0]).state is JobState.FINISHED)
    empty_lab.store.delete(presets[0])
    st.cache_resource.clear()
    st.cache_data.clear()
    before = epochs()
    open_page("pages/1_Train.py")
    wait_until(lambda: epochs() > before)
    assert (lab.jobs(), lab.searches()) == (queue, searches)
    assert {job.run_id for job in queue.jobs()} == {*presets, long_id}
    first = queue.job(presets[0])
    assert first is not None
    assert first.state is JobState.FINISHED
    assert presets[0] not in empty_lab.store


def test_action_that_fails_is_tried_again_and_one_that_succeeds_is_not(tmp_path: Path) -> None:
    calls = []

    def fail_first() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ValueError("not yet")

    with pytest.raises(ValueError, match="not yet"):
        lab.once(tmp_path, fail_first)
    lab.once(tmp_path, fail_first)
    lab.once(tmp_path, fail_first)
    assert calls == [0, 1]


def test_what_a_worker_computes_for_a_download_is_waited_for(
    training_queue: JobQueue, empty_lab: Lab
) -> None:
    assert lab.computed("stub_calls:count", 0.1, 5)["value"] == 5
    with pytest.raises(DuetError, match="places"):
        lab.computed("stub_calls:fail")


def test_download_does_not_wait_for_ever(
    training_queue: JobQueue, empty_lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "WAIT_SECONDS", 0.0)
    with pytest.raises(DuetError, match="busy"):
        lab.computed("stub_calls:count", 60, 5)


def test_what_a_server_has_loaded_is_left_out_of_garbage_collection() -> None:
    lab.leave_out_of_garbage_collection()
    assert gc.get_freeze_count()
