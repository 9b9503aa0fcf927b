"""Training curves: losses and metrics per epoch, with those of another run as a ghost.

The functions that draw take no rows: a chart is a specification whose data, `ROWS`, comes beside
it. So a specification is built once, and a new epoch only brings new rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.charts.thin import thin
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import EpochRecord

TRAIN, VALIDATION, COMPARED = "train", "validation", "compared"
SERIES = (TRAIN, VALIDATION, COMPARED)
NAMES = {COMPARED: "compared run"}
GHOST = "80"  # the ghost has the colour of its task, with this opacity (hexadecimal)
Row = dict[str, Any]
NEAR = "near"  # the selection of the epoch nearest to the pointer


def curve_rows(
    term: str, history: Sequence[EpochRecord], compared: Sequence[EpochRecord] = ()
) -> Rows:
    """Return `{epoch, train, validation, compared}` of a loss or a metric, None where not known.

    A metric has no value on train. The ghost, `compared`, is measured on validation, where its run
    has that in any epoch, and else on train: the two are never mixed. Curves
    longer than `thin.POINTS` are thinned.
    """
    drawn = [
        (record.epoch, part, value)
        for record in history
        for part, value in values(record, term).items()
    ]
    ghost = [(record.epoch, values(record, term)) for record in compared]
    part = VALIDATION if any(VALIDATION in known for _, known in ghost) else TRAIN
    drawn += [(epoch, COMPARED, known[part]) for epoch, known in ghost if part in known]
    long = [{"epoch": epoch, "series": one, "value": value} for epoch, one, value in sorted(drawn)]
    rows: dict[int, Row] = {}
    for row in thin(long, by="series"):
        at = rows.setdefault(row["epoch"], {"epoch": row["epoch"], **dict.fromkeys(SERIES)})
        at[row["series"]] = row["value"]
    return list(rows.values())


def values(record: EpochRecord, term: str) -> dict[str, float]:
    """Return a loss or a metric of an epoch by part; parts that were not measured are left out."""
    if term.endswith("_loss"):
        known = {TRAIN: getattr(record, term), VALIDATION: getattr(record, f"validation_{term}")}
    else:
        known = {VALIDATION: record.validation_metrics.get(term)}
    return {part: value for part, value in known.items() if value is not None}


def task_of(term: str) -> str:
    """Return the task that a loss or a metric measures: it decides the colour and the baseline."""
    return term.removesuffix("_loss") if term.endswith("_loss") else METRICS[term].task


def baseline_rows(baselines: Mapping[str, Mapping[str, float]], metric: str) -> Rows:
    """Return `{label, value}` of each baseline that has this metric."""
    return [
        {"label": name, "value": metrics[metric]}
        for name, metrics in baselines.items()
        if metric in metrics
    ]


def curve_chart(term: str, series: Sequence[str], references: Rows, epochs: int) -> alt.LayerChart:
    """Draw a loss or a metric by epoch, with labelled reference lines.

    Args:
        term: the loss or the metric.
        series: which of SERIES there are.
        references: `{label, value}` of each reference line.
        epochs: the length of the x axis.

    The ends of the y axis are left open: they depend on the rows.
    """
    colour = theme.TASK_COLOURS[task_of(term)]
    colours = {TRAIN: theme.BASELINE, VALIDATION: colour, COMPARED: colour + GHOST}
    if VALIDATION not in series:
        colours[TRAIN] = colour
    is_metric = term in METRICS
    names = {
        one: "this run" if is_metric and one == VALIDATION else NAMES.get(one, one)
        for one in series
    }
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", offset=4, padding=0)
    scale = theme.colour_scale(list(names.values()), [colours[one] for one in series])
    x = theme.epoch_axis(epochs)
    colour_of = alt.Color("series:N", scale=scale, legend=legend if len(series) > 1 else None)
    lines = [
        _line(one, names[one], epochs).encode(x=x, y=_axis(one), color=colour_of)
        for one in sorted(series)  # the ghost first: it lies under the others
    ]
    # A curve worth having ends on the other side of its baseline.
    below = is_metric and METRICS[term].higher_is_better
    layers = [
        *theme.reference_lines(references, below=below),
        *lines,
        _crosshair(x, {one: names[one] for one in series}, words.label(term)),
    ]
    return alt.LayerChart(layer=layers, height=theme.SMALL)


def _line(series: str, name: str, epochs: int) -> alt.Chart:
    """Draw the curve of one series; epochs in which it is not known do not break it."""
    known = (
        alt.Chart(theme.ROWS)
        .transform_filter(f"isValid(datum.{series})")
        .transform_calculate(series=f"'{name}'")
    )
    if series == COMPARED:
        return known.mark_line(strokeWidth=theme.LINE)
    return known.mark_line(**theme.line(epochs))


def _axis(series: str) -> alt.Y:
    scale = alt.Scale(nice=False, zero=False)
    return alt.Y(f"{series}:Q", title=None, axis=theme.value_axis(), scale=scale)


def _crosshair(x: alt.X, names: Mapping[str, str], label: str) -> alt.Chart:
    """Draw an upright line at the epoch nearest to the pointer, with the values there."""
    near = alt.selection_point(
        name=NEAR, fields=["epoch"], nearest=True, on="pointerover", clear="pointerout", empty=False
    )
    figures = [
        alt.Tooltip(f"{series}:Q", title=name if len(names) > 1 else label, format=".4f")
        for series, name in names.items()
    ]
    return (
        alt.Chart(theme.ROWS)
        .mark_rule(color=theme.BASELINE, strokeWidth=theme.THIN)
        .encode(
            x=x,
            opacity=alt.condition(near, alt.value(0.9), alt.value(0)),
            tooltip=["epoch:Q", *figures],
        )
        .add_params(near)
    )
