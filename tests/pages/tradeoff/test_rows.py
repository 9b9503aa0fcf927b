"""The rows of the Trade-off plot: a sweep's ratios, and the trials of a search."""

from typing import Any

import numpy as np
import pytest

from pages.ui.tradeoff.rows import mark_fronts, plot_rows
from pages.ui.tradeoff.trials import near, trial_rows, undominated
from recsys.config import make_config
from recsys.runs.records import Run
from recsys.tradeoff.result import ratios
from tests.trial_runs import SWEEP, swept

BASE = make_config({})
X, Y = "rmse", "ndcg@20"


def rows_of(runs: list[Run], x: str = X, y: str = Y) -> dict[str, dict[str, Any]]:
    return {row["run_id"]: row for row in plot_rows(ratios(runs), "holdout", x, y)}


def test_front_holds_what_nothing_of_its_kind_dominates() -> None:
    rows = [
        {"kind": "all", "x": 0.90, "y": 0.32},
        {"kind": "all", "x": 0.91, "y": 0.31},  # worse in both
        {"kind": "all", "x": 0.90, "y": 0.31},  # as good in one, worse in the other
        {"kind": "all", "x": 0.85, "y": 0.30},
        {"kind": "none", "x": 0.95, "y": 0.20},  # the only one of its kind
        {"kind": "all", "y": 0.33},
    ]
    marked = mark_fronts(rows, "rmse", "ndcg@20")
    assert [row["front"] for row in marked] == [True, False, False, True, True, False]
    assert [{**row, "front": None} for row in marked] == [{**row, "front": None} for row in rows]


def test_front_of_two_metrics_where_more_is_better_is_at_the_upper_right() -> None:
    rows = [{"kind": "all", "x": x, "y": y} for x, y in ((0.3, 0.5), (0.4, 0.4), (0.2, 0.4))]
    front = [row["front"] for row in mark_fronts(rows, "recall@20", "ndcg@20")]
    assert front == [True, True, False]


def test_dominated_ratios_are_not_on_the_front() -> None:
    rows = rows_of(SWEEP)
    assert [name for name, row in rows.items() if row["front"]] == ["left", "right"]
    assert (rows["left"]["x"], rows["left"]["y"]) == (0.90, 0.32)


def test_every_sharing_has_a_front_of_its_own() -> None:
    worse = swept("worse", 1.0, 0.5, 0.95, 0.2, sharing="none")
    rows = rows_of([*SWEEP, worse])
    assert [name for name, row in rows.items() if row["front"]] == ["left", "right", "worse"]


def test_task_that_was_not_trained_has_no_figure() -> None:
    rows = rows_of(SWEEP)
    assert "x" not in rows["retrieval"]
    assert rows["retrieval"]["y"] == 0.33
    assert "y" not in rows["rating"]
    assert rows["rating"]["x"] == 0.84


def test_of_two_metrics_of_one_task_its_single_task_run_is_a_point_like_the_others() -> None:
    rows = rows_of(SWEEP, x=Y, y=Y)
    assert "rating" not in rows
    assert [name for name, row in rows.items() if row["front"]] == ["retrieval"]


def test_seeds_make_a_mean_and_a_spread() -> None:
    rows = rows_of([SWEEP[1], swept("seed", 1.0, 0.5, 0.94, 0.32, seed=1)])
    row = rows["left"]
    assert row["seeds"] == 2
    assert row["x"] == pytest.approx(0.92)
    deviation = np.std([0.90, 0.94], ddof=1)
    assert (row["x_low"], row["x_high"]) == pytest.approx((0.92 - deviation, 0.92 + deviation))
    assert row["y_low"] == row["y"] == row["y_high"]


def test_trials_have_a_front_of_their_own_and_are_counted_where_no_ratio_dominates_them() -> None:
    tried = [
        swept("better", 1.0, 0.5, 0.84, 0.34, learning_rate=0.01),
        swept("beside", 1.0, 0.5, 0.83, 0.20, rating_l2=0.05, sharing="none"),
        swept("worse", 1.0, 0.5, 0.95, 0.20, learning_rate=0.03),
        swept("alike", 1.0, 0.5, 0.90, 0.32, learning_rate=0.03),
        swept("alone", 0.0, 1.0, 0.80, 0.01, learning_rate=0.01),
    ]
    rows = {row["run_id"]: row for row in trial_rows(tried, BASE, "holdout", X, Y)}
    assert [name for name, row in rows.items() if row["front"]] == ["better", "beside"]
    assert "alone" not in rows  # it has one figure
    assert rows["beside"]["settings"] == "separate vectors, rating L2 0.05"
    swept_rows = plot_rows(ratios(SWEEP), "holdout", X, Y)
    assert undominated([*swept_rows, *rows.values()], X, Y) == 2


def test_dominated_trials_far_from_all_else_are_left_out_of_the_plot() -> None:
    swept_rows = plot_rows(ratios(SWEEP[1:4]), "holdout", X, Y)  # RMSE 0.85 to 0.91
    tried = [
        swept("front", 1.0, 0.5, 0.86, 0.35, learning_rate=0.01),
        swept("near", 1.0, 0.5, 0.96, 0.26, learning_rate=0.02),
        swept("far", 1.0, 0.5, 0.98, 0.30, learning_rate=0.03),
        swept("low", 1.0, 0.5, 0.90, 0.20, learning_rate=0.04),
    ]
    rows = [*swept_rows, *trial_rows(tried, BASE, "holdout", X, Y)]
    names = [row["run_id"] for row in near(rows, None)]
    assert names == ["left", "beaten", "right", "front", "near"]
    assert "low" in [row["run_id"] for row in near(rows, "low")]
