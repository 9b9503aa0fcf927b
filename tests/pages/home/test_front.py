"""What the instrument on Home is given to show."""

import dataclasses
from typing import Any

import pytest

from pages.ui.home import front
from pages.ui.home.front import Point
from recsys.config import make_config
from recsys.runs.records import LinePoint
from tests.pages.small_lab import Lab, make_record

LINE = [Point(0.0, 0.93, 0.30), Point(0.5, 0.90, 0.28), Point(1.0, 0.92, 0.15)]
NO_REFERENCES: dict = {"x": [], "y": []}


def data_of(
    lines: dict,
    references: dict = NO_REFERENCES,
    marks: tuple = (),
    **options: Any,
) -> dict:
    arguments = {"way": "tied", "position": 0.5, "progress": ""} | options
    return front.instrument_data(lines, references, marks, "validation", **arguments)


def test_better_is_up_and_to_the_right_and_everything_is_within_the_axes() -> None:
    references = {
        "x": [{"name": "biases", "short": "biases", "value": 0.96, "colour": "grey"}],
        "y": [{"name": "popular", "short": "popular", "value": 0.10, "colour": "grey"}],
    }
    marks = ({"name": "default", "x": 0.87, "y": 0.32},)
    axes = data_of({"tied": LINE}, references, marks)["axes"]
    assert axes["x"]["worst"] > 0.96
    assert axes["x"]["best"] < 0.87
    assert axes["y"]["worst"] < 0.10
    assert axes["y"]["best"] > 0.32
    for axis in axes.values():
        low, high = sorted((axis["worst"], axis["best"]))
        assert 3 <= len(axis["ticks"]) <= 7
        assert all(low <= tick <= high for tick in axis["ticks"])


def test_points_are_named_by_their_weights() -> None:
    tied, mapped, _ = data_of({"tied": LINE})["ways"]
    assert [point["weights"] for point in tied["points"]] == ["1 : 0.033", "1 : 1", "0.033 : 1"]
    assert mapped["points"] == []


def test_axes_stay_while_lines_come_in_and_take_a_large_step_when_they_must() -> None:
    known = {
        "x": [{"name": "biases", "short": "biases", "value": 0.94, "colour": "grey"}],
        "y": [{"name": "popular", "short": "popular", "value": 0.14, "colour": "grey"}],
    }
    first = data_of({}, known)["axes"]
    lines = dict.fromkeys(front.WAYS, LINE)
    later = data_of(lines, known, drawn=first)["axes"]
    assert later == first  # there was room for what models usually reach
    much_better = {"tied": [Point(0.5, 0.80, 0.28)]}
    wider = data_of(much_better, known, drawn=first)["axes"]
    assert wider["y"] == first["y"]
    assert wider["x"]["worst"] == first["x"]["worst"]
    assert wider["x"]["best"] < 0.79
    slightly_better = {"tied": [Point(0.5, 0.795, 0.28)]}
    assert data_of(slightly_better, known, drawn=wider)["axes"] == wider


def test_line_that_begins_its_training_far_away_does_not_move_the_axes() -> None:
    known = {
        "x": [{"name": "biases", "short": "biases", "value": 0.94, "colour": "grey"}],
        "y": [{"name": "popular", "short": "popular", "value": 0.14, "colour": "grey"}],
    }
    first = data_of({}, known)["axes"]
    untrained = {"tied": [Point(0.0, 1.2, 0.01), Point(1.0, 1.1, 0.02)]}
    assert data_of(untrained, known, live=["tied"], drawn=first)["axes"] == first
    assert data_of(untrained, known, drawn=first)["axes"] != first


def test_axes_of_trained_lines_leave_no_room_for_others() -> None:
    known = {"x": [], "y": [{"name": "a", "short": "a", "value": 0.15, "colour": "grey"}]}
    axes = data_of(dict.fromkeys(front.WAYS, LINE), known)["axes"]
    assert axes["y"]["best"] < 0.32


def test_instrument_says_what_it_is_measured_on_where_the_table_is_measured_on_another_part() -> (
    None
):
    assert "validation" in data_of({})["note"]
    arguments = {"way": "tied", "position": 0.5, "progress": ""}
    assert front.instrument_data({}, NO_REFERENCES, (), "holdout", **arguments)["note"] == ""


def test_instrument_without_any_point_still_has_axes() -> None:
    data = data_of({})
    assert data["axes"]["x"]["worst"] > data["axes"]["x"]["best"]
    assert [way["points"] for way in data["ways"]] == [[], [], []]


def test_live_points_are_those_of_the_last_epoch_that_has_some() -> None:
    first = dataclasses.replace(make_record(1), line=((0.0, 1.1, 0.1), (1.0, 1.0, 0.05)))
    second = dataclasses.replace(make_record(2), line=((0.0, 0.9, 0.2), (1.0, 0.8, 0.1)))
    assert front.live_points([]) == []
    assert front.live_points([first, second, make_record(3)]) == [
        Point(0.0, 0.9, 0.2),
        Point(1.0, 0.8, 0.1),
    ]


def test_stored_points_are_those_of_the_part(lab: Lab) -> None:
    run = lab.store.load(lab.runs[0])
    metrics = {
        "validation": {"rmse": 0.9, "ndcg@20": 0.3},
        "holdout": {"rmse": 0.8, "ndcg@20": 0.2},
    }
    line = (LinePoint(position=0.25, metrics=metrics), LinePoint(position=0.5, metrics={}))
    run = dataclasses.replace(run, line=line)
    assert front.stored_points(run, "validation") == [Point(0.25, 0.9, 0.3)]
    assert front.stored_points(run, "holdout") == [Point(0.25, 0.8, 0.2)]


def test_each_axis_is_compared_to_its_baseline_and_to_the_task_alone(lab: Lab) -> None:
    stored = [lab.store.load(run_id) for run_id in lab.runs]
    runs = {run.config.preset: run for run in stored if run.config.preset}
    run = runs["rating-specialised"]
    found = front.references({"rating-specialised": run}, run.baselines, "validation")
    assert [line["name"] for line in found["x"]] == ["user + movie bias", "rating alone"]
    assert found["x"][1]["value"] == run.metrics["validation"]["rmse"]
    assert [line["name"] for line in found["y"]] == ["most popular"]


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.8712, 0.9614), (3.0, 44.0), (1.0, 1.012)])
def test_ticks_are_round_and_few(low: float, high: float) -> None:
    ticks = front._ticks(low, high)
    assert 1 <= len(ticks) <= 7
    assert all(low <= tick <= high for tick in ticks)


def test_default_model_is_marked_only_where_it_is_trained(lab: Lab) -> None:
    run = lab.store.load(lab.runs[2])
    assert make_config({}).preset == run.config.preset
    assert front.default_mark(None, "validation") == []
    (mark,) = front.default_mark(run, "validation")
    assert mark["x"] == run.metrics["validation"]["rmse"]
