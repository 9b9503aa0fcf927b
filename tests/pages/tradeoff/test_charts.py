"""What the Trade-off plot draws."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np
import pytest

from pages.ui.charts import theme
from pages.ui.tradeoff.charts import DOMINATED, PICK, Chosen, tradeoff_chart
from pages.ui.tradeoff.labels import NARROW
from pages.ui.tradeoff.ratio_scale import GAP, colour_at
from pages.ui.tradeoff.rows import line_rows, plot_rows
from pages.ui.tradeoff.trials import trial_rows
from recsys.config import make_config
from recsys.ratio import position_of
from recsys.runs.records import LinePoint, Run
from recsys.tradeoff.result import ratios
from tests.pages.chart_specs import layers, only
from tests.trial_runs import SWEEP, swept

X, Y = "rmse", "ndcg@20"
Row = dict[str, Any]


def chart_of(
    runs: Sequence[Run],
    baselines: list[Row] | None = None,
    chosen: Chosen | None = None,
    trials: Sequence[Run] = (),
    metrics: tuple[str, str] = (X, Y),
    lines: Sequence[Run] = (),
) -> alt.LayerChart:
    rows = plot_rows(ratios(runs), "holdout", *metrics)
    rows += trial_rows(trials, make_config({}), "holdout", *metrics)
    places = line_rows(lines, "holdout", *metrics)
    return tradeoff_chart(rows, baselines or [], *metrics, chosen, places)


def labels(chart: alt.LayerChart) -> dict[str, str]:
    """Return the labels of the lines across the plot, and the colour of each."""
    return {
        row["label"]: layer.properties["color"]
        for layer in layers(chart, "text")
        for row in layer.rows
        if "label" in row and not {"x", "y"} <= row.keys()
    }


def crossed(chart: alt.LayerChart) -> list[Row]:
    """Return the values at which a line crosses the plot."""
    return [
        {axis: row[axis] for axis in ("x", "y") if axis in row}
        for layer in layers(chart, "rule")
        for row in layer.rows
    ]


def picks(chart: alt.LayerChart) -> list[str]:
    return [one["name"] for one in chart.to_dict().get("params", []) if "select" in one]


def pointer(chart: alt.LayerChart) -> bool:
    """Return whether the plot looks clickable."""
    found = {one["name"]: one.get("value") for one in chart.to_dict().get("params", [])}
    return found.get("cursor") == "pointer"


def test_points_are_the_ratios_that_train_both_tasks_and_can_be_picked() -> None:
    chart = chart_of(SWEEP)
    points = only(chart, "point")
    assert [row["run_id"] for row in points.rows] == ["left", "beaten", "right"]
    assert points.field("x") == [0.90, 0.91, 0.85]
    assert points.field("y") == [0.32, 0.31, 0.30]
    positions = [position_of(*weights) for weights in ((1, 0.5), (1, 0.8), (0.5, 1))]
    assert points.field("fill") == pytest.approx(positions, abs=1e-5)
    assert picks(chart) == [PICK]
    assert pointer(chart)
    pick = next(one for one in chart.to_dict()["params"] if one["name"] == PICK)
    assert pick["select"]["fields"] == ["run_id", "at"]


def test_better_is_up_and_right_whatever_the_metrics() -> None:
    points = only(chart_of(SWEEP), "point")
    assert points.scale("x")["reverse"]  # fewer stars of error lie right
    assert not points.scale("y")["reverse"]
    assert points.encoding["x"]["title"].endswith(", reversed")
    turned = only(chart_of(SWEEP, metrics=(Y, X)), "point")
    assert not turned.scale("x")["reverse"]
    assert turned.scale("y")["reverse"]
    assert not turned.encoding["x"]["title"].endswith(", reversed")


def test_dominated_points_are_faded_and_the_chosen_one_is_larger() -> None:
    points = only(chart_of(SWEEP, chosen=Chosen("beaten")), "point")
    assert [row["front"] for row in points.rows] == [True, False, True]
    assert [row["chosen"] for row in points.rows] == [False, True, False]
    opacity, size = points.encoding["opacity"], points.encoding["size"]
    assert (opacity["condition"]["test"], opacity["condition"]["value"]) == ("datum.front", 1)
    assert opacity["value"] == DOMINATED < 1
    assert size["condition"][0]["test"] == "datum.chosen"
    assert size["condition"][0]["value"] > size["value"]


def test_front_is_a_line_through_what_is_not_dominated() -> None:
    line = only(chart_of(SWEEP), "line")
    assert [row["run_id"] for row in line.rows] == ["left", "right"]
    assert line.encoding["order"]["field"] == "x"


def test_single_tasks_and_baselines_are_labelled_lines_across_the_plot() -> None:
    chart = chart_of(SWEEP, [{"label": "most popular", "y": 0.2}])
    assert labels(chart) == {
        "retrieval alone": theme.RETRIEVAL,
        "rating alone": theme.RATING,
        "most popular": theme.BASELINE,
    }
    assert sorted(crossed(chart), key=str) == [{"x": 0.84}, {"y": 0.2}, {"y": 0.33}]


def test_points_are_labelled_with_their_weights() -> None:
    written = {
        (row["x"], row["y"]): row["label"]
        for layer in layers(chart_of(SWEEP), "text")
        for row in layer.rows
        if {"x", "y"} <= row.keys()
    }
    assert written == {(0.90, 0.32): "1 : 0.5", (0.91, 0.31): "1 : 0.8", (0.85, 0.30): "0.5 : 1"}


def test_trials_have_their_own_shape_legend_and_dashes() -> None:
    tried = [
        swept("better", 1.0, 0.5, 0.84, 0.34, learning_rate=0.01),
        swept("beside", 1.0, 0.5, 0.83, 0.20, rating_l2=0.05),
        swept("worse", 1.0, 0.5, 0.95, 0.20, learning_rate=0.03),
    ]
    chart = chart_of(SWEEP, trials=tried)
    points = only(chart, "point")
    assert points.scale("shape") == {"domain": ["sweep", "search"], "range": ["circle", "cross"]}
    assert points.encoding["shape"]["legend"]
    assert points.field("shape") == ["sweep"] * 3 + ["search"] * 3
    dashes = {
        tuple(row["run_id"] for row in line.rows): line.properties["strokeDash"]
        for line in layers(chart, "line")
    }
    assert dashes.keys() == {("left", "right"), ("better", "beside")}
    assert len({tuple(dash) for dash in dashes.values()}) == 2


def test_one_kind_of_point_needs_no_legend_of_shapes() -> None:
    assert only(chart_of(SWEEP), "point").encoding["shape"]["legend"] is None


def test_single_tasks_alone_are_lines_without_a_point_or_a_pick() -> None:
    chart = chart_of([SWEEP[0], SWEEP[-1]])
    assert labels(chart).keys() == {"retrieval alone", "rating alone"}
    assert crossed(chart) == [{"x": 0.84}, {"y": 0.33}]
    assert not [layer for layer in layers(chart, "point") if layer.properties.get("opacity") != 0]
    assert not layers(chart, "line")
    assert picks(chart) == []
    assert not pointer(chart)


def test_one_ratio_alone_is_a_point_without_a_front() -> None:
    chart = chart_of([SWEEP[1]])
    (points,) = (p for p in layers(chart, "point") if p.properties.get("opacity") != 0)
    assert [row["run_id"] for row in points.rows] == ["left"]
    assert not layers(chart, "line")
    assert picks(chart) == [PICK]


@pytest.mark.parametrize(
    ("position", "colour"),
    [(-math.inf, theme.RETRIEVAL), (0.5, theme.TOTAL), (math.inf, theme.RATING)],
)
def test_bars_have_the_colours_of_the_points(position: float, colour: str) -> None:
    assert colour_at(position) == colour
    # Halfway between retrieval alone, a gap before 30 : 1, and equal weights.
    between = bytes.fromhex(colour_at((0.5 - GAP) / 2)[1:])
    ends = [bytes.fromhex(end[1:]) for end in (theme.RETRIEVAL, theme.TOTAL)]
    assert list(between) == pytest.approx(np.mean([list(end) for end in ends], axis=0), abs=0.5)


def test_seeds_are_bars_of_one_standard_deviation_without_a_colour_scale() -> None:
    chart = chart_of([*SWEEP, swept("again", 1.0, 0.5, 0.94, 0.31, seed=1)])
    bars = [layer for layer in layers(chart, "rule") if {"x2", "y2"} & layer.encoding.keys()]
    assert len(bars) == 2
    (level,) = (bar for bar in bars if "x2" in bar.encoding)
    deviation = np.std([0.90, 0.94], ddof=1)
    assert [row["run_id"] for row in level.rows] == ["left"]
    assert level.field("x") == pytest.approx([0.92 - deviation])
    assert level.field("x2") == pytest.approx([0.92 + deviation])
    # With the points' colour scale, its legend would not stay one strip.
    assert all("color" not in bar.encoding for bar in bars)


ENDS_OF_THREE = [
    swept(f"{task} {sharing}", *weights, rmse, 0.33, sharing=sharing)
    for sharing, rmse in (("all", 0.88), ("part", 0.95), ("none", 0.8801))
    for task, weights in (("retrieval", (1.0, 0.0)), ("rating", (0.0, 1.0)))
]


def test_ends_of_several_fronts_are_drawn_only_of_the_chosen_point() -> None:
    both = [swept(f"both {s}", 1.0, 1.0, 0.9, 0.3, sharing=s) for s in ("all", "part", "none")]
    assert labels(chart_of([*ENDS_OF_THREE, *both])) == {}
    chart = chart_of([*ENDS_OF_THREE, *both], chosen=Chosen("both part"))
    assert labels(chart).keys() == {"retrieval alone", "rating alone"}
    assert sorted(crossed(chart), key=str) == [{"x": 0.95}, {"y": 0.33}]


def line_run(**config: Any) -> Run:
    """Return a run of all ratios through three places: RMSE falls, then rises."""
    figures = {0.0: (0.92, 0.31), 0.5: (0.90, 0.30), 1.0: (0.91, 0.25)}
    points = [
        LinePoint(position=position, metrics={"holdout": {"rmse": rmse, "ndcg@20": ndcg}})
        for position, (rmse, ndcg) in figures.items()
    ]
    made = swept("line", 1.0, 1.0, 0.9, 0.3, all_ratios=True, **config)
    return replace(made, line=tuple(points))


def segments(chart: alt.LayerChart) -> list[Row]:
    return [row for layer in layers(chart, "rule") for row in layer.rows if "middle" in row]


def test_line_goes_through_its_places_in_the_order_of_the_ratios() -> None:
    drawn = segments(chart_of([], lines=[line_run()]))
    assert [(row["x"], row["x2"]) for row in drawn] == [(0.92, 0.90), (0.90, 0.91)]
    assert [(row["y"], row["y2"]) for row in drawn] == [(0.31, 0.30), (0.30, 0.25)]
    assert [row["middle"] for row in drawn] == [0.25, 0.75]


def test_places_of_a_line_can_be_picked_and_the_chosen_one_is_marked() -> None:
    chart = chart_of(SWEEP, lines=[line_run()], chosen=Chosen("line", "0.5"))
    points = only(chart, "point")
    on_line = [row for row in points.rows if row["run_id"] == "line"]
    assert [(row["at"], row["chosen"]) for row in on_line] == [
        ("0", False), ("0.5", True), ("1", False),
    ]  # fmt: skip
    assert [row["weights"] for row in on_line] == ["1 : 0.033", "1 : 1", "0.033 : 1"]
    assert len(points.rows) == 3 + 3
    # The line stands for the front of its way of sharing.
    assert not layers(chart, "line")


def test_colours_are_those_of_the_ratio_on_a_log_scale_with_ratios_as_labels() -> None:
    fill = only(chart_of(SWEEP), "point").encoding["fill"]
    assert fill["scale"]["domain"] == [-GAP, 0.5, 1 + GAP]
    assert fill["scale"]["range"] == [theme.RETRIEVAL, theme.TOTAL, theme.RATING]
    for ratio in ("1 : 0", "1 : 0.1", "1 : 1", "0.1 : 1", "0 : 1"):
        assert f"'{ratio}'" in fill["legend"]["labelExpr"]
    assert fill["legend"]["values"][1] == pytest.approx(position_of(1, 0.1))


def test_single_tasks_that_are_points_have_a_place_and_no_infinite_number() -> None:
    chart = chart_of(SWEEP, metrics=(Y, Y))  # of two retrieval metrics, retrieval alone has both
    assert json.dumps(chart.to_dict(), allow_nan=False)
    assert only(chart, "point").field("fill")[0] == -GAP


def test_axes_do_not_close_in_on_what_is_chance() -> None:
    runs = [swept("a", 1.0, 0.5, 0.9, 0.3), swept("b", 0.5, 1.0, 0.8, 0.3002)]
    unseen = [p for p in layers(chart_of(runs), "point") if p.properties.get("opacity") == 0]
    # RMSE spans 0.1 by itself.
    assert [row for layer in unseen for row in layer.rows] == [
        {"y": pytest.approx(0.2951)},
        {"y": pytest.approx(0.3051)},
    ]


def test_chosen_point_is_named_however_full_the_plot_is() -> None:
    crowd = [swept(f"{i}", 1.0, 0.5 + i / 100, 0.9 + i / 1e4, 0.3 + i / 1e4) for i in range(30)]
    chosen = crowd[15]
    texts = [row for layer in layers(chart_of(crowd, chosen=Chosen("15")), "text")
             for row in layer.rows if {"x", "y"} <= row.keys()]  # fmt: skip
    at = chosen.metrics["holdout"]
    named = [row["label"] for row in texts if (row["x"], row["y"]) == (at["rmse"], at["ndcg@20"])]
    assert named == ["1 : 0.65"] * 2  # in a wide and in a narrow plot


def test_plot_shows_one_layout_of_names_at_each_width() -> None:
    opacities = [layer.properties.get("opacity") for layer in layers(chart_of(SWEEP), "text")]
    shown = {opacity["expr"] for opacity in opacities if isinstance(opacity, dict)}
    assert shown == {f"width < {NARROW} ? 0 : 1", f"width < {NARROW} ? 1 : 0"}
