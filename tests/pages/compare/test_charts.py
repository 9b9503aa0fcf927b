import dataclasses
import json
import re
from typing import Any

import pytest

from pages.ui.charts import theme
from pages.ui.compare.charts import board, curves, differences, groups, scatter
from pages.ui.compare.charts.panels import ChartRows, make_board
from pages.ui.compare.units import make_units
from recsys.evaluation.comparison import WORSE
from tests.pages.made_runs import entries, made_run
from tests.pages.small_lab import make_record


def test_labels_of_points_close_together_keep_apart() -> None:
    rows = [
        {"label": name, "rmse": rmse, "top100": top}
        for name, rmse, top in [
            ("a", 0.9, 0.600),
            ("b", 0.91, 0.601),
            ("c", 1.2, 0.6),
            ("d", 1.1, 0),
        ]
    ]
    placed = {row["label"]: row for row in scatter.place_names(rows, rows)}
    assert {name: row["side"] for name, row in placed.items()} == {
        "a": "right",
        "b": "right",
        "c": "left",
        "d": "left",
    }
    assert placed["b"]["shift"] == 0
    assert 0 < placed["a"]["shift"] <= scatter.GAP


def test_one_wild_loss_is_cut_off() -> None:
    rows = [{"value": 60.0}, {"value": 0.9}]
    assert curves.is_cut(rows, "rating_loss")
    assert not curves.is_cut(rows, "rmse")
    assert not curves.is_cut(rows[1:], "rating_loss")


def test_losses_have_train_and_validation_and_metrics_validation_only() -> None:
    made = entries(made_run("a"))
    units = make_units(made)
    colours = curves.unit_colours(made, units)
    losses = curves.curve_rows(units, "rating_loss", colours)
    assert [(row["epoch"], row["part"]) for row in losses] == [
        (1, "train"),
        (1, "validation"),
        (2, "train"),
        (2, "validation"),
    ]
    assert losses[0]["value"] == pytest.approx(0.9)
    assert [row["best"] for row in losses] == [False, False, False, True]
    metrics = curves.curve_rows(units, "recall@20", colours)
    assert [(row["epoch"], row["value"]) for row in metrics] == [
        (1, pytest.approx(0.1)),
        (2, pytest.approx(0.2)),
    ]


def test_run_keeps_its_colour_while_others_come_and_go() -> None:
    made = entries(*[made_run(name, seed=i) for i, name in enumerate("abc")])
    some = curves.run_colours(made, ["a", "c"])
    every = curves.run_colours(made, ["a", "b", "c"])
    assert some == {label: colour for label, colour in every.items() if label in some}
    assert len(set(every.values())) == 3


def test_ten_selected_runs_have_ten_colours_and_baselines_are_grey() -> None:
    made = entries(*[made_run(f"r{i}", seed=i) for i in range(30)])
    chosen = [f"r{i}" for i in range(0, 30, 3)]
    colours = curves.run_colours(made, [*chosen, "most-popular"])
    assert colours.pop("Most popular") == theme.BASELINE
    assert len(set(colours.values())) == len(chosen) == 10


def test_scatter_reverses_rmse_and_keeps_runs_of_one_task() -> None:
    made = entries(
        made_run("a"),
        made_run("b", rating_weight=0, metrics={"rmse": 1.2, "top_k_accuracy@100": 0.61}),
    )
    colours, units = {"multi-task": "#123456"}, {"a": "multi-task"}
    rows = scatter.scatter_rows(made, "holdout", ["a", "b"], colours, units)
    assert [(row["entry_id"], row.get("rmse"), row.get("top100")) for row in rows] == [
        ("a", 0.9, 0.6),
        ("b", None, 0.61),
        ("most-popular", None, 0.4),
        ("user-movie-bias", 0.94, None),
    ]
    assert rows[0]["colour"] == "#123456"
    spec = scatter.scatter_chart(rows, board.Shared()).to_dict()
    axes = [
        layer["encoding"]["x"]
        for layer in spec["layer"]
        if "field" in layer["encoding"].get("x", {})
    ]
    assert axes
    assert all(axis["scale"]["reverse"] for axis in axes)


def test_baselines_leave_the_scatter_to_several_runs() -> None:
    made = entries(made_run("a"), made_run("b", seed=1))
    units = {"a": "multi-task", "b": "multi-task"}
    both = scatter.scatter_rows(made, "holdout", ["a", "b"], {}, units)
    assert [row["entry_id"] for row in scatter.inside(both)] == ["a", "b"]
    assert [row["name"] for row in both[:2]] == ["multi-task", ""]  # written once
    one = scatter.scatter_rows(made, "holdout", ["a"], {}, units)
    assert len(scatter.inside(one)) == 4


def test_run_has_no_curves_of_a_task_of_weight_zero() -> None:
    made = entries(made_run("a", rating_weight=0))
    units = make_units(made)
    colours = curves.unit_colours(made, units)
    assert curves.curve_rows(units[:1], "rmse", colours) == []
    assert curves.curve_rows(units[:1], "rating_loss", colours) == []
    assert curves.curve_rows(units[:1], "total_loss", colours)


def test_best_epoch_is_the_lowest_loss_and_the_highest_accuracy() -> None:
    history = [
        dataclasses.replace(make_record(epoch), validation_rating_loss=loss)
        for epoch, loss in [(1, 0.9), (2, 0.7), (3, 0.7)]
    ]
    assert curves.best_epoch(history, "rating_loss") == 2
    assert curves.best_epoch(history, "recall@20") == 3
    assert curves.best_epoch([], "recall@20") is None


