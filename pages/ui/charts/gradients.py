"""How the two tasks share the training: their parts of the loss, their gradients, their factors.

As in `training`, what draws a chart takes no rows: they come beside the specification.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import TASKS, Rows
from pages.ui.charts.thin import POINTS, thin
from recsys.runs.records import EpochRecord

REACH_STEP = 0.25  # the cosine axis reaches a multiple of this to both sides of 0
# The two halves of a cosine's chart: name, vertical alignment, and the text's place in pixels.
HALVES: tuple[tuple[str, Literal["top", "bottom"], int | str], ...] = (
    ("gradients agree", "top", 2),
    ("gradients conflict", "bottom", "height"),
)
GAP = 0.1  # between two bars, in epochs; none where there are many bars


def share_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return the rows of a bar for each epoch, or for each few epochs of a long training.

    They hold `task`, its `share` (0-1) of the weighted train loss, its weighted `loss`, the
    `epochs` as text, and the bar's sides: `left`, `right`, `bottom`, `top`. A bar of several
    epochs shows their means.
    """
    together = -(-len(history) // POINTS) or 1
    side = (1 - (GAP if len(history) <= theme.MANY_EPOCHS else 0)) / 2
    rows: Rows = []
    for start in range(0, len(history), together):
        records = history[start : start + together]
        first, last = records[0].epoch, records[-1].epoch
        share = sum(record.retrieval_share for record in records) / len(records)
        total = sum(record.total_loss for record in records) / len(records)
        bar = {
            "epochs": f"{first}–{last}" if last > first else str(first),
            "left": first - side,
            "right": last + side,
        }
        for task, bottom, top in (("retrieval", 0.0, share), ("rating", share, 1.0)):
            part = {"task": task, "share": top - bottom, "loss": (top - bottom) * total}
            rows.append(bar | part | {"bottom": bottom, "top": top})
    return rows


def norm_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, value}`: each task's gradient norm on the shared embeddings."""
    return _by_task(history, "gradient_norm")


def cosine_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, value}`: the cosine of the two gradients."""
    return thin(
        [
            {"epoch": record.epoch, "value": record.gradient_cosine}
            for record in history
            if record.gradient_cosine is not None
        ]
    )


def factor_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, value}`: what the loss balancing multiplied each weight by."""
    return _by_task(history, "factor")


