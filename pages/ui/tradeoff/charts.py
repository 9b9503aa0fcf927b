"""The trade-off plot: both metrics of lines, single ratios and trials, with their fronts."""

import itertools
import math
from typing import Any, NamedTuple

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.labels import NARROW, Places, has_room_for_legend
from pages.ui.tradeoff.names_in_plot import name_layers
from pages.ui.tradeoff.ratio_scale import colour_at, place, ratio_colour
from pages.ui.tradeoff.reference_lines import line_charts, merge_lines
from recsys.evaluation.metrics import METRICS
from recsys.runs.names import SHARING_NAMES

PICK = "pick"  # the selection of a click on a point
DOMINATED = 0.45  # opacity of a dominated point
DOMINATED_BAR = 0.2  # of its bars: there are many, and they cross
SEARCH = "search"  # the kind of a point that a search has found
HEIGHT = 400
PLACE, POINT, CHOSEN = 26, 85, 260  # areas of a place of a line, a single ratio, the chosen one
# The legend of the colours at the bottom right, if nothing else is there.
INSIDE = {
    "orient": "none",
    "legendX": alt.ExprRef(f"width - (width < {NARROW} ? 134 : 228)"),
    "legendY": alt.ExprRef("height - 60"),
}
# The smallest range of an axis: on a smaller one, noise would look like a trade-off.
LEAST_EXTENT = 0.01


class Look(NamedTuple):
    """How the points of one kind are drawn: their shape, and the dashes of their front."""

    shape: str
    dash: list[int]


LOOKS = {
    "tied": Look("triangle-down", [6, 2]),
    "mapped": Look("diamond", [3, 3]),
    "all": Look("square", [9, 4]),
    "part": Look("circle", [1, 0]),
    "none": Look("triangle-up", [2, 3]),
    "": Look("circle", [1, 0]),
    SEARCH: Look("cross", [9, 3, 2, 3]),
}


class Chosen(NamedTuple):
    """The chosen point: a run, and where on its line; "" for a single training."""

    run_id: str
    at: str = ""


def tradeoff_chart(
    rows: Rows,
    baselines: Rows,
    x: str,
    y: str,
    chosen: Chosen | None = None,
    places: Rows | None = None,
) -> alt.LayerChart:
    """Draw a sweep, its lines and a search. Better is up and right: an error's axis is reversed.

    A point is drawn, and can be clicked, where both metrics are known.

    Args:
        rows: as `rows.plot_rows` makes them.
        baselines: `{label, x}` or `{label, y}`, lines across the plot.
        x: metric of the x axis.
        y: metric of the y axis.
        chosen: the point that is marked.
        places: of lines, as `rows.line_rows` makes them.
    """
    axes = {"x": _axis(alt.X, "x", x), "y": _axis(alt.Y, "y", y)}
    names = kind_names([*rows, *(places or [])])
    marked, on_lines = (
        [
            row
            | {
                "chosen": chosen == Chosen(row["run_id"], row["at"]),
                "kind_name": names[row["kind"]],
                "place": place(row["position"]),
            }
            for row in group
        ]
        for group in (rows, places or [])
    )
    both = [*on_lines, *(row for row in marked if "x" in row and "y" in row)]
    ends = _shown_ends(marked, on_lines, chosen)
    # A single task's position is infinite, which JSON does not know.
    both = [{name: value for name, value in row.items() if name != "position"} for row in both]
    reached = [*both, *ends, *baselines]
    least = _least_extent(reached)
    within = Places([*reached, *least], METRICS[x].higher_is_better, METRICS[y].higher_is_better)
    inside = has_room_for_legend(reached, within)
    layers = [
        *_unseen(least, axes),
        *line_charts([*_baselines(baselines), *_ends(ends, within)], axes, within, both),
        *_lines(on_lines, axes),
        *_fronts(both, axes, {row["kind"] for row in on_lines}),
        *_spreads(both, axes),
        *_points(both, axes, names, (x, y), INSIDE if inside else {"orient": "top"}),
        *name_layers(both, within, axes, inside),
        _corner(),
    ]
    drawn = alt.LayerChart(layer=layers, height=HEIGHT)
    # A click chooses the nearest point, so the whole plot is to look clickable. What finds the
    # nearest one lies over the points and hides the pointers of theirs.
    return drawn.add_params(alt.param(name="cursor", value="pointer")) if both else drawn


