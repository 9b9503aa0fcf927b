"""Curves of several runs over each other, and the colours of runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.compare_rows import LOSS_CURVES, Entry
from recsys.records import EpochRecord

Rows = list[dict[str, Any]]
LOSS_CUT = 1.5  # losses above are cut off: 1 is trivial, and one wild epoch would flatten the rest


def run_colours(entries: Sequence[Entry], selected: Sequence[str]) -> dict[str, str]:
    """Return the colour of each selected entry by label; baselines are grey.

    A run keeps its colour while others come and go, as far as ten colours reach.
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


def curve_rows(entries: Sequence[Entry], curve: str) -> Rows:
    """Return `{label, epoch, seconds, part, value}` of one curve of every run.

    Losses come for train and, where there is one, validation; metrics for validation.
    """
    return [
        {
            "label": entry.label,
            "epoch": record.epoch,
            "seconds": record.seconds,
            "part": part,
            "value": value,
        }
        for entry in entries
        if entry.run
        for record in entry.run.history
        for part, value in _values(record, curve).items()
        if value is not None
    ]


def _values(record: EpochRecord, curve: str) -> dict[str, float | None]:
    if curve not in LOSS_CURVES:
        return {"validation": record.validation_metrics.get(curve)}
    return {
        "train": getattr(record, curve),
        "validation": getattr(record, f"validation_{curve}", None),
    }


def curve_chart(rows: Rows, curve: str, colours: Mapping[str, str], x: str) -> alt.LayerChart:
    """Draw one curve of several runs over `x`: `epoch` or `seconds`. Validation is solid."""
    hover = alt.selection_point(name="near", fields=["label"], on="pointerover", empty=True)
    cut = is_cut(rows, curve)
    axis = {"epoch": ("epoch", "d"), "seconds": ("seconds since the start of the fit", "~g")}[x]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            f"{x}:Q",
            title=axis[0],
            scale=alt.Scale(zero=False, nice=x == "seconds"),
            axis=alt.Axis(format=axis[1], tickMinStep=1 if x == "epoch" else 0, grid=False),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(
                zero=False, nice=not cut, domain=_cut_domain(rows) if cut else alt.Undefined
            ),
        ),
        color=alt.Color(
            "label:N", scale=theme.colour_scale(list(colours), list(colours.values())), legend=None
        ),
        strokeDash=alt.StrokeDash(
            "part:N",
            scale=alt.Scale(domain=["validation", "train"], range=[[1, 0], theme.DASH]),
            legend=None,
        ),
        detail="part:N",
        opacity=alt.condition(hover, alt.value(1.0), alt.value(0.25)),
        tooltip=[
            alt.Tooltip("label:N", title="run"),
            alt.Tooltip("part:N"),
            alt.Tooltip("epoch:Q"),
            alt.Tooltip("seconds:Q", format=".1f"),
            alt.Tooltip("value:Q", title=words.label(curve), format=".4f"),
        ],
    )
    lines = base.mark_line(strokeWidth=theme.LINE, clip=cut)
    # The dots keep a run of one epoch visible, and are easier to hit than a line.
    points = base.mark_circle(size=36, clip=cut).add_params(hover)
    return (lines + points).properties(height=theme.MEDIUM)


def is_cut(rows: Rows, curve: str) -> bool:
    """Return whether the chart of this curve cuts off values above `LOSS_CUT`."""
    values = [row["value"] for row in rows]
    return curve in ("retrieval_loss", "rating_loss") and max(values, default=0) > LOSS_CUT


def _cut_domain(rows: Rows) -> list[float]:
    """Return the axis of a chart that is cut off, with room for a dot at the smallest value."""
    low = min([1.0, *(row["value"] for row in rows)])
    return [low - 0.06 * (LOSS_CUT - low), LOSS_CUT]


def legend_chart(colours: Mapping[str, str], columns: int = 4) -> alt.Chart:
    """Draw only the legend, once for all the curves under it."""
    return (
        alt.Chart(alt.Data(values=[{"label": label} for label in colours]))
        .mark_circle(opacity=0)
        .encode(
            color=alt.Color(
                "label:N",
                scale=theme.colour_scale(list(colours), list(colours.values())),
                legend=alt.Legend(
                    orient="top",
                    title=None,
                    columns=columns,
                    labelLimit=320,
                    labelFontSize=theme.LABEL_SIZE,
                    symbolOpacity=1,
                ),
            )
        )
        .properties(height=58 + 20 * ((len(colours) - 1) // columns))
        .configure_view(stroke=None)
    )
