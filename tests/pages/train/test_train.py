import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.proto.Metric_pb2 import Metric as MetricProto
from streamlit.testing.v1 import AppTest

from pages.ui import state, words
from pages.ui.train import curves
from pages.ui.train.form import WEIGHT_STEPS
from recsys.config import SHARING, make_config, with_sharing
from recsys.data.library import load_dataset
from recsys.evaluation.comparison import NOT_DISTINGUISHABLE, compare, measure
from recsys.evaluation.evaluate import per_user_metrics
from recsys.experiment import split_for
from recsys.jobs.board import Job, JobState
from recsys.jobs.queue import WorkerState
from tests.pages.small_lab import Lab, OpenPage, StillQueue, make_record, make_run

TRAIN = "pages/1_Train.py"
RETRIEVAL, RATING = state.train_field("retrieval_weight"), state.train_field("rating_weight")


def labelled(elements: Sequence[Any], label: str) -> Any:
    """The input with this label. An input that the page has set has another key than before."""
    return next(element for element in elements if element.label == label)


def named(app: AppTest, text: str) -> bool:
    """Whether a text stands on the page."""
    return any(text in element.value for element in app.markdown)


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


def test_waiting_run_says_how_many_come_before_it(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    configs = [make_config({"data": lab.data, "seed": seed}) for seed in (901, 902, 903)]
    first, _, last = [queue.submit(one, load_dataset(lab.data)) for one in configs]
    queue.put(dataclasses.replace(queue.all[first], state=JobState.TRAINING, position=0))
    for place, id_ in enumerate(list(queue.all)[1:], 1):
        queue.put(dataclasses.replace(queue.all[id_], position=place))
    app = open_page(TRAIN, run=last)
    assert not app.exception
    assert any("2 runs before" in element.value for element in app.caption)


def test_page_waits_for_a_run_that_another_server_trains(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    queue.elsewhere.add("c" * 12)
    app = open_page(TRAIN, run="c" * 12)
    assert not app.exception
    assert not app.error
    assert "Another server" in app.info[0].value


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


def test_setting_in_a_part_that_was_closed_again_is_trained_and_kept(
    lab: Lab, queue: StillQueue, open_page: OpenPage
) -> None:
    app = open_page(TRAIN)
    app.number_input(key=state.train_field("epochs")).set_value(7).run()
    for key in (state.TRAIN_MODEL, state.TRAIN_SPLIT):
        app.session_state[key] = False
    app.run()
    assert not app.number_input
    app.button(key=state.TRAIN_START).click().run()
    (job,) = queue.all.values()
    assert job.config.epochs == 7
    app.switch_page("pages/3_Compare.py").run()
    app.switch_page(TRAIN).run()
    app.session_state[state.TRAIN_MODEL] = True
    app.run()
    assert labelled(app.number_input, "Epochs").value == 7


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


def test_finished_run_shows_metrics_and_the_difference_to_the_run_before(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(TRAIN, run=lab.runs[2])  # multi-task, after retrieval-specialised
    before, now = (lab.store.load(lab.runs[i]).metrics["holdout"] for i in (1, 2))
    recall = next(metric for metric in app.metric if metric.label == "Recall@20")
    assert recall.value == f"{now['recall@20']:.3f}"
    difference = round(now["recall@20"] - before["recall@20"], 3)
    assert float(recall.delta.removeprefix("≈ ")) == pytest.approx(difference)
    assert recall.proto.delta_description == "vs. previous"
    assert recall.help
    rmse = next(metric for metric in app.metric if metric.label == "RMSE")
    assert not rmse.delta  # the run before did not learn to rate
    assert any("previous run, retrieval-specialised" in text.value for text in app.caption)
    links = [link.proto.query_string for link in app.main.get("page_link")]
    assert f"run={lab.runs[2]}" in links
    assert any(lab.runs[1] in link and lab.runs[2] in link for link in links)


def test_difference_is_coloured_only_where_the_paired_interval_leaves_out_0(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(TRAIN, run=lab.runs[2])
    tables = [
        per_user_metrics(
            lab.store.scorer(id_), split_for(run.config, load_dataset(lab.data)), "holdout"
        )
        for id_ in (lab.runs[2], lab.runs[1])
        for run in [lab.store.load(id_)]
    ]
    own, other = (measure([table]) for table in tables)
    for metric in app.metric:
        if not metric.delta:
            continue
        name = {"Top-100 accuracy": "top_k_accuracy@100", "Recall@20": "recall@20"}[metric.label]
        known = compare(own, other, name).verdict != NOT_DISTINGUISHABLE
        assert metric.delta.startswith("≈") != known
        assert (metric.proto.color != MetricProto.MetricColor.GRAY) == known


def test_task_that_a_run_does_not_learn_has_no_difference(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[1])  # retrieval-specialised, after rating-specialised
    assert all(not metric.delta for metric in app.metric)
    assert any("rating task was not trained" in text.value for text in app.caption)


def test_first_run_has_no_difference(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[0])
    assert all(not metric.delta for metric in app.metric)
    assert labelled(app.selectbox, "Compare with").value == "none"


def test_run_to_compare_with_is_chosen_and_kept_in_the_url(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[2])
    box = labelled(app.selectbox, "Compare with")
    assert box.value == lab.runs[1]
    assert len(box.options) == 3  # no other run, and the finished ones on the same data
    box.set_value(lab.runs[0]).run()
    assert app.query_params["with"] == lab.runs[0]
    rmse = next(metric for metric in app.metric if metric.label == "RMSE")
    assert rmse.delta
    assert rmse.proto.delta_description == "vs. compared run"
    app = open_page(TRAIN, run=lab.runs[2], **{"with": "none"})
    assert all(not metric.delta for metric in app.metric)


def test_run_leads_to_a_sweep_from_its_settings(lab: Lab, open_page: OpenPage) -> None:
    (link,) = [
        link
        for link in open_page(TRAIN, run=lab.runs[0]).main.get("page_link")
        if link.label == "Sweep these settings"
    ]
    assert f"base={lab.runs[0]}" in link.proto.query_string
    assert "sharing=part" in link.proto.query_string


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
    assert app.subheader[0].value == "multi-task"  # of the settings in the form
    app.button(key=state.TRAIN_DISMISS).click().run()
    assert not app.error
    assert app.query_params["run"] == lab.runs[2]


def test_plain_page_shows_the_run_of_the_settings_in_the_form(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(TRAIN)  # the newest run is another one, and it was stopped
    assert app.subheader[0].value == "multi-task"
    assert app.query_params["run"] == lab.runs[2]


def test_plain_page_shows_nothing_that_the_form_does_not_ask_for(
    lab: Lab, open_page: OpenPage
) -> None:
    lab.store.delete(lab.runs[2])
    app = open_page(TRAIN)
    assert not app.metric
    assert not n_charts(app)
    assert any("have not been trained" in text.value for text in app.markdown)
    assert "run" not in app.query_params


def test_moved_slider_dims_the_result_and_names_the_difference(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(TRAIN, run=lab.runs[2])
    assert not named(app, "other settings")
    app.select_slider(key=RATING).set_value(0.3).run()
    assert named(app, "other settings:** rating weight 1 instead of 0.3")
    app.button(key=state.TRAIN_BACK).click().run()
    assert labelled(app.select_slider, "Rating weight").value == 1.0
    assert not named(app, "other settings")


def test_settings_of_a_stored_run_bring_that_run(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN, run=lab.runs[2])
    app.select_slider(key=RETRIEVAL).set_value(0.0).run()
    assert app.subheader[0].value == "rating-specialised"
    assert app.query_params["run"] == lab.runs[0]
    assert not named(app, "other settings")


def test_training_of_other_settings_is_named_as_such(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RATING).set_value(0.3).run()
    app.button(key=state.TRAIN_START).click().run()
    assert app.progress
    assert not named(app, "other settings")
    app.select_slider(key=RATING).set_value(0.5).run()
    assert app.progress
    assert named(app, "A training of other settings:** rating weight 0.3 instead of 0.5")


@pytest.mark.parametrize("sharing", SHARING)
def test_every_sharing_can_be_trained_right_after_it_was_chosen(
    lab: Lab, open_page: OpenPage, queue: StillQueue, sharing: str
) -> None:
    app = open_page(TRAIN)
    app.number_input(key=state.train_field("seed")).set_value(7)
    app.selectbox(key=state.train_field("sharing")).set_value(sharing)
    app.button(key=state.TRAIN_START).click().run()  # with no rerun in between
    assert not app.error
    assert queue.jobs()[0].config == make_config({"data": lab.data, "sharing": sharing, "seed": 7})


def test_sharing_brings_its_defaults_and_keeps_what_was_changed(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    app.number_input(key=state.train_field("epochs")).set_value(7).run()
    app.number_input(key=state.train_field("rating_dimension")).set_value(9).run()
    labelled(app.selectbox, "What the tasks share").set_value("tied").run()
    shown = {element.label for element in app.number_input}
    assert not {"Rating dimension", "Rating members"} & shown
    config = make_config({"data": lab.data, "sharing": "tied", "epochs": 7})
    labelled(app.button, "Train").click().run()
    assert queue.jobs()[0].config == config
    labelled(app.selectbox, "What the tasks share").set_value("none").run()
    labelled(app.button, "Train").click().run()
    assert queue.jobs()[0].config == with_sharing(config, "none")
    assert not app.error


def test_sharing_can_be_chosen_while_the_settings_are_not_valid(
    lab: Lab, open_page: OpenPage
) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RETRIEVAL).set_value(0.0)
    app.select_slider(key=RATING).set_value(0.0).run()
    labelled(app.selectbox, "What the tasks share").set_value("mapped").run()
    assert [error.value for error in app.error if "both 0" not in error.value] == []
    assert labelled(app.number_input, "Epochs").value == make_config({"sharing": "mapped"}).epochs


def test_all_ratios_takes_the_place_of_the_weights_and_gives_them_back(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    app.select_slider(key=RATING).set_value(0.3).run()
    app.selectbox(key=state.train_field("balancing")).set_value("pcgrad").run()
    labelled(app.toggle, "All ratios in one training").set_value(True).run()
    assert not app.select_slider
    assert any("30 : 1" in text.value for text in app.caption)
    app.button(key=state.TRAIN_START).click().run()
    assert queue.jobs()[0].config == make_config({"data": lab.data, "all_ratios": True})
    labelled(app.toggle, "All ratios in one training").set_value(False).run()
    assert labelled(app.select_slider, "Rating weight").value == 0.3
    app.button(key=state.TRAIN_START).click().run()
    wanted = {"data": lab.data, "rating_weight": 0.3, "balancing": "pcgrad"}
    assert queue.jobs()[0].config == make_config(wanted)
    assert not app.error


def test_all_ratios_and_sharing_are_left_out_for_the_tutorial(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    labelled(app.selectbox, "What the tasks share").set_value("tied").run()
    labelled(app.toggle, "All ratios in one training").set_value(True).run()
    architecture = app.segmented_control(key=state.train_field("architecture"))
    architecture.set_value("tutorial").run()
    assert "All ratios in one training" not in {element.label for element in app.toggle}
    app.button(key=state.TRAIN_START).click().run()
    assert queue.jobs()[0].config == make_config({"data": lab.data, "architecture": "tutorial"})
    labelled(app.segmented_control, "Architecture").set_value("duet").run()
    labelled(app.toggle, "All ratios in one training").set_value(False).run()
    app.button(key=state.TRAIN_START).click().run()
    assert not app.error
    assert labelled(app.selectbox, "What the tasks share").value == "part"


def test_time_of_a_training_is_told_beside_the_button(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(TRAIN)
    app.number_input(key=state.train_field("epochs")).set_value(24).run()
    # The stored runs take 0.5 s an epoch; what is left of their 2.2 s of fit and evaluation is 0.
    assert any(text.value == "About 10 s on this machine" for text in app.caption)


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
    assert "1 : 0.2: number 2 in the queue" in links
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


def test_job_that_was_stopped_early_is_no_error(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    config = make_config({"data": lab.data})
    queue.put(Job("c" * 12, config, JobState.STOPPED))
    app = open_page(TRAIN, run="c" * 12)
    assert not app.error
    assert "stopped before the end of its first epoch" in app.info[0].value
    queue.put(Job("c" * 12, config, JobState.STOPPED, error="the training was lost"))
    assert "the training was lost" in app.run().error[0].value


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
        ((1, 1), 0.1, curves.CURVES),
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
    assert curves.shown_curves(config) == shown


def test_settings_are_left_alone_while_presets_train(
    empty_lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(TRAIN)
    assert app.subheader[0].value == "multi-task"  # its training: these are its settings
    app.select_slider(key=RATING).set_value(0.3).run()
    by_preset = {job.config.preset: job for job in queue.jobs() if not job.config.all_ratios}
    first, second = by_preset["multi-task"], by_preset["rating-specialised"]
    queue.put(Job(first.run_id, first.config, JobState.FAILED, error="out of memory"))
    queue.put(Job(second.run_id, second.config, JobState.TRAINING, phase="training"))
    app.run()
    assert app.select_slider(key=RATING).value == 0.3
    assert not app.subheader
    assert any("have not been trained" in text.value for text in app.markdown)


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


def test_link_with_a_ratio_shows_the_model_there_and_carries_it_on(
    lab: Lab, open_page: OpenPage
) -> None:
    run, scorer = make_run(
        make_config({"data": lab.data, "all_ratios": True}), created="2026-02-01T00:00:00+00:00"
    )
    lab.store.save(run, scorer)
    app = open_page("pages/1_Train.py", run=run.run_id, at="0.9")
    ratio = app.select_slider(key=state.bound_field(state.AT))
    assert ratio.value == "0.9"
    point = next(one for one in run.line if one.position == 0.9)
    shown = {metric.label: metric.value for metric in app.metric}
    for term in words.MAIN_METRICS:
        if term in point.metrics["holdout"]:
            assert shown[words.label(term)] == words.number(term, point.metrics["holdout"][term])
    assert any("figures at" in caption.value for caption in app.caption)
    links = [link.proto for link in app.get("page_link") if link.proto.label == "Recommendations"]
    assert links[0].query_string == f"run={run.run_id}&at=0.9"
    ratio.set_value("0.5").run()
    assert not app.exception
    assert state.AT not in app.query_params
    assert not any("figures at" in caption.value for caption in app.caption)