def test_seeds_share_a_colour_and_a_pinned_run_that_is_not_shown_has_one() -> None:
    made = entries(made_run("a"), made_run("b", seed=1), made_run("c", epochs=3))
    units = make_units(made[:3])
    assert len(set(curves.unit_colours(made, units).values())) == 2
    assert list(curves.unit_colours(made[:2], units)) == [unit.label for unit in units]


def rows_of_groups(**more: float | str) -> list[dict[str, object]]:
    return [{"unit": "a", "colour": "#123456", "group": "≤ 9", "users": 3, "value": 0.5, **more}]


def full_board() -> dict[str, Any]:
    shared = board.Shared()
    made = entries(made_run("a"), made_run("b", epochs=3))
    units = make_units(made)
    colours = curves.unit_colours(made, units)
    names = {entry.entry_id: entry.label for entry in made}
    points = scatter.scatter_rows(made, "holdout", list(names), colours, names)
    stars = {"predicted": 3.0, "given": 3.1, "ratings": 5}
    difference = {"metric": "rmse", "difference": 0.1, "low": 0.0, "high": 0.2, "verdict": WORSE}
    compared = {"low": 0.0, "high": 1.0, "verdict": WORSE}
    drawn = [
        scatter.scatter_chart(points, shared),
        curves.curve_chart(curves.curve_rows(units, "rmse", colours), "rmse", "epoch", shared, "9"),
        groups.calibration_chart(
            [{"unit": "a", "label": "a", "colour": "#123456"} | stars], shared, "9"
        ),
        groups.group_chart(rows_of_groups(), "ratings", shared, "9"),
        groups.group_chart(rows_of_groups(**compared), "ratings", shared, "9"),
    ]
    differences_row = differences.difference_panels(
        [{"unit": units[1].label} | difference], ["rmse", "mrr"], colours, shared
    )
    assert len(differences_row) == 1
    rows = [[board.legend(colours, shared)], [board.panel(one, 100, "t") for one in drawn]]
    return board.Board([*rows, differences_row, []], shared.rows).to_dict()


def test_all_charts_of_the_board_share_one_hover() -> None:
    spec = full_board()
    selections = {one["name"]: one for one in spec["params"]}
    assert set(selections) == {board.HOVER, scatter.PICK}
    assert len(selections[board.HOVER]["views"]) == 7
    assert len(selections[scatter.PICK]["views"]) == 1
    text = json.dumps(spec["vconcat"])
    named = set(re.findall(r'"name": "(view_\w+)"', text))
    assert set(selections[board.HOVER]["views"]) <= named
    # Every data set that is drawn is there, and no chart declares a selection of its own.
    assert set(re.findall(r'"data": {"name": "([^"]+)"}', text)) <= set(spec["datasets"])
    assert '"select"' not in text


def whole_board(*, exchanged: bool, scale: float) -> dict[str, Any]:
    """Return the board of two runs, with a third one pinned.

    Args:
        exchanged: whether the runs have each other's figures, and other groups.
        scale: factor on all figures.
    """
    figures = [(0.9 * scale, 0.3 * scale), (1.1 * scale, 0.1 * scale)]
    made = zip(("a", "b"), reversed(figures) if exchanged else figures, strict=True)
    points, compared, stars, by_group = [], [], [], []
    for place, (unit, (rmse, top100)) in enumerate(made):
        own = {"unit": unit, "label": unit, "colour": "#123456"}
        interval = {"low": -rmse, "high": rmse, "verdict": WORSE}
        points.append(
            own
            | {"entry_id": unit, "name": unit, "rmse": rmse, "top100": top100, "kind": "duet"}
            | {"selected": True, "stopped": False}
        )
        compared.append(own | interval | {"metric": "rmse", "difference": rmse})
        stars.append(own | {"predicted": rmse, "given": top100, "ratings": 5})
        group = "≤ 9" if exchanged else "≤ 8"
        by_group.append(
            own | interval | {"place": place, "group": group, "users": 3, "value": rmse}
        )
    rows = ChartRows(points, compared, {}, stars, {("activity", "rmse"): by_group})
    return make_board(rows, "epoch", {"a": "#123456", "b": "#654321"}, pinned=True).to_dict()


def test_other_figures_of_the_same_runs_change_only_the_data() -> None:
    one, other = (
        whole_board(exchanged=exchanged, scale=scale)
        for exchanged, scale in ((False, 1.0), (True, 2.0))
    )
    assert one.pop("datasets") != other.pop("datasets")
    assert _without_counts(one) == _without_counts(other)


def _without_counts(spec: dict[str, Any]) -> str:
    """Return the spec with its views named in their order; Altair counts all it ever made."""
    text = json.dumps(spec)
    names = dict.fromkeys(re.findall(r"view_\w+", text))
    for place, name in enumerate(names):
        text = text.replace(f'"{name}"', f'"view {place}"')
    return text


def test_better_is_to_the_right_in_every_difference() -> None:
    shared = board.Shared()
    base = {"unit": "a", "difference": 0.1, "low": 0.0, "high": 0.2, "verdict": WORSE}
    rows = [base | {"metric": name} for name in ("rmse", "mrr")]
    panels = differences.difference_panels(rows, ["rmse", "mrr"], {"a": "#123456"}, shared)
    reversed_ = ['"reverse": true' in json.dumps(panel.to_dict()) for panel in panels]
    assert reversed_ == [True, False]


def test_stopped_run_is_marked_in_the_scatter() -> None:
    stopped = dataclasses.replace(made_run("a"), status="stopped")
    rows = scatter.scatter_rows(entries(stopped), "holdout", [], {}, {})
    assert rows[0]["stopped"]