def kind_names(rows: Rows) -> dict[str, str]:
    """Return what the kinds of these points are called, in the order of the legend."""
    kinds = [kind for kind in LOOKS if any(row["kind"] == kind for row in rows)]
    names = SHARING_NAMES | {SEARCH: "search"}
    if len(kinds) == 2 and SEARCH in kinds:
        names = dict.fromkeys(SHARING_NAMES, "sweep") | {SEARCH: "search"}
    return {kind: names[kind] for kind in kinds}


def _axis(kind: Any, name: str, metric: str) -> Any:
    higher = METRICS[metric].higher_is_better
    unit = " in stars" if METRICS[metric].unit else ""
    return kind(
        f"{name}:Q",
        title=f"{words.label(metric)}{unit}" + ("" if higher else ", reversed"),
        scale=alt.Scale(zero=False, nice=False, reverse=not higher, padding=28),
        axis=alt.Axis(format=".4~f", tickCount=6),
    )


def _baselines(baselines: Rows) -> Rows:
    return [row | {"colour": theme.BASELINE} for row in baselines]


def _shown_ends(rows: Rows, places: Rows, chosen: Chosen | None) -> Rows:
    """Return the runs that train one task alone: of the chosen point's kind, or the only one."""
    kinds = {row["kind"] for row in (*rows, *places)} - {SEARCH}
    of_chosen = [row["kind"] for row in (*rows, *places) if chosen and row["chosen"]]
    shown = set(of_chosen) if of_chosen else kinds if len(kinds) == 1 else set()
    return [row for row in rows if not ("x" in row and "y" in row) and row["kind"] in shown]


def _least_extent(rows: Rows) -> Rows:
    """Return points that widen an axis to LEAST_EXTENT where the data take less of it."""
    ends = []
    for axis in ("x", "y"):
        fields = (axis, f"{axis}_low", f"{axis}_high")
        values = [row[field] for row in rows for field in fields if field in row]
        if values and max(values) - min(values) < LEAST_EXTENT:
            middle = (max(values) + min(values)) / 2
            ends += [{axis: middle - LEAST_EXTENT / 2}, {axis: middle + LEAST_EXTENT / 2}]
    return ends


def _unseen(rows: Rows, axes: dict[str, Any]) -> list[alt.Chart]:
    """Draw invisible points, which make the axes reach that far."""
    return [
        alt.Chart(alt.Data(values=[row for row in rows if axis in row]))
        .mark_point(opacity=0)
        .encode(**{axis: encoding})
        for axis, encoding in axes.items()
        if any(axis in row for row in rows)
    ]


def _ends(rows: Rows, places: Places) -> Rows:
    """Return the reference lines of the runs that train one task alone."""
    lines = []
    for task, sign in (("retrieval", -1), ("rating", 1)):
        own = [
            {axis: row[axis] for axis in ("x", "y") if axis in row}
            | {"task": task, "sharing": SHARING_NAMES[row["kind"]]}
            | {"colour": theme.TASK_COLOURS[task]}
            for row in rows
            if row["position"] == sign * math.inf
        ]
        lines += merge_lines(own, places)
    return lines


def _lines(places: Rows, axes: dict[str, Any]) -> list[alt.Chart]:
    """Draw each line of ratios, in the colour of the ratio at each place."""
    segments = []
    for run_id in dict.fromkeys(row["run_id"] for row in places):
        own = sorted((r for r in places if r["run_id"] == run_id), key=lambda r: r["position"])
        segments += [
            {"x": a["x"], "y": a["y"], "x2": b["x"], "y2": b["y"]}
            | {"middle": (a["place"] + b["place"]) / 2}
            for a, b in itertools.pairwise(own)
        ]
    if not segments:
        return []
    drawn = alt.Chart(alt.Data(values=segments)).mark_rule(strokeWidth=4, strokeCap="round")
    return [drawn.encode(**axes, x2="x2:Q", y2="y2:Q", color=ratio_colour("middle"))]


