import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state, words
from pages.ui.train import results
from pages.ui.train.form import WEIGHT_STEPS
from recsys.config import make_config
from recsys.jobs.board import Job, JobState
from recsys.jobs.queue import WorkerState
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_record, make_run

TRAIN = "pages/1_Train.py"
RETRIEVAL, RATING = state.train_field("retrieval_weight"), state.train_field("rating_weight")


def labelled(elements: Sequence[Any], label: str) -> Any:
    """The input with this label. An input that the page has set has another key than before."""
    return next(element for element in elements if element.label == label)


def n_charts(app: AppTest) -> int:
    return len(app.main.get("vega_lite_chart"))


def test_inputs_start_with_the_config_of_the_run_in_the_url(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[0])  # rating-specialised
    assert (app.select_slider(key=RETRIEVAL).value, app.select_slider(key=RATING).value) == (
        0.0,
        1.0,
    )
    app = open_page(TRAIN, run=lab.runs[-1])  # the stopped tutorial run
    assert app.select_slider(key=RATING).value == 0.5
    assert app.segmented_control(key=state.train_field("architecture")).value == "tutorial"


@pytest.mark.parametrize(
    ("preset", "weights"),
    [
        ("rating-specialised", (0.0, 1.0)),
        ("retrieval-specialised", (1.0, 0.0)),
        ("multi-task", (1.0, 1.0)),
    ],
)
def test_preset_moves_both_sliders(
    open_page: OpenPage, preset: str, weights: tuple[float, float]
) -> None:
    app = open_page(TRAIN)
    labelled(app.pills, "Preset").set_value(preset).run()
    sliders = [labelled(app.select_slider, f"{task} weight") for task in ("Retrieval", "Rating")]
    assert tuple(slider.value for slider in sliders) == weights
    assert labelled(app.pills, "Preset").value == preset


def test_slider_off_a_preset_leaves_none_chosen(open_page: OpenPage) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RATING).set_value(0.3).run()
    assert labelled(app.pills, "Preset").value is None


def test_weights_of_a_run_between_the_steps_are_shown_exactly_until_they_are_moved(
    lab: Lab, open_page: OpenPage
) -> None:
    config = make_config({"data": lab.data, "retrieval_weight": 12.5, "rating_weight": 0.37})
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    lab.store.save(run, scorer)
    app = open_page(TRAIN, run=run.run_id)
    weights = [app.select_slider(key=key) for key in (RETRIEVAL, RATING)]
    assert [slider.value for slider in weights] == [12.5, 0.37]
    weights[1].set_value(0.5).run()
    assert app.select_slider(key=RETRIEVAL).value == 12.5
    assert app.select_slider(key=RATING).value == 0.5
    assert app.select_slider(key=RATING).options == [f"{step:g}" for step in WEIGHT_STEPS]


def test_weights_have_logarithmic_steps_and_reach_0() -> None:
    assert WEIGHT_STEPS[0] == 0
    factors = [b / a for a, b in itertools.pairwise(WEIGHT_STEPS[1:])]
    assert all(1.4 <= factor <= 2.6 for factor in factors)


def test_both_weights_zero_is_refused(open_page: OpenPage, queue: StillQueue) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RETRIEVAL).set_value(0.0)
    app.select_slider(key=RATING).set_value(0.0).run()
    assert "both 0" in app.error[0].value
    assert app.button(key=state.TRAIN_START).disabled
    app.select_slider(key=RATING).set_value(0.5).run()
    assert not app.error
    assert not app.button(key=state.TRAIN_START).disabled


def test_shares_that_leave_nothing_to_train_on_are_refused(open_page: OpenPage) -> None:
    app = open_page(TRAIN)
    app.number_input(key=state.train_field("holdout")).set_value(0.9).run()
    assert "leave nothing to train on" in app.error[0].value
    assert app.button(key=state.TRAIN_START).disabled


def test_architecture_brings_its_own_defaults(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[0])
    app.number_input(key=state.train_field("epochs")).set_value(77).run()
    app.segmented_control(key=state.train_field("architecture")).set_value("tutorial").run()
    tutorial = make_config({"architecture": "tutorial"})
    for field in ("learning_rate", "epochs", "batch_size", "embedding_dimension"):
        shown = labelled(app.number_input, words.field_label(field))
        assert shown.value == getattr(tutorial, field)
    assert not app.error


