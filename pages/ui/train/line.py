"""The line of a training of all ratios: RMSE and NDCG@20 at each position, as one small plot."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.panels import Panel
from recsys.ratio import position_name
from recsys.runs.records import EpochRecord, Run

X, Y = "rmse", "ndcg@20"
CURVES_WORDS = (
    "The curves show the model at 1 : 1, equal weights. Train losses are means over all ratios."
)
LABELS = {0.0: "retrieval", 0.5: "1 : 1", 1.0: "rating"}  # written beside these positions
# The axes while it trains, as multiples of the baselines: the line grows into them.
LIVE = {X: (0.92, 1.13), Y: (0.5, 2.6)}
MARGIN = 0.14  # of the range, around the line of a stored run
LEAST_RANGE = 0.01  # stars, or NDCG: a line that hardly bends is not enlarged until it looks bent


class Axes(NamedTuple):
    """The ends of both axes."""

    x: tuple[float, float]
    y: tuple[float, float]


def line_rows(run: Run, marked: float | None = None) -> Rows:
    """Return the rows of a stored line, on validation: a row for each position evaluated.

    They hold `epoch` (0: the end), `position`, `ratio`, `label` ("" at most positions), `x` (RMSE),
    `y` (NDCG@20), `newest`, and `marked`: whether it is the position `marked`.
    """
    rows = []
    for point in run.line:
        measured = point.metrics.get("validation", {})
        if X in measured and Y in measured:
            at = _row(0, point.position, measured[X], measured[Y], newest=True)
            rows.append(at | {"marked": point.position == marked})
    return rows


def live_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return the rows of a line in training, as `line_rows`: one line per epoch that has one."""
    measured = [record for record in history if record.line]
    return [
        _row(record.epoch, position, x, y, newest=record is measured[-1]) | {"marked": False}
        for record in measured
        for position, x, y in record.line
    ]


def _row(epoch: int, position: float, x: float, y: float, *, newest: bool) -> dict[str, object]:
    ratio = position_name(position)
    label = LABELS.get(position, "") if newest else ""
    at = {"epoch": epoch, "position": position, "ratio": ratio, "label": label}
    return at | {"x": x, "y": y, "newest": newest}


def around(rows: Rows) -> Axes:
    """Return axes that fit a stored line."""
    ends = []
    for axis in ("x", "y"):
        values = [row[axis] for row in rows] or [0.0]
        length = max(values) - min(values)
        margin = max(MARGIN * length, (LEAST_RANGE - length) / 2)
        ends.append((round(min(values) - margin, 4), round(max(values) + margin, 4)))
    return Axes(*ends)


def while_training(baselines: dict[str, dict[str, dict[str, float]]]) -> Axes:
    """Return axes for a line in training, which do not depend on it."""
    ends = []
    for metric, (low, high) in LIVE.items():
        known = [parts.get("validation", {}).get(metric) for parts in baselines.values()]
        reference = next((value for value in known if value), 1.0)
        ends.append((round(low * reference, 4), round(high * reference, 4)))
    return Axes(*ends)


def line_panel(rows: Rows, axes: Axes, height: int = theme.MEDIUM) -> Panel:
    """Return the panel of a line, stored or in training."""
    return Panel(
        "line",
        rows,
        line_chart,
        (axes, height),
        "Line plot: RMSE and NDCG at 20 of the models of all ratios, from retrieval to rating",
        note=" on validation",
    )


def line_chart(axes: Axes, height: int) -> alt.LayerChart:
    """Draw the line. Better is up and right, so the axis of the error is reversed."""
    base = alt.Chart(theme.ROWS).encode(
        x=_axis(alt.X, "x", X, axes.x, reverse=True), y=_axis(alt.Y, "y", Y, axes.y)
    )
    faint = alt.condition("datum.newest", alt.value(1.0), alt.value(0.25))
    through = base.mark_line(color=theme.BASELINE, strokeWidth=1.5, clip=True).encode(
        order="position:Q", detail="epoch:N", opacity=faint
    )
    colour = alt.Color(
        "position:Q",
        scale=alt.Scale(domain=list(LABELS), range=[theme.RETRIEVAL, theme.TOTAL, theme.RATING]),
        legend=None,
    )
    points = base.mark_circle(size=45, clip=True).encode(
        color=colour,
        opacity=faint,
        tooltip=[
            alt.Tooltip("ratio:N", title="retrieval : rating"),
            alt.Tooltip("x:Q", title="RMSE", format=".4f"),
            alt.Tooltip("y:Q", title=words.label(Y), format=".4f"),
            *_epoch(),
        ],
    )
    ring = (
        base.mark_point(size=260, strokeWidth=3, filled=False)
        .encode(color=colour)
        .transform_filter("datum.marked")
    )
    return alt.LayerChart(layer=[through, points, ring, *_labels(base)], height=height)


def _labels(base: alt.Chart) -> list[alt.Chart]:
    """Write the labels where the line leaves room: it begins at the top and bends to the left."""
    look: dict[str, Any] = {"color": theme.BASELINE, "fontSize": theme.LABEL_SIZE, "clip": True}
    return [
        base.mark_text(**look, dy=15).encode(text="label:N").transform_filter("!datum.position"),
        base.mark_text(**look, dx=-12, align="right")
        .encode(text="label:N")
        .transform_filter("datum.position > 0"),
    ]


def _epoch() -> list[alt.Tooltip]:
    return [alt.Tooltip("epoch:Q", title="epoch (0: the end)")]


def _axis(kind: type, name: str, metric: str, ends: tuple[float, float], *, reverse: bool = False):  # type: ignore[no-untyped-def]
    unit = " in stars, reversed" if reverse else ""
    return kind(
        f"{name}:Q",
        title=f"{words.label(metric)}{unit}",
        scale=alt.Scale(domain=list(ends), nice=False, zero=False, reverse=reverse),
        axis=alt.Axis(format=".3~f", tickCount=4),
    )
