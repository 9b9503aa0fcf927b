"""What the instrument on Home is given to show."""

import dataclasses

import pytest

from pages.ui.home import front
from pages.ui.home.front import Point
from recsys.config import make_config
from recsys.runs.records import LinePoint
from tests.pages.small_lab import Lab, make_record

LINE = [Point(0.0, 0.93, 0.30), Point(0.5, 0.90, 0.28), Point(1.0, 0.92, 0.15)]
NO_REFERENCES: dict = {"x": [], "y": []}


def data_of(lines: dict, references: dict = NO_REFERENCES, marks: tuple = ()) -> dict:
    return front.instrument_data(
        lines, references, marks, "validation", way="tied", position=0.5, progress=""
    )


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
