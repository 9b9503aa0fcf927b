import dataclasses
import socket

import pytest

from pages.ui import names
from pages.ui.view import View, comparable_runs, find_finished, find_view, previous_run
from recsys.config import RunConfig, make_config
from recsys.jobs.board import Job, JobState
from recsys.runs.testbed import Testbed
from tests.pages.small_lab import Lab, StillQueue, make_record


@pytest.fixture
def config(lab: Lab) -> RunConfig:
    return make_config({"data": lab.data, "epochs": 10})


def test_stored_run_is_found(lab: Lab, queue: StillQueue) -> None:
    view = find_view(lab.runs[0], lab.store, queue)
    assert view.run is not None
    assert view.run.run_id == lab.runs[0]


def test_job_under_way_comes_before_anything_stored(
    lab: Lab, queue: StillQueue, config: RunConfig
) -> None:
    queue.put(Job(lab.runs[0], config, JobState.TRAINING))
    assert find_view(lab.runs[0], lab.store, queue).job is not None


def test_settings_find_their_job_else_their_finished_run(
    lab: Lab, queue: StillQueue, config: RunConfig
) -> None:
    stored = find_finished(lab.runs[0], lab.store, queue).run
    assert stored is not None
    assert stored.run_id == lab.runs[0]
    queue.put(Job(lab.runs[0], config, JobState.TRAINING))
    assert find_finished(lab.runs[0], lab.store, queue).job is not None


def test_stopped_and_failed_trainings_are_not_the_result_of_settings(
    lab: Lab, queue: StillQueue, config: RunConfig
) -> None:
    asked = lab.runs[-1].partition("-stopped-")[0]
    assert find_finished(asked, lab.store, queue) == View()
    queue.put(Job("c" * 12, config, JobState.FAILED, error="not enough memory"))
    assert find_finished("c" * 12, lab.store, queue) == View()


def test_stopped_job_leads_to_what_it_learnt(
    lab: Lab, queue: StillQueue, config: RunConfig
) -> None:
    asked = lab.runs[-1].partition("-stopped-")[0]
    queue.put(Job(asked, config, JobState.STOPPED, result=lab.runs[-1]))
    run = find_view(asked, lab.store, queue).run
    assert run is not None
    assert run.status == "stopped"


def test_stopped_run_is_found_by_its_request_after_a_restart(lab: Lab, queue: StillQueue) -> None:
    asked = lab.runs[-1].partition("-stopped-")[0]
    run = find_view(asked, lab.store, queue).run
    assert run is not None
    assert run.run_id == lab.runs[-1]


@pytest.mark.parametrize(
    ("state", "error", "sentence"),
    [
        (JobState.FAILED, "not enough memory", "failed: not enough memory"),
        (JobState.STOPPED, None, "nothing was saved"),
    ],
)
def test_job_without_result_says_why(
    lab: Lab,
    queue: StillQueue,
    config: RunConfig,
    state: JobState,
    error: str | None,
    sentence: str,
) -> None:
    queue.put(Job("c" * 12, config, state, error=error))
    view = find_view("c" * 12, lab.store, queue)
    assert sentence in (view.problem or "")
    assert view.config == config


@pytest.mark.parametrize("run_id", ["0" * 12, "no such run", "../../etc/passwd", "ä" * 300])
def test_unknown_run_is_a_sentence(lab: Lab, queue: StillQueue, run_id: str) -> None:
    assert "no run" in (find_view(run_id, lab.store, queue).problem or "")


def test_run_that_another_server_trains_is_not_taken_for_deleted(
    lab: Lab, queue: StillQueue
) -> None:
    queue.elsewhere.add("c" * 12)
    assert "Another server" in (find_view("c" * 12, lab.store, queue).problem or "")


def test_comparable_runs_are_the_other_finished_ones_on_the_same_split(lab: Lab) -> None:
    first, second = (lab.store.load(id_) for id_ in lab.runs[:2])
    testbed = Testbed.of_run(second)
    elsewhere = dataclasses.replace(
        first, config=make_config({"data": lab.data, "split_seed": 1}), run_id="f" * 12
    )
    stopped = dataclasses.replace(first, status="stopped", run_id="e" * 12)
    runs = [second, elsewhere, stopped, first]
    assert comparable_runs(second.run_id, testbed, runs) == [first]


def test_previous_run_is_the_newest_before_that_learns_all_of_the_tasks(lab: Lab) -> None:
    rating, retrieval, both = (lab.store.load(id_) for id_ in lab.runs[:3])
    older = dataclasses.replace(both, created="2025-01-01T00:00:00+00:00", run_id="e" * 12)
    assert previous_run(both.config, both.created, [retrieval, rating, older]) == older
    assert previous_run(both.config, both.created, [retrieval, rating]) == retrieval
    later = dataclasses.replace(both, created="2027-01-01T00:00:00+00:00", run_id="d" * 12)
    assert previous_run(both.config, both.created, [later]) is None
    assert previous_run(both.config, None, [later]) == later  # one in training comes after all


def test_job_words_name_another_machine_only(config: RunConfig) -> None:
    job = Job("a" * 12, config, JobState.TRAINING, phase="training", machine="second")
    assert names.job_words(job) == "in the first epoch · on second"
    here = dataclasses.replace(job, machine=socket.gethostname())
    assert names.job_words(here) == "in the first epoch"


@pytest.mark.parametrize(
    ("job_fields", "text"),
    [
        ({"state": JobState.WAITING, "position": 1}, "number 1 in the queue"),
        ({"state": JobState.WAITING, "position": 2}, "number 2 in the queue"),
        ({"state": JobState.TRAINING, "phase": "loading"}, "loading the data"),
        ({"state": JobState.TRAINING, "phase": "training"}, "in the first epoch"),
        (
            {
                "state": JobState.TRAINING,
                "records": (make_record(1), make_record(2)),
                "seconds_left": 4.2,
            },
            "epoch 2 of 10 · 4 s left",
        ),
        ({"state": JobState.TRAINING, "stopping": True}, "stopping …"),
        ({"state": JobState.EVALUATING}, "evaluating"),
    ],
)
def test_job_words_say_how_far_it_is(job_fields: dict[str, object], text: str) -> None:
    job = Job("d" * 12, make_config({"epochs": 10}), **job_fields)  # type: ignore[arg-type]
    assert names.job_words(job) == text
