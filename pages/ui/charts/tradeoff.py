"""The trade-off: both tasks of every ratio of the weights, and the front."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from recsys.metrics import METRICS

Rows = list[dict[str, Any]]
PICK = "pick"  # the selection of a click on a point
BEATEN = 0.35  # opacity of what another ratio beats in both figures
SHAPES = {"all": "circle", "part": "square", "none": "triangle-up", "": "diamond"}
SHARING = {"all": "all shared", "part": "part shared", "none": "nothing shared", "": "tutorial"}
HEIGHT = 460
# What a label may take, in shares of the plot: names of the weights are short.
LABEL_WIDTH, LABEL_HEIGHT = 0.075, 0.05


def tradeoff_chart(
    rows: Rows, baselines: Rows, x: str, y: str, selected: str | None
) -> alt.LayerChart:
    """Draw the ratios of a sweep; better is up and right, so an axis of errors is reversed.

    Where no ratio has both figures there is nothing to pick.

    Args:
        rows: as `tradeoff_rows.plot_rows` makes them.
        baselines: `{label, x}` or `{label, y}`, lines across the plot.
        x: metric of the level axis.
        y: metric of the upright axis.
        selected: run id of the point that is marked.
    """
    axes = {"x": _axis(alt.X, "x", x), "y": _axis(alt.Y, "y", y)}
    marked = [row | {"selected": row["run_id"] == selected} for row in rows]
    both = [row for row in marked if "x" in row and "y" in row]
    ends = [row | {"label": _end_name(row)} for row in marked if row not in both]
    layers = [
        *_lines(baselines, axes, theme.BASELINE),
        *_lines([row for row in ends if row["share"] == 0], axes, theme.RETRIEVAL),
        *_lines([row for row in ends if row["share"] == 1], axes, theme.RATING),
        *_fronts(both, axes),
        *_spreads(both, axes),
        *_points(both, [*marked, *baselines], axes, x, y),
        _corner(),
    ]
    return alt.layer(*layers).properties(height=HEIGHT)


def _axis(kind: Any, name: str, metric: str) -> Any:
    higher = METRICS[metric].higher_is_better
    unit = " in stars" if METRICS[metric].unit else ""
    return kind(
        f"{name}:Q",
        title=f"{words.label(metric)}{unit}" + ("" if higher else ", reversed"),
        scale=alt.Scale(zero=False, nice=False, reverse=not higher, padding=28),
        axis=alt.Axis(format=".4~f", tickCount=6),
    )


def _end_name(row: dict[str, Any]) -> str:
    task = "retrieval" if row["share"] == 0 else "rating"
    shared = f", {SHARING[row['sharing']]}" if row["sharing"] not in ("", "all") else ""
    return f"{task} alone{shared}"


def _lines(rows: Rows, axes: dict[str, Any], colour: str) -> list[alt.Chart]:
    """Draw what has one figure as a line across the plot, with its label at the line."""
    drawn = []
    for axis, turn, at in (
        ("y", {"align": "left", "dx": 6, "dy": -5}, {"x": alt.value(alt.ExprRef("width * 0.3"))}),
        ("x", {"align": "left", "angle": 270, "dx": 6, "dy": -6}, {"y": alt.value("height")}),
    ):
        own = [row for row in rows if axis in row]
        if not own:
            continue
        tip = [alt.Tooltip("label:N", title="what"), alt.Tooltip(f"{axis}:Q", format=".4f")]
        base = alt.Chart(alt.Data(values=own)).encode(**{axis: axes[axis]}, tooltip=tip)
        drawn.append(base.mark_rule(strokeDash=theme.DASH, strokeWidth=1.5, color=colour))
        text = base.mark_text(
            baseline="bottom", color=colour, fontSize=theme.LABEL_SIZE, **turn
        ).encode(text="label:N", **at)
        drawn.append(text)
    return drawn


def _fronts(rows: Rows, axes: dict[str, Any]) -> list[alt.Chart]:
    """Draw the line through the points that nothing beats."""
    front = [row for row in rows if row["front"]]
    if len(front) < 2:
        return []
    line = alt.Chart(alt.Data(values=front)).mark_line(
        color=theme.TOTAL, strokeWidth=2, opacity=0.55, interpolate="linear"
    )
    return [line.encode(**axes, order=alt.Order("x:Q"))]


def _spreads(rows: Rows, axes: dict[str, Any]) -> list[alt.Chart]:
    """Draw a standard deviation over the seeds to both sides of a point."""
    several = [row for row in rows if row["seeds"] > 1]
    if not several:
        return []
    base = alt.Chart(alt.Data(values=several)).mark_rule(strokeWidth=1.5)
    colour = {"color": _colour(), "opacity": _opacity()}
    level = base.encode(y=axes["y"], x=_bound(axes["x"], "x_low"), x2="x_high:Q", **colour)
    upright = base.encode(x=axes["x"], y=_bound(axes["y"], "y_low"), y2="y_high:Q", **colour)
    return [level, upright]


def _bound(axis: Any, field: str) -> Any:
    bound = axis.copy()
    bound.shorthand = f"{field}:Q"
    return bound


def _colour() -> alt.Color:
    # Close to one hue at either end, so that the side a point leans to is seen at once.
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


def _opacity() -> Any:
    return alt.condition("datum.front", alt.value(1.0), alt.value(BEATEN))


def _points(rows: Rows, within: Rows, axes: dict[str, Any], x: str, y: str) -> list[alt.Chart]:
    if not rows:
        return []
    pick = alt.selection_point(name=PICK, fields=["run_id"])
    kinds = [kind for kind in SHAPES if any(row["sharing"] == kind for row in rows)]
    named = [row | {"kind": SHARING[row["sharing"]]} for row in rows]
    legend = alt.Legend(title=None, orient="top") if len(kinds) > 1 else None
    points = (
        alt.Chart(alt.Data(values=named))
        .mark_point(filled=True, cursor="pointer")
        .encode(
            **axes,
            color=_colour(),
            opacity=_opacity(),
            size=alt.condition("datum.selected", alt.value(330), alt.value(150)),
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(
                    domain=[SHARING[kind] for kind in kinds], range=[SHAPES[k] for k in kinds]
                ),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("weights:N", title="retrieval : rating"),
                alt.Tooltip("kind:N", title="sharing"),
                alt.Tooltip("x:Q", title=words.label(x), format=".4f"),
                alt.Tooltip("y:Q", title=words.label(y), format=".4f"),
                alt.Tooltip("seeds:Q", title="seeds"),
            ],
        )
        .add_params(pick)
    )
    # What is on the front is named first.
    ranked = sorted(rows, key=lambda row: not row["front"])
    return [points, *_names(ranked, within, axes, x, y)]


def _names(rows: Rows, within: Rows, axes: dict[str, Any], x: str, y: str) -> list[alt.Chart]:
    """Write the weights beside the points, where no point and no other label is."""
    rises = METRICS[x].higher_is_better, METRICS[y].higher_is_better
    placed = place_labels(rows, within, *rises)
    drawn = []
    for side, (align, dx, dy) in SIDES.items():
        own = [row for row, where in zip(rows, placed, strict=True) if where == side]
        if own:
            text = alt.Chart(alt.Data(values=own)).mark_text(
                align=align,
                baseline="middle",
                dx=dx,
                dy=dy,
                fontSize=theme.LABEL_SIZE,
                color=theme.BASELINE,
            )
            drawn.append(text.encode(**axes, text="weights:N", opacity=_opacity()))
    return drawn


# Where a label stands: its alignment, and how far from its point in pixels.
SIDES = {
    "right": ("left", 12, 0),
    "left": ("right", -12, 0),
    "above": ("center", 0, -16),
    "below": ("center", 0, 16),
}
# The same as the label's lower left corner, in shares of the plot from the point.
_CORNERS = {
    "right": (0.015, -LABEL_HEIGHT / 2),
    "left": (-0.015 - LABEL_WIDTH, -LABEL_HEIGHT / 2),
    "above": (-LABEL_WIDTH / 2, 0.015),
    "below": (-LABEL_WIDTH / 2, -0.015 - LABEL_HEIGHT),
}


def place_labels(rows: Rows, within: Rows, x_rises: bool, y_rises: bool) -> list[str | None]:
    """Return the side of each point's label, None where every side is taken.

    Args:
        rows: with `x` and `y`, the most important ones first.
        within: all that the axes reach over, with `x`, `y` or both.
        x_rises: whether larger values lie right.
        y_rises: whether larger values lie up.
    """
    places = [
        _shares([row[axis] for row in rows], [row[axis] for row in within if axis in row], rises)
        for axis, rises in (("x", x_rises), ("y", y_rises))
    ]
    spots = list(zip(*places, strict=True))
    taken = [(px - 0.01, py - 0.015, px + 0.01, py + 0.015) for px, py in spots]
    sides: list[str | None] = []
    for px, py in spots:
        free = None
        for side, (dx, dy) in _CORNERS.items():
            left, low = px + dx, py + dy
            box = (left, low, left + LABEL_WIDTH, low + LABEL_HEIGHT)
            inside = left >= 0 and box[2] <= 1 and low >= 0 and box[3] <= 1
            if inside and not any(_overlap(box, other) for other in taken):
                free = side
                taken.append(box)
                break
        sides.append(free)
    return sides


def _shares(values: Sequence[float], within: Sequence[float], rises: bool) -> list[float]:
    """Return where values lie along an axis, 0.05 to 0.95: it is padded at both ends."""
    low, high = min(within, default=0.0), max(within, default=0.0)
    places = [0.5 if high == low else (value - low) / (high - low) for value in values]
    return [0.05 + 0.9 * (place if rises else 1 - place) for place in places]


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _corner() -> alt.Chart:
    """Say which way is better, at the top right."""
    return (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(align="right", baseline="top", dx=-8, dy=8, color=theme.BASELINE, fontSize=13)
        .encode(text=alt.value("better ↗"), x=alt.value("width"), y=alt.value(0))
    )
