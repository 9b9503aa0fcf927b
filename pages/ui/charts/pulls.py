"""Why the weights act: shares of the loss, the pull of each task's gradient, balancing factors."""

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.training import TASKS, Rows, epoch_axis, epoch_ticks
from recsys.runs.records import EpochRecord

WIDEST = 0.25  # the cosine axis reaches at least so far to both sides


def share_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, share, loss}`: each weighted train loss's part (0–1) of their sum."""
    rows: Rows = []
    for record in history:
        shares = {"retrieval": record.retrieval_share, "rating": 1 - record.retrieval_share}
        rows += [
            {
                "epoch": record.epoch,
                "task": task,
                "share": share,
                "loss": share * record.total_loss,
            }
            for task, share in shares.items()
        ]
    return rows


def norm_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, value}`: the length of each task's gradient on what they share."""
    return _by_task(history, "gradient_norm")


def cosine_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, value}`: the cosine between the two gradients."""
    return [
        {"epoch": record.epoch, "value": record.gradient_cosine}
        for record in history
        if record.gradient_cosine is not None
    ]


def factor_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, value}`: what the loss balancing multiplied each weight by."""
    return _by_task(history, "factor")


def log_variance_rows(history: Sequence[EpochRecord]) -> Rows:
    """Return `{epoch, task, value}`: the log-variances that uncertainty weighting has learnt."""
    return [row | {"value": -math.log(row["value"])} for row in factor_rows(history)]


def _by_task(history: Sequence[EpochRecord], field: str) -> Rows:
    return [
        {"epoch": record.epoch, "task": task, "value": value}
        for record in history
        for task in TASKS
        if (value := getattr(record, f"{task}_{field}")) is not None
    ]


def share_chart(rows: Rows, epochs: int) -> alt.Chart:
    """Draw each task's share of the total loss, one stacked bar an epoch."""
    return (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(opacity=0.85)
        .encode(
            x=alt.X("epoch:O", title="epoch", axis=epoch_ticks(epochs, ordinal=True)).scale(
                domain=list(range(1, epochs + 1))
            ),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", values=[0, 0.5, 1])).scale(
                domain=[0, 1]
            ),
            color=alt.Color(
                "task:N",
                scale=theme.colour_scale(TASKS, [theme.TASK_COLOURS[task] for task in TASKS]),
                legend=alt.Legend(orient="top", title=None, offset=6, padding=0),
            ),
            order=alt.Order("task:N", sort="descending"),
            tooltip=[
                "epoch:O",
                "task:N",
                alt.Tooltip("share:Q", format=".1%"),
                alt.Tooltip("loss:Q", title="weighted loss", format=".4f"),
            ],
        )
        .properties(height=theme.SMALL)
    )


def norm_chart(rows: Rows, epochs: int) -> alt.LayerChart:
    """Draw the length of each task's gradient, on a log scale: they can lie far apart."""
    return _task_chart(rows, epochs, log_axis(rows), "gradient")


def factor_chart(rows: Rows, epochs: int) -> alt.LayerChart:
    """Draw what the loss balancing multiplies each weight by, on a log scale."""
    return _task_chart(rows, epochs, log_axis(rows), "factor")


def log_variance_chart(rows: Rows, epochs: int) -> alt.LayerChart:
    """Draw the learnt log-variances; both start at 0."""
    y = alt.Y("value:Q", title=None, axis=theme.value_axis(), scale=alt.Scale(zero=True, nice=True))
    return _task_chart(rows, epochs, y, "log-variance")


def cosine_chart(rows: Rows, epochs: int) -> alt.LayerChart:
    """Draw the cosine between the tasks' gradients."""
    tooltip = ["epoch:Q", alt.Tooltip("value:Q", title="cosine", format=".3f")]
    return cosine_lines(rows, epoch_axis(epochs), theme.SMALL, tooltip=tooltip)


def _task_chart(rows: Rows, epochs: int, y: alt.Y, name: str) -> alt.LayerChart:
    tooltip = ["epoch:Q", "task:N", alt.Tooltip("value:Q", title=name, format=".3~g")]
    return task_lines(rows, epoch_axis(epochs), y, theme.SMALL, tooltip=tooltip)


def task_lines(rows: Rows, x: alt.X, y: alt.Y, height: int, **encoding: Any) -> alt.LayerChart:
    """Draw a line for each `task` of the rows."""
    if isinstance(y.scale, alt.Scale) and y.scale.type == "log":
        rows = [row for row in rows if row["value"] > 0]
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=theme.LINE, point=alt.OverlayMarkDef(size=22, filled=True))
        .encode(x=x, y=y, color=_task_colours(), **encoding)
    )
    return alt.layer(lines).properties(height=height)


def cosine_lines(rows: Rows, x: alt.X, height: int, **encoding: Any) -> alt.LayerChart:
    """Draw the `value` of the rows, a cosine; the line at 0 parts agreeing from opposing."""
    reach = min(1.0, max([WIDEST, *(1.1 * abs(row["value"]) for row in rows)]))
    line = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(
            color=theme.TOTAL,
            strokeWidth=theme.LINE,
            point=alt.OverlayMarkDef(size=22, filled=True, color=theme.TOTAL),
        )
        .encode(
            x=x,
            y=alt.Y("value:Q", title=None, axis=theme.value_axis()).scale(
                domain=[-reach, reach], nice=False
            ),
            **encoding,
        )
    )
    zero = (
        alt.Chart(alt.Data(values=[{"value": 0.0}]))
        .mark_rule(color=theme.BASELINE, strokeDash=theme.DASH, strokeWidth=theme.THIN)
        .encode(y="value:Q")
    )
    return alt.layer(zero, *_sides(), line).properties(height=height)


def _sides() -> list[alt.Chart]:
    """Name the two halves of a cosine's chart, in its corners: the curve is near the middle."""
    return [
        alt.Chart(alt.Data(values=[{"label": label}]))
        .mark_text(
            color=theme.BASELINE, align="right", baseline=side, dx=-2, fontSize=theme.LABEL_SIZE
        )
        .encode(x=alt.value("width"), y=alt.value(place), text="label:N")
        for label, side, place in (
            ("they agree", "top", 2),
            ("they pull apart", "bottom", "height"),
        )
    ]


def log_axis(rows: Rows) -> alt.Y:
    """Return a log axis with a tick for every power of ten that the values lie between."""
    known = [math.log10(row["value"]) for row in rows if row["value"] > 0] or [0.0]
    powers = range(math.floor(min(known)), math.ceil(max(known)) + 1)
    axis = alt.Axis(format=",.6~f", values=[10.0**power for power in powers])
    return alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(type="log", nice=True))


def _task_colours() -> alt.Color:
    """Return the colours of the two tasks, with a legend over the chart."""
    return alt.Color(
        "task:N",
        scale=theme.colour_scale(TASKS, [theme.TASK_COLOURS[task] for task in TASKS]),
        legend=alt.Legend(orient="top", title=None, offset=0, padding=0, symbolType="stroke"),
    )