def log_variance_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, value}`: the log-variances that uncertainty weighting has learnt."""
    return [row | {"value": -math.log(row["value"])} for row in factor_rows(history)]


def _by_task(history: Sequence[EpochRecord], field: str) -> Rows:
    rows = [
        {"epoch": record.epoch, "task": task, "value": value}
        for record in history
        for task in TASKS
        if (value := getattr(record, f"{task}_{field}")) is not None
    ]
    return thin(rows, by="task")


def powers(rows: Rows) -> tuple[int, int]:
    """Return the powers of ten that the positive values lie between, as exponents."""
    known = [math.log10(row["value"]) for row in rows if row["value"] > 0] or [0.0]
    return math.floor(min(known)), math.ceil(max(known))


def reach(rows: Rows) -> float:
    """Return how far the cosine axis reaches to both sides of 0."""
    widest = max((abs(row["value"]) for row in rows), default=0.0)
    # In steps, so that the axis does not change with each epoch.
    return min(1.0, REACH_STEP * max(1, math.ceil(1.1 * widest / REACH_STEP)))


def share_chart(epochs: int) -> alt.LayerChart:
    """Draw each task's share of the total loss as stacked bars."""
    bars = (
        alt.Chart(theme.ROWS)
        .mark_bar(opacity=0.85)
        .encode(
            x=alt.X(
                "left:Q",
                title="epoch",
                axis=theme.epoch_ticks(epochs),
                scale=alt.Scale(domain=[0.5, epochs + 0.5], nice=False),
            ),
            x2="right:Q",
            y=alt.Y(
                "bottom:Q",
                title=None,
                axis=alt.Axis(format=".0%", values=[0, 0.5, 1]),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y2="top:Q",
            color=theme.task_colours(symbol="square"),
            tooltip=[
                alt.Tooltip("epochs:N", title="epoch"),
                "task:N",
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("loss:Q", title="weighted loss", format=".4f"),
            ],
        )
    )
    return alt.LayerChart(layer=[bars], height=theme.SMALL)


def norm_chart(epochs: int, powers: tuple[int, int]) -> alt.LayerChart:
    """Draw each task's gradient norm, on a log scale: they can lie far apart."""
    return _task_chart(epochs, theme.log_value(powers), "gradient norm")


def factor_chart(epochs: int, powers: tuple[int, int]) -> alt.LayerChart:
    """Draw what the loss balancing multiplies each weight by, on a log scale."""
    return _task_chart(epochs, theme.log_value(powers), "factor")


def log_variance_chart(epochs: int) -> alt.LayerChart:
    """Draw the learnt log-variances; both start at 0."""
    return _task_chart(epochs, theme.value(zero=True), "log-variance")


def cosine_chart(epochs: int, reach: float) -> alt.LayerChart:
    """Draw the cosine of the tasks' gradients."""
    tooltip = ["epoch:Q", alt.Tooltip("value:Q", title="cosine", format=".3f")]
    return cosine_lines(theme.epoch_axis(epochs), reach, epochs, tooltip=tooltip)


def _task_chart(epochs: int, y: alt.Y, name: str) -> alt.LayerChart:
    tooltip = ["epoch:Q", "task:N", alt.Tooltip("value:Q", title=name, format=".3~g")]
    return task_lines(theme.epoch_axis(epochs), y, epochs, tooltip=tooltip)


def task_lines(
    x: alt.X,
    y: alt.Y,
    points: int = 1,
    *,
    tooltip: list[Any],
    dashes: alt.StrokeDash | None = None,
) -> alt.LayerChart:
    """Draw the `value` of the rows as a line for each `task`.

    Args:
        x: its axis.
        y: its axis; a log axis leaves out what is not above 0.
        points: how many a line can have.
        tooltip: of a line and its dots.
        dashes: what the dashes of a line say, if anything.
    """
    chart = alt.Chart(theme.ROWS).encode(x=x, y=y, color=theme.task_colours(), tooltip=tooltip)
    if y["scale"] is not alt.Undefined and y["scale"].type == "log":
        chart = chart.transform_filter("datum.value > 0")
    look = theme.line(points)
    dots = look.pop("point")
    # Dots with dashes would take the colour out of the legend's dashes.
    layers = [
        chart.mark_line(**look).encode(strokeDash=dashes or alt.Undefined),
        chart.mark_point(filled=True, opacity=1, size=dots.size),
    ]
    return alt.LayerChart(layer=layers, height=theme.SMALL)


def cosine_lines(x: alt.X, reach: float, points: int = 1, **encoding: Any) -> alt.LayerChart:
    """Draw the `value` of the rows, a cosine, on an axis from -`reach` to `reach`."""
    line = (
        alt.Chart(theme.ROWS)
        .mark_line(**theme.line(points, color=theme.TOTAL))
        .encode(
            x=x,
            y=alt.Y(
                "value:Q",
                title=None,
                axis=theme.value_axis(),
                scale=alt.Scale(domain=[-reach, reach], nice=False),
            ),
            **encoding,
        )
    )
    zero = (
        alt.Chart(alt.Data(values=[{"value": 0.0}]))
        .mark_rule(color=theme.BASELINE, strokeDash=theme.DASH, strokeWidth=theme.THIN)
        .encode(y="value:Q")
    )
    return alt.LayerChart(layer=[zero, *_sides(), line], height=theme.SMALL)


def _sides() -> list[alt.Chart]:
    """Name the two halves of a cosine's chart, in its corners: the curve is near the middle."""
    return [
        alt.Chart(alt.Data(values=[{"label": label}]))
        .mark_text(
            color=theme.BASELINE, align="right", baseline=side, dx=-2, fontSize=theme.LABEL_SIZE
        )
        .encode(x=alt.value("width"), y=alt.value(place), text="label:N")
        for label, side, place in HALVES
    ]
