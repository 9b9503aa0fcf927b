"""Training curves: losses and metrics per epoch.

The functions that draw take no rows: a chart is a specification whose data, `ROWS`, comes beside
it. So a specification is built once, and a new epoch only brings new rows.
"""

from collections.abc import Mapping, Sequence

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.charts.thin import thin
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import EpochRecord


def loss_rows(history: Sequence[EpochRecord], task: str) -> Rows:
    """Return `{epoch, part, value}` of a task's loss on train and, where there is one, validation.

    Curves longer than `thin.POINTS` are thinned, here and in `metric_rows`.
    """
    rows: Rows = []
    for record in history:
        losses = {
            "train": getattr(record, f"{task}_loss"),
            "validation": getattr(record, f"validation_{task}_loss"),
        }
        rows += [
            {"epoch": record.epoch, "part": part, "value": loss}
            for part, loss in losses.items()
            if loss is not None
        ]
    return thin(rows, by="part")


def metric_rows(history: Sequence[EpochRecord], metric: str) -> Rows:
    """Return `{epoch, value}` of a validation metric; epochs without it are left out."""
    return thin(
        [
            {"epoch": record.epoch, "value": record.validation_metrics[metric]}
            for record in history
            if metric in record.validation_metrics
        ]
    )


def task_of(metric: str) -> str:
    """Return the task that a metric measures: it decides the colour and the baseline."""
    return METRICS[metric].task


def baseline_rows(baselines: Mapping[str, Mapping[str, float]], metric: str) -> Rows:
    """Return `{label, value}` of each baseline that has this metric."""
    return [
        {"label": name, "value": metrics[metric]}
        for name, metrics in baselines.items()
        if metric in metrics
    ]


def loss_chart(task: str, epochs: int) -> alt.LayerChart:
    """Draw a task's losses; 1, the trivial predictor's loss, is the reference line."""
    parts = alt.Color(
        "part:N",
        scale=theme.colour_scale(
            ["train", "validation"], [theme.BASELINE, theme.TASK_COLOURS[task]]
        ),
        legend=alt.Legend(orient="top", title=None, symbolType="stroke", offset=4, padding=0),
    )
    lines = (
        alt.Chart(theme.ROWS)
        .mark_line(**theme.line(epochs))
        .encode(
            x=theme.epoch_axis(epochs),
            y=theme.value(),
            color=parts,
            tooltip=["epoch:Q", "part:N", alt.Tooltip("value:Q", title="loss", format=".4f")],
        )
    )
    trivial = theme.reference_lines([{"label": "trivial predictor", "value": 1.0}])
    return alt.LayerChart(layer=[*trivial, lines], height=theme.SMALL)


def metric_chart(metric: str, baselines: Rows, epochs: int) -> alt.LayerChart:
    """Draw a validation metric with the baselines as labelled reference lines."""
    lines = (
        alt.Chart(theme.ROWS)
        .mark_line(**theme.line(epochs, color=theme.TASK_COLOURS[task_of(metric)]))
        .encode(
            x=theme.epoch_axis(epochs),
            y=theme.value(),
            tooltip=[
                "epoch:Q",
                alt.Tooltip("value:Q", title=words.label(metric), format=".4f"),
            ],
        )
    )
    below = METRICS[metric].higher_is_better  # a model worth training ends on the other side
    references = theme.reference_lines(baselines, below=below)
    return alt.LayerChart(layer=[*references, lines], height=theme.SMALL)
