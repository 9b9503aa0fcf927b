"""The trade-off plot: both metrics of every ratio and every trial, with their Pareto fronts."""

from typing import Any, NamedTuple

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.labels import SIDES, Places, place_labels
from pages.ui.tradeoff.reference_lines import line_charts, merge_lines
from recsys.evaluation.metrics import METRICS
from recsys.tradeoff.result import SHARING_NAMES

PICK = "pick"  # the selection of a click on a point
DOMINATED = 0.35  # opacity of a dominated point
DOMINATED_BAR = 0.16  # of its bars: there are many, and they cross
SEARCH = "search"  # the kind of a point that a search has found
HEIGHT = 500
# The smallest range of an axis: on a smaller one, noise would look like a trade-off.
LEAST_EXTENT = 0.01


class Look(NamedTuple):
    """How the points of one kind are drawn: their shape, and the dashes of their front."""

    shape: str
    dash: list[int]


LOOKS = {
    "tied": Look("triangle-down", [6, 2]),
    "mapped": Look("diamond", [3, 3]),
    "all": Look("circle", [1, 0]),
    "part": Look("square", [9, 4]),
    "none": Look("triangle-up", [2, 3]),
    "": Look("circle", [1, 0]),
    SEARCH: Look("cross", [9, 3, 2, 3]),
}


def tradeoff_chart(
    rows: Rows, baselines: Rows, x: str, y: str, selected: str | None
) -> alt.LayerChart:
    """Draw a sweep and a search. Better is up and right, so the axis of an error is reversed.

    A point is drawn, and can be clicked, where both metrics are known.

    Args:
        rows: as `rows.plot_rows` makes them.
        baselines: `{label, x}` or `{label, y}`, lines across the plot.
        x: metric of the x axis.
        y: metric of the y axis.
        selected: run id of the point that is marked.
    """
    axes = {"x": _axis(alt.X, "x", x), "y": _axis(alt.Y, "y", y)}
    names = kind_names(rows)
    marked = [
        row | {"selected": row["run_id"] == selected, "kind_name": names[row["kind"]]}
        for row in rows
    ]
    both = [row for row in marked if "x" in row and "y" in row]
    least = _least_extent([*marked, *baselines])
    within = [*marked, *baselines, *least]
    places = Places(within, METRICS[x].higher_is_better, METRICS[y].higher_is_better)
    layers = [
        *_unseen(least, axes),
        *line_charts([*_baselines(baselines), *_ends(marked, places)], axes, places, both),
        *_fronts(both, axes),
        *_spreads(both, axes),
        *_points(both, axes, names, x, y),
        *_names(both, within, axes, x, y),
        _corner(),
    ]
    return alt.LayerChart(layer=layers, height=HEIGHT)


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
    for task, share, colour in (
        ("retrieval", 0, theme.RETRIEVAL),
        ("rating", 1, theme.RATING),
    ):
        own = [
            {axis: row[axis] for axis in ("x", "y") if axis in row}
            | {"task": task, "sharing": SHARING_NAMES[row["kind"]], "colour": colour}
            for row in rows
            if row["share"] == share and not ("x" in row and "y" in row)
        ]
        lines += merge_lines(own, places)
    return lines


def _fronts(rows: Rows, axes: dict[str, Any]) -> list[alt.Chart]:
    """Draw the Pareto front of each kind as a line."""
    drawn = []
    for kind, look in LOOKS.items():
        front = [row for row in rows if row["kind"] == kind and row["front"]]
        if len(front) > 1:
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
    several = [
        row | {"colour": share_colour(row["retrieval_share"])} for row in rows if row["seeds"] > 1
    ]
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