def test_train_submits_the_config_of_the_inputs(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    app.pills(key=state.TRAIN_PRESET).set_value("multi-task").run()
    app.segmented_control(key=state.train_field("architecture")).set_value("duet").run()
    app.select_slider(key=RATING).set_value(0.3)
    app.number_input(key=state.train_field("epochs")).set_value(7).run()
    app.button(key=state.TRAIN_START).click().run()
    job = queue.jobs()[0]
    assert job.config == make_config({"data": lab.data, "rating_weight": 0.3, "epochs": 7})
    assert app.query_params["run"] == job.run_id
    assert app.progress
    assert n_charts(app) == 7  # of a training that has no epoch yet: no gradients
    assert app.select_slider(key=RATING).value == 0.3


def test_train_right_after_a_change_submits_what_the_inputs_hold_then(
    open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    for epochs, weight in ((7, 0.05), (8, 0.5)):
        app.number_input(key=state.train_field("epochs")).set_value(epochs)
        app.select_slider(key=RATING).set_value(weight)
        app.button(key=state.TRAIN_START).click().run()  # with no rerun in between
        config = queue.jobs()[0].config
        assert (config.epochs, config.rating_weight) == (epochs, weight)


def test_train_right_after_an_invalid_change_says_why_and_keeps_the_inputs(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN, run=lab.runs[2])
    app.number_input(key=state.train_field("epochs")).set_value(7)
    app.select_slider(key=RETRIEVAL).set_value(0.0)
    app.select_slider(key=RATING).set_value(0.0)
    app.button(key=state.TRAIN_START).click().run()
    assert [error.value for error in app.error if "both 0" in error.value] == [app.error[0].value]
    assert len(app.error) == 1
    assert queue.jobs() == []
    assert app.query_params["run"] == lab.runs[2]
    assert app.number_input(key=state.train_field("epochs")).value == 7
    assert (app.select_slider(key=RETRIEVAL).value, app.select_slider(key=RATING).value) == (
        0.0,
        0.0,
    )


def test_identical_request_shows_the_stored_run_and_says_so(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN, run=lab.runs[0])
    app.pills(key=state.TRAIN_PRESET).set_value("multi-task").run()
    app.button(key=state.TRAIN_START).click().run()
    assert "Trained before" in app.info[0].value
    assert app.query_params["run"] == lab.runs[2]
    assert app.subheader[0].value == "multi-task"


def test_finished_run_shows_metrics_and_the_difference_to_the_last_run(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(TRAIN, run=lab.runs[2])
    before, now = (lab.store.load(lab.runs[i]).metrics["holdout"] for i in (0, 2))
    rmse = next(metric for metric in app.metric if metric.label == "RMSE")
    assert rmse.value == f"{now['rmse']:.3f} stars"
    difference = round(now["rmse"] - before["rmse"], 3)
    assert float(rmse.delta) == pytest.approx(difference)
    assert rmse.proto.delta_description == "vs. previous"
    assert rmse.help
    recall = next(metric for metric in app.metric if metric.label == "Recall@20")
    assert recall.proto.delta_description == "vs. previous"
    runs = "retrieval-specialised (retrieval) and rating-specialised (rating)"
    assert any(runs in text.value for text in app.caption)
    links = [link.proto.query_string for link in app.main.get("page_link")]
    assert f"run={lab.runs[2]}" in links
    assert any(lab.runs[1] in link and lab.runs[2] in link for link in links)


def test_task_that_a_run_does_not_learn_has_no_difference(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[1])  # retrieval-specialised, after rating-specialised
    assert all(not metric.delta for metric in app.metric)
    assert any("rating task was not trained" in text.value for text in app.caption)


def test_first_run_has_no_difference(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[0])
    assert all(not metric.delta for metric in app.metric)


def test_run_leads_to_a_sweep_from_its_settings(lab: Lab, open_page: OpenPage) -> None:
    (link,) = [
        link
        for link in open_page(TRAIN, run=lab.runs[0]).main.get("page_link")
        if link.label == "Sweep these settings"
    ]
    assert f"base={lab.runs[0]}" in link.proto.query_string
    assert "sharing=all" in link.proto.query_string


def test_stopped_run_says_so(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[-1])
    assert app.subheader[0].value == "half way · stopped after epoch 2"


def test_stopped_job_moves_the_url_to_what_it_left(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    asked = lab.runs[-1].partition("-stopped-")[0]
    config = lab.store.load(lab.runs[-1]).config
    queue.put(Job(asked, config, JobState.STOPPED, result=lab.runs[-1]))
    app = open_page(TRAIN, run=asked)
    assert app.query_params["run"] == lab.runs[-1]


def test_unknown_run_is_a_sentence_and_a_way_on(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run="0" * 12)
    assert "There is no run" in app.error[0].value
    app.button(key=state.TRAIN_NEWEST).click().run()
    assert not app.error
    assert app.subheader[0].value.startswith("half way")


def test_running_job_shows_progress_queue_and_stop(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    config = make_config({"data": lab.data, "epochs": 4})
    running = Job(
        "a" * 12,
        config,
        JobState.TRAINING,
        "training",
        (make_record(1), make_record(2)),
        seconds_left=6.0,
    )
    queue.put(running)
    waiting = make_config({"data": lab.data, "rating_weight": 0.2})
    queue.put(Job("b" * 12, waiting, position=2))
    queue.state = WorkerState.BUSY
    app = open_page(TRAIN, run="a" * 12)
    bar = app.main.get("progress")[0]
    assert bar.value == 50
    assert bar.text == "Epoch 2 of 4 · 6 s left · worker is training"
    links = [link.value for link in app.main.get("page_link")]
    assert "weights 1 : 0.2: number 2 in the queue" in links
    app.button(key=state.TRAIN_STOP).click().run()
    assert queue.stopped == ["a" * 12]


def test_job_that_ends_while_watched_shows_its_results(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    run = lab.store.load(lab.runs[2])
    queue.put(Job(run.run_id, run.config, JobState.TRAINING))
    app = open_page(TRAIN, run=run.run_id)
    assert app.progress
    queue.put(Job(run.run_id, run.config, JobState.FINISHED, result=run.run_id))
    app.run()
    assert not app.main.get("progress")
    assert [metric.label for metric in app.metric] == ["Top-100 accuracy", "Recall@20", "RMSE"]


def test_failed_job_says_why(lab: Lab, open_page: OpenPage, queue: StillQueue) -> None:
    queue.put(Job("c" * 12, make_config({"data": lab.data}), JobState.FAILED, error="too large"))
    assert "too large" in open_page(TRAIN, run="c" * 12).error[0].value


def test_lost_worker_is_named(open_page: OpenPage, queue: StillQueue) -> None:
    queue.state, queue.problem = WorkerState.LOST, "no scheduler at tcp://10.0.0.1:8786"
    app = open_page(TRAIN)
    assert any("no scheduler at" in text.value for text in app.sidebar.markdown)


def test_settings_survive_a_switch_of_pages(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[0])
    app.select_slider(key=RETRIEVAL).set_value(0.5).run()
    app.switch_page("app.py").run()
    app.switch_page(TRAIN).run()
    assert app.select_slider(key=RETRIEVAL).value == 0.5
    assert app.query_params["run"] == lab.runs[0]


def test_imported_csv_is_chosen_and_can_be_trained_on(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    rows = "".join(f"{user},{movie},{user % 3 + 1}\n" for user in range(9) for movie in range(9))
    content = ("user_id,movie_id,rating\n" + rows).encode()
    app.file_uploader(key=state.TRAIN_UPLOAD_RATINGS).set_value(("mine.csv", content, "text/csv"))
    app.run()
    app.button(key=state.TRAIN_IMPORT).click().run()
    assert app.toast[0].value == "Imported 81 ratings, 9 users, 9 movies, scale 1–3."
    chosen = labelled(app.selectbox, "Data set").value
    assert chosen.startswith("mine-")
    app.button(key=state.TRAIN_START).click().run()
    assert queue.jobs()[0].config.data == chosen


def test_malformed_csv_is_one_line_and_nothing_is_lost(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RATING).set_value(0.2)
    content = b"user_id,movie_id,rating\n1,1,abc\n"
    app.file_uploader(key=state.TRAIN_UPLOAD_RATINGS).set_value(("bad.csv", content, "text/csv"))
    app.run()
    app.button(key=state.TRAIN_IMPORT).click().run()
    assert len(app.error) == 1
    assert app.error[0].value.startswith("bad.csv line 2")
    assert app.selectbox(key=state.train_field("data")).value == lab.data
    assert app.select_slider(key=RATING).value == 0.2
    assert not app.button(key=state.TRAIN_START).disabled


@pytest.mark.parametrize(
    ("weights", "validation", "shown"),
    [
        ((1, 1), 0.1, results.CURVES),
        ((1, 0), 0.1, ("retrieval_loss", "top_k_accuracy@100", "recall@20", "ndcg@20")),
        ((0, 1), 0.1, ("rating_loss", "rmse")),
        ((1, 1), 0.0, ("retrieval_loss", "rating_loss")),
    ],
)
def test_shown_curves_are_those_the_run_has(
    weights: tuple[int, int], validation: float, shown: tuple[str, ...]
) -> None:
    config = make_config(
        {"retrieval_weight": weights[0], "rating_weight": weights[1], "validation": validation}
    )
    assert results.shown_curves(config) == shown


def test_settings_are_left_alone_while_presets_train(
    empty_lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RATING).set_value(0.3).run()
    first, second, _ = queue.jobs()[::-1]
    queue.put(Job(first.run_id, first.config, JobState.FAILED, error="out of memory"))
    queue.put(Job(second.run_id, second.config, JobState.TRAINING, "training"))
    app.run()
    assert app.select_slider(key=RATING).value == 0.3
    assert app.subheader[0].value == "retrieval-specialised"


def test_imported_holdout_file_makes_a_given_split(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    head = "user_id,movie_id,rating\n"
    train = head + "".join(f"{user},{movie},3\n" for user in range(5) for movie in range(5))
    holdout = head + "".join(f"{user},{user + 5},4\n" for user in range(5))
    for key, name, text in (
        (state.TRAIN_UPLOAD_RATINGS, "train.csv", train),
        (state.TRAIN_UPLOAD_HOLDOUT, "holdout.csv", holdout),
    ):
        app.file_uploader(key=key).set_value((name, text.encode(), "text/csv"))
    app.run()
    app.button(key=state.TRAIN_IMPORT).click().run()
    assert not app.error
    assert labelled(app.segmented_control, words.field_label("split")).value == "given"
    assert labelled(app.number_input, words.field_label("holdout")).disabled
    app.button(key=state.TRAIN_START).click().run()
    assert queue.jobs()[0].config.split == "given"
    labelled(app.selectbox, "Data set").set_value(lab.data).run()
    assert labelled(app.segmented_control, words.field_label("split")).value == "random"
