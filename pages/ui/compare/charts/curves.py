"""Training curves of several runs, and the colour of each run."""

import operator
from collections.abc import Mapping, Sequence

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.compare.charts import board
from pages.ui.compare.charts.board import Shared
from pages.ui.compare.rows import LOSS_CURVES, Entry
from pages.ui.compare.units import Unit, learns_curve
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import EpochRecord

LOSS_CUT = 1.5  # larger losses are cut off: 1 is trivial, and one wild epoch flattens the rest


def run_colours(entries: Sequence[Entry], selected: Sequence[str]) -> dict[str, str]:
    """Return the colour of each selected entry by label; baselines are grey.

    A run keeps its colour while others are selected and deselected, up to ten of them.
    """
    colours = {entry.label: theme.BASELINE for entry in entries if not entry.run}
    runs = [entry for entry in entries if entry.run][::-1]  # oldest first: new runs shift nothing
    n = len(theme.RUN_COLOURS)
    taken: list[int] = []
    for place, entry in enumerate(runs):
        if entry.entry_id not in selected:
            continue
        free = [i % n for i in range(place, place + n) if i % n not in taken] or [place % n]
        taken.append(free[0])
        colours[entry.label] = theme.RUN_COLOURS[free[0]]
    chosen = [entry for entry in entries if entry.entry_id in selected]
    return {entry.label: colours[entry.label] for entry in chosen}


def unit_colours(entries: Sequence[Entry], units: Sequence[Unit]) -> dict[str, str]:
    """Return the colour of each unit by label; all members of a unit have its colour."""
    firsts = [unit.members[0] for unit in units]
    shown = {entry.entry_id for entry in entries}
    everything = [*(e for e in firsts if e.entry_id not in shown), *entries]
    colours = run_colours(everything, [entry.entry_id for entry in firsts])
    return {unit.label: colours[first.label] for unit, first in zip(units, firsts, strict=True)}


def curve_rows(units: Sequence[Unit], curve: str, colours: Mapping[str, str]) -> Rows:
    """Return `{unit, label, colour, epoch, seconds, part, value, best}` of one curve of every run.

    A loss has rows for train and, if there is one, for validation; a metric for validation only.
    `best`: whether the value is the run's best on validation. A run that was not trained for the
    task has no rows: its curve would say nothing and flatten the others.
    """
    rows: Rows = []
    for unit in units:
        if not learns_curve(unit, curve):
            continue
        for entry in unit.members:
            history = entry.run.history if entry.run else ()
            best = best_epoch(history, curve)
            rows += [
                {
                    "unit": unit.label,
                    "label": entry.label,
                    "colour": colours[unit.label],
                    "epoch": record.epoch,
                    "seconds": record.seconds,
                    "part": part,
                    "value": value,
                    "best": part == "validation" and best is not None and record.epoch == best,
                }
                for record in history
                for part, value in _values(record, curve).items()
                if value is not None
            ]
    return rows


def best_epoch(history: Sequence[EpochRecord], curve: str) -> int | None:
    """Return the first epoch with the best value on validation; None if there is no value."""
    values = {record.epoch: _values(record, curve)["validation"] for record in history}
    known = {epoch: value for epoch, value in values.items() if value is not None}
    if not known:
        return None
    up = METRICS[curve].upward if curve in METRICS else operator.neg  # a loss is to fall
    return max(known, key=lambda epoch: up(known[epoch]))


def _values(record: EpochRecord, curve: str) -> dict[str, float | None]:
    if curve not in LOSS_CURVES:
        return {"validation": record.validation_metrics.get(curve)}
    return {
        "train": getattr(record, curve),
        "validation": getattr(record, f"validation_{curve}", None),
    }


def curve_chart(rows: Rows, curve: str, x: str, shared: Shared, width: str) -> alt.LayerChart:
    """Draw one curve of several runs over `x`: `epoch` or `seconds`. Validation is solid.

    Args:
        rows: of `curve_rows`.
        curve: which one.
        x: what it runs over.
        shared: what the charts of the board share.
        width: an expression, in pixels.
    """
    cut = is_cut(rows, curve)
    axis = {"epoch": ("epoch", "d"), "seconds": ("seconds since the start of the fit", "~g")}[x]
    shown = [row for row in rows if not cut or row["value"] <= LOSS_CUT]
    base = alt.Chart(shared.table(shown)).encode(
        x=alt.X(
            f"{x}:Q",
            title=axis[0],
            scale=alt.Scale(zero=False, nice=x == "seconds", range=board.across(width)),
            axis=alt.Axis(
                format=axis[1], tickMinStep=1 if x == "epoch" else 0, tickCount=6, grid=False
            ),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            axis=theme.value_axis(),
            scale=alt.Scale(
                zero=False, nice=not cut, domain=_cut_domain(rows) if cut else alt.Undefined
            ),
        ),
        color=alt.Color("colour:N", scale=None),
        strokeDash=alt.StrokeDash(
            "part:N",
            scale=alt.Scale(domain=["validation", "train"], range=[[1, 0], theme.DASH]),
            legend=None,
        ),
        detail=[alt.Detail("part:N"), alt.Detail("label:N")],
        opacity=shared.faded(),
        tooltip=[
            alt.Tooltip("label:N", title="run"),
            alt.Tooltip("part:N"),
            alt.Tooltip("epoch:Q"),
            alt.Tooltip("seconds:Q", format=".1f"),
            alt.Tooltip("value:Q", title=words.label(curve), format=".4f"),
        ],
    )
    lines = base.mark_line(strokeWidth=theme.LINE)
    # The dots keep a run of one epoch visible, and are easier to hit than a line.
    points = base.mark_circle(size=36).add_params(shared.hover)
    best = base.mark_point(size=150, strokeWidth=2, filled=False).transform_filter("datum.best")
    return board.layered(lines, points, best)


def is_cut(rows: Rows, curve: str) -> bool:
    """Return whether the chart of this curve cuts off values above `LOSS_CUT`."""
    values = [row["value"] for row in rows]
    return curve in ("retrieval_loss", "rating_loss") and max(values, default=0) > LOSS_CUT


def _cut_domain(rows: Rows) -> list[float]:
    """Return the axis of a chart that is cut off, with room for a dot at the smallest value."""
    low = min([1.0, *(row["value"] for row in rows)])
    return [low - 0.06 * (LOSS_CUT - low), LOSS_CUT]
