import dataclasses

import pytest

from pages.ui import names
from pages.ui.view import View, find_view, previous_run
from recsys.config import RunConfig, make_config
from recsys.jobs.board import Job, JobState
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


def test_without_id_what_runs_is_in_view_else_the_newest_run(
    lab: Lab, queue: StillQueue, config: RunConfig
) -> None:
    newest = find_view(None, lab.store, queue).run
    assert newest is not None
    assert newest.run_id == lab.runs[-1]
    queue.put(Job("b" * 12, config, JobState.WAITING, position=1))
    queue.put(Job("a" * 12, config, JobState.TRAINING))
    job = find_view(None, lab.store, queue).job
    assert job is not None
    assert job.run_id == "a" * 12


def test_empty_lab_has_nothing_in_view(empty_lab: Lab, queue: StillQueue) -> None:
    assert find_view(None, empty_lab.store, queue) == View(job=None, run=None, problem=None)


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
        (JobState.STOPPED, None, "nothing was learnt"),
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
    assert sentence in (find_view("c" * 12, lab.store, queue).problem or "")


@pytest.mark.parametrize("run_id", ["0" * 12, "no such run", "../../etc/passwd", "ä" * 300])
def test_unknown_run_is_a_sentence(lab: Lab, queue: StillQueue, run_id: str) -> None:
    assert "no run" in (find_view(run_id, lab.store, queue).problem or "")


def test_previous_run_is_the_newest_before_on_the_same_split(lab: Lab) -> None:
    runs = lab.store.list()
    second = lab.store.load(lab.runs[1])
    first = previous_run(second, runs)
    assert first is not None
    assert first.run_id == lab.runs[0]
    assert previous_run(first, runs) is None
    elsewhere = dataclasses.replace(
        first, config=make_config({"data": lab.data, "split_seed": 1}), run_id="f" * 12
    )
    assert previous_run(second, [elsewhere]) is None
    stopped = dataclasses.replace(first, status="stopped")
    assert previous_run(second, [stopped]) is None


def test_previous_run_of_a_task_is_one_that_learns_it(lab: Lab) -> None:
    runs = lab.store.list()
    _, retrieval, both, _ = (lab.store.load(id_) for id_ in lab.runs)
    before = {task: previous_run(both, runs, task) for task in ("rating", "retrieval")}
    assert [run.run_id for run in before.values() if run] == lab.runs[:2]
    assert previous_run(retrieval, runs, "rating") is None


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