def share_colour(retrieval_share: float) -> str:
    """Return the colour of retrieval's share of the weights, 0–1, as the points' scale has it."""
    ends = (theme.RATING, theme.TOTAL) if retrieval_share < 0.5 else (theme.TOTAL, theme.RETRIEVAL)
    part = (retrieval_share % 0.5) / 0.5 if retrieval_share < 1 else 1.0
    low, high = (bytes.fromhex(colour.removeprefix("#")) for colour in ends)
    return "#" + bytes(round(a + part * (b - a)) for a, b in zip(low, high, strict=True)).hex()


def _colour() -> alt.Color:
    # The task colours at the ends, so that the side a point leans to is seen at once.
    return alt.Color(
        "retrieval_share:Q",
        scale=alt.Scale(
            domain=[0, 0.5, 1],
            range=[theme.RATING, theme.TOTAL, theme.RETRIEVAL],
            interpolate="rgb",
        ),
        legend=alt.Legend(
            title="retrieval's share of the weights",
            orient="top",
            direction="horizontal",
            gradientLength=180,
            format=".0%",
            values=[0, 0.5, 1],
        ),
    )


def _opacity(*, bar: bool = False) -> Any:
    return alt.condition(
        "datum.front", alt.value(1.0), alt.value(DOMINATED_BAR if bar else DOMINATED)
    )


def _points(
    rows: Rows, axes: dict[str, Any], names: dict[str, str], x: str, y: str
) -> list[alt.Chart]:
    if not rows:
        return []
    pick = alt.selection_point(name=PICK, fields=["run_id"])
    legend = alt.Legend(
        title=None,
        orient="top",
        symbolFillColor=theme.BASELINE,
        symbolStrokeColor=theme.BASELINE,
    )
    tips = [
        alt.Tooltip("kind_name:N", title="of"),
        alt.Tooltip("weights:N", title="retrieval : rating"),
        alt.Tooltip("settings:N", title="settings"),
        alt.Tooltip("x:Q", title=words.label(x), format=".4f"),
        alt.Tooltip("y:Q", title=words.label(y), format=".4f"),
        alt.Tooltip("seeds:Q", title="seeds"),
    ]
    points = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, cursor="pointer")
        .encode(
            **axes,
            color=_colour(),
            opacity=_opacity(),
            size=alt.condition("datum.selected", alt.value(330), alt.value(150)),
            shape=alt.Shape(
                "kind_name:N",
                scale=alt.Scale(
                    domain=list(names.values()), range=[LOOKS[kind].shape for kind in names]
                ),
                legend=legend if len(names) > 1 else None,
            ),
            tooltip=tips,
        )
        .add_params(pick)
    )
    return [points]


def _names(rows: Rows, within: Rows, axes: dict[str, Any], x: str, y: str) -> list[alt.Chart]:
    """Write the weights beside the points where there is room."""
    # With several fronts only their own points are named: the plot would be too full.
    one = len({row["kind"] for row in rows}) == 1
    named = [row for row in rows if row["front"] or row["selected"]]
    others = [row for row in rows if row not in named]
    if one:
        named, others = [*named, *others], []
    rises = METRICS[x].higher_is_better, METRICS[y].higher_is_better
    lines = [[row for row in rows if row["kind"] == kind and row["front"]] for kind in LOOKS]
    placed = place_labels(named, within, *rises, others, lines)
    drawn = []
    for side, (align, dx, dy) in SIDES.items():
        own = [row for row, where in zip(named, placed, strict=True) if where == side]
        if own:
            text = alt.Chart(alt.Data(values=own)).mark_text(
                align=align,
                baseline="middle",
                dx=dx,
                dy=dy,
                fontSize=theme.LABEL_SIZE,
                color=theme.BASELINE,
            )
            drawn.append(text.encode(**axes, text="weights:N"))
    return drawn


def _corner() -> alt.Chart:
    """Say which way is better, at the top right."""
    return (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(align="right", baseline="top", dx=-8, dy=8, color=theme.BASELINE, fontSize=13)
        .encode(text=alt.value("better ↗"), x=alt.value("width"), y=alt.value(0))
    )
