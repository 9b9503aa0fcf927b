"""The line of a training of all ratios: its rows, its plot, and the place of a ratio on it."""

import dataclasses

import pytest

from pages.ui.train import instrument, line
from recsys.config import make_config
from recsys.ratio import EXTREME, POSITIONS, weights_at
from recsys.runs.records import EpochRecord, LinePoint, Run
from tests.pages.chart_specs import layers
from tests.pages.made_charts import check_panel
from tests.pages.made_runs import made_run

POINTS = tuple(
    LinePoint(
        position=position,
        metrics={"validation": {"rmse": 0.95 - position / 20, "ndcg@20": 0.3 - position / 10}},
    )
    for position in POSITIONS
)
BASELINES = {
    "most popular": {"validation": {"ndcg@20": 0.14}},
    "user + movie bias": {"validation": {"rmse": 0.94}},
}


def line_run(points: tuple[LinePoint, ...] = POINTS) -> Run:
    return dataclasses.replace(made_run("f" * 12, all_ratios=True), line=points)


def with_weights(retrieval: float, rating: float) -> instrument.Place:
    config = make_config({"retrieval_weight": retrieval, "rating_weight": rating})
    return instrument.place(config, POINTS)


def test_rows_of_a_stored_line_name_its_ends_and_its_middle() -> None:
    rows = line.line_rows(line_run(), marked=0.25)
    assert [row["position"] for row in rows] == list(POSITIONS)
    assert [row["label"] for row in rows if row["label"]] == ["retrieval", "1 : 1", "rating"]
    assert [row["position"] for row in rows if row["marked"]] == [0.25]
    assert (rows[0]["x"], rows[0]["y"]) == (0.95, 0.3)


def test_line_without_validation_has_no_rows() -> None:
    points = (LinePoint(position=0.5, metrics={"validation": {}, "holdout": {"rmse": 0.9}}),)
    assert line.line_rows(line_run(points)) == []


def test_live_rows_hold_every_epoch_with_a_line_and_mark_the_newest() -> None:
    first, last = ((0.0, 1.1, 0.1), (1.0, 1.0, 0.2)), ((0.0, 0.95, 0.3), (1.0, 0.92, 0.2))
    history = [
        EpochRecord(1, 0.9, 0.9, 1.8, line=first),
        EpochRecord(2, 0.8, 0.8, 1.6),
        EpochRecord(3, 0.7, 0.7, 1.4, line=last),
    ]
    rows = line.live_rows(history)
    assert [(row["epoch"], row["newest"]) for row in rows] == [
        (1, False),
        (1, False),
        (3, True),
        (3, True),
    ]
    assert [row["label"] for row in rows] == ["", "", "retrieval", "rating"]
    axes = line.while_training(BASELINES)
    before, after = (line.line_panel(line.live_rows(history[:n]), axes) for n in (1, 3))
    assert before.to_dict() == after.to_dict()  # a new epoch needs no new specification


def test_plots_are_valid_from_the_first_moment_and_better_is_up_and_right() -> None:
    for rows in ([], line.line_rows(line_run(), 0.5)):
        check_panel(line.line_panel(rows, line.around(rows)))
    check_panel(line.line_panel([], line.while_training(BASELINES)))
    (through,) = layers(line.line_chart(line.while_training(BASELINES), 200), "line")
    assert through.scale("x")["reverse"]
    assert not through.scale("y")["reverse"]


@pytest.mark.parametrize("position", POSITIONS)
def test_ratio_that_was_evaluated_is_at_its_own_place(position: float) -> None:
    found = with_weights(*weights_at(position))
    assert found.point is not None
    assert found.point.position == position
    assert found.exact


def test_other_ratios_are_at_the_nearest_place_on_the_logarithmic_scale() -> None:
    # One step of the line is a factor of 30 ** 0.1 = 1.405: from 1 : 1 to 1 : 0.71. 0.8 is nearer
    # to 0.71 (0.8 / 0.71 = 1.12) than to 1 (1 / 0.8 = 1.25).
    found = with_weights(1.0, 0.8)
    assert found.point is not None
    assert found.point.position == 0.45
    assert not found.exact
    assert with_weights(1.0, 0.9).point == POINTS[10]
    assert "at 1 : 0.71, the nearest ratio," in instrument.place_words(
        make_config({"rating_weight": 0.8}), found
    )


@pytest.mark.parametrize("weights", [(0.0, 1.0), (1.0, 0.0), (1.0, 2 * EXTREME), (99.0, 1.0)])
def test_ratio_beyond_the_line_is_said_to_be_so(weights: tuple[float, float]) -> None:
    found = with_weights(*weights)
    assert found.point is None
    config = make_config(dict(zip(("retrieval_weight", "rating_weight"), weights, strict=True)))
    assert "beyond the line" in instrument.place_words(config, found)


def test_line_belongs_to_the_same_settings_with_all_ratios() -> None:
    config = make_config({"sharing": "tied", "rating_weight": 0.3, "epochs": 7})
    wanted = make_config({"sharing": "tied", "all_ratios": True, "epochs": 7})
    assert instrument.line_config(config) == wanted
    for other in ({"architecture": "tutorial"}, {"balancing": "pcgrad"}, {"all_ratios": True}):
        assert instrument.line_config(make_config(other)) is None


def test_flat_line_is_not_enlarged() -> None:
    rows = [{"x": 0.8770, "y": 0.3120}, {"x": 0.8782, "y": 0.3160}]
    x, y = line.around(rows)
    assert x == pytest.approx((0.8726, 0.8826))
    assert y == pytest.approx((0.309, 0.319))