def _fronts(rows: Rows, axes: dict[str, Any], with_line: set[str]) -> list[alt.Chart]:
    """Draw the Pareto front of each kind of single trainings as a line, where it has no other."""
    drawn = []
    for kind, look in LOOKS.items():
        front = [row for row in rows if row["kind"] == kind and row["front"]]
        if len(front) > 1 and kind not in with_line:
            line = alt.Chart(alt.Data(values=front)).mark_line(
                color=theme.TOTAL,
                strokeWidth=2,
                strokeDash=look.dash,
                opacity=0.6,
                interpolate="linear",
            )
            drawn.append(line.encode(**axes, order=alt.Order("x:Q")))
    return drawn


def _spreads(rows: Rows, axes: dict[str, Any]) -> list[alt.Chart]:
    """Draw a standard deviation over the seeds to both sides of a point."""
    # Ready colours: with the points' own scale, its legend would fall apart into symbols.
    several = [row | {"colour": colour_at(row["place"])} for row in rows if row["seeds"] > 1]
    if not several:
        return []
    base = alt.Chart(alt.Data(values=several)).mark_rule(strokeWidth=1.5)
    look = {"stroke": alt.Stroke("colour:N", scale=None), "opacity": _opacity(bar=True)}
    level = base.encode(y=axes["y"], x=_bound(axes["x"], "x_low"), x2="x_high:Q", **look)
    upright = base.encode(x=axes["x"], y=_bound(axes["y"], "y_low"), y2="y_high:Q", **look)
    return [level, upright]


def _bound(axis: Any, field: str) -> Any:
    bound = axis.copy()
    bound.shorthand = f"{field}:Q"
    return bound


def _opacity(*, bar: bool = False) -> Any:
    return alt.condition(
        "datum.front", alt.value(1.0), alt.value(DOMINATED_BAR if bar else DOMINATED)
    )


def _points(
    rows: Rows,
    axes: dict[str, Any],
    names: dict[str, str],
    metrics: tuple[str, str],
    legend: dict[str, Any],
) -> list[alt.Chart]:
    if not rows:
        return []
    # The nearest one: the places of a line are small, and close to each other.
    pick = alt.selection_point(name=PICK, fields=["run_id", "at"], nearest=True)
    shapes = alt.Legend(
        title=None,
        orient="top",
        symbolFillColor=theme.BASELINE,
        symbolStrokeColor=theme.BASELINE,
    )
    tips = [
        alt.Tooltip("kind_name:N", title="with"),
        alt.Tooltip("weights:N", title="retrieval : rating"),
        alt.Tooltip("settings:N", title="from"),
        alt.Tooltip("x:Q", title=words.label(metrics[0]), format=".4f"),
        alt.Tooltip("y:Q", title=words.label(metrics[1]), format=".4f"),
        alt.Tooltip("seeds:Q", title="seeds"),
    ]
    size = alt.SizeValue(
        POINT,
        condition=[
            {"test": "datum.chosen", "value": CHOSEN},
            {"test": "datum.at != ''", "value": PLACE},
        ],
    )
    chosen = alt.condition("datum.chosen", alt.value(theme.BASELINE), alt.value("transparent"))
    points = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, strokeWidth=3)
        .encode(
            **axes,
            fill=_fill(legend),
            stroke=chosen,
            opacity=_opacity(),
            size=size,
            shape=alt.Shape(
                "kind_name:N",
                scale=alt.Scale(
                    domain=list(names.values()), range=[LOOKS[kind].shape for kind in names]
                ),
                legend=shapes if _needs_legend(rows) else None,
            ),
            tooltip=tips,
        )
        .add_params(pick)
    )
    return [points]


def _fill(legend: dict[str, Any]) -> alt.Fill:
    colour: Any = ratio_colour(legend=legend, narrow=NARROW).to_dict()
    return alt.Fill("place:Q", scale=colour["scale"], legend=colour["legend"])


def _needs_legend(rows: Rows) -> bool:
    """Return whether shapes need a legend: lines have their names beside them."""
    kinds = {row["kind"] for row in rows}
    return len(kinds) > 1 and not kinds <= {row["kind"] for row in rows if row["at"]}


def _corner() -> alt.Chart:
    """Say which way is better, at the top right."""
    return (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(align="right", baseline="top", dx=-8, dy=8, color=theme.BASELINE, fontSize=13)
        .encode(text=alt.value("better ↗"), x=alt.value("width"), y=alt.value(0))
    )
