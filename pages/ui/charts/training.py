"""Training curves: losses and metrics per epoch."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import EpochRecord

Rows = list[dict[str, Any]]
TASKS = ("retrieval", "rating")


def loss_rows(history: Sequence[EpochRecord], task: str) -> Rows:
    """Return `{epoch, part, loss}` of one task, for train and (where there is one) validation."""
    rows: Rows = []
    for record in history:
        losses = {
            "train": getattr(record, f"{task}_loss"),
            "validation": getattr(record, f"validation_{task}_loss"),
        }
        rows += [
            {"epoch": record.epoch, "part": part, "loss": loss}
            for part, loss in losses.items()
            if loss is not None
        ]
    return rows


def metric_rows(history: Sequence[EpochRecord], metric: str) -> Rows:
    """Return `{epoch, value}` of a validation metric; epochs without it are left out."""
    return [
        {"epoch": record.epoch, "value": record.validation_metrics[metric]}
        for record in history
        if metric in record.validation_metrics
    ]


def task_of(metric: str) -> str:
    """Return the task a metric measures: it decides the colour, and which baseline compares."""
    return METRICS[metric].task


def baseline_rows(baselines: Mapping[str, Mapping[str, float]], metric: str) -> Rows:
    """Return `{label, value}` of each baseline that has this metric."""
    return [
        {"label": name, "value": metrics[metric]}
        for name, metrics in baselines.items()
        if metric in metrics
    ]


def loss_chart(rows: Rows, task: str, epochs: int) -> alt.LayerChart:
    """Draw a task's losses; 1, the trivial predictor's loss, is the reference line."""
    colour = theme.TASK_COLOURS[task]
    parts = alt.Color(
        "part:N",
        scale=theme.colour_scale(["train", "validation"], [theme.BASELINE, colour]),
        legend=alt.Legend(orient="top", title=None, symbolType="stroke", offset=0, padding=0),
    )
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=theme.LINE, point=alt.OverlayMarkDef(size=22, filled=True))
        .encode(
            x=epoch_axis(epochs),
            y=alt.Y(
                "loss:Q",
                title=None,
                axis=theme.value_axis(),
                scale=alt.Scale(zero=False, nice=True),
            ),
            color=parts,
            tooltip=["epoch:Q", "part:N", alt.Tooltip("loss:Q", format=".4f")],
        )
    )
    trivial = theme.reference_lines([{"label": "trivial predictor", "value": 1.0}])
    return (trivial + lines).properties(height=theme.SMALL)


def metric_chart(rows: Rows, metric: str, baselines: Rows, epochs: int) -> alt.LayerChart:
    """Draw a validation metric with the baselines as labelled reference lines."""
    colour = theme.TASK_COLOURS[task_of(metric)]
    lines = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(
            color=colour,
            strokeWidth=theme.LINE,
            point=alt.OverlayMarkDef(size=22, filled=True, color=colour),
        )
        .encode(
            x=epoch_axis(epochs),
            y=alt.Y(
                "value:Q",
                title=None,
                axis=theme.value_axis(),
                scale=alt.Scale(zero=False, nice=True),
            ),
            tooltip=[
                "epoch:Q",
                alt.Tooltip("value:Q", title=words.label(metric), format=".4f"),
            ],
        )
    )
    below = METRICS[metric].higher_is_better  # a model worth training ends on the other side
    return (theme.reference_lines(baselines, below=below) + lines).properties(height=theme.SMALL)


def epoch_axis(epochs: int) -> alt.X:
    """Return the epoch axis: its full length from the start, so that a curve grows into it."""
    return alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(domain=[1, max(epochs, 2)], nice=False),
        axis=epoch_ticks(epochs, ordinal=False),
    )


def epoch_ticks(epochs: int, *, ordinal: bool) -> alt.Axis:
    """Return the ticks of an epoch axis: the first and the last epoch always among them."""
    step = max(1, -(-epochs // 8))
    # Between the first and the last what leaves room for their labels.
    between = [e for e in range(step, epochs, step) if 2 * min(e - 1, epochs - e) > step]
    values = sorted({1, *between, epochs})
    return alt.Axis(
        values=values, format=alt.Undefined if ordinal else "d", grid=False, labelAngle=0
    )
