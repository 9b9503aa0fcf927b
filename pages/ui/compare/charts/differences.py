"""Differences to the pinned run, with their intervals: one small chart a metric."""

from collections.abc import Mapping, Sequence

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.compare.charts import board
from pages.ui.compare.charts.board import Shared
from recsys.evaluation.comparison import BETTER, NOT_DISTINGUISHABLE, WORSE
from recsys.evaluation.metrics import METRICS

NAMES = 160  # pixels for the labels at the left of the row
OVERHANG = 12  # pixels that the labels of a level axis may stand out
LINE = 24  # pixels a run
VERDICT_COLOURS = {BETTER: theme.GOOD, WORSE: theme.BAD, NOT_DISTINGUISHABLE: theme.BASELINE}


def difference_panels(
    rows: Rows, metrics: Sequence[str], colours: Mapping[str, str], shared: Shared
) -> list[board.Panel]:
    """Draw the differences, a panel a metric, side by side; to the right is always better.

    Args:
        rows: of `metrics.difference_rows`.
        metrics: which ones, in this order.
        colours: the colour of each unit by label, from top to bottom.
        shared: what the charts of the board share.
    """
    known = [name for name in metrics if any(row["metric"] == name for row in rows)]
    units = [unit for unit in colours if any(row["unit"] == unit for row in rows)]
    # The units by place, not by name: with another pinned run only the data change.
    places = {unit: place for place, unit in enumerate(units)}
    taken = NAMES + len(known) * OVERHANG + (len(known) - 1) * board.GAP
    wide = f"(containerSize()[0] - {taken}) / {max(len(known), 1)}"
    alone = f"containerSize()[0] - {NAMES + 2 * OVERHANG}"
    width = f"max(60, {board.IS_NARROW} ? {alone} : {wide})"
    panels = []
    for place, name in enumerate(known):
        own = [row | {"place": places[row["unit"]]} for row in rows if row["metric"] == name]
        # The labels begin where the axes of the other rows do, left of the origin.
        left = f"({board.IS_NARROW} ? {NAMES - board.AXIS} : {0 if place else NAMES - board.AXIS})"
        chart = _difference_chart(own, name, len(units), shared, (left, f"{left} + {width}"))
        names = _names(units, colours, shared, "true" if not place else board.IS_NARROW)
        chart = board.layered(chart, names)
        panels.append(
            board.panel(
                chart, LINE * len(units) + 10, words.label(name), "difference; right is better"
            )
        )
    return panels


def _names(
    units: Sequence[str], colours: Mapping[str, str], shared: Shared, shown: str
) -> alt.Chart:
    """Write the units' names at the left of a panel, where the expression `shown` is true."""
    rows = [
        {"unit": unit, "place": place, "colour": colours[unit]} for place, unit in enumerate(units)
    ]
    drawn: alt.Chart = (
        alt.Chart(shared.table(rows))
        .transform_filter(shown)
        .mark_text(align="left", limit=NAMES - 16, fontSize=theme.LABEL_SIZE)
        .encode(
            y=_y(len(units)),
            x=alt.XValue(12 - board.AXIS),
            text=alt.Text("unit:N"),
            color=alt.Color("colour:N", scale=None),
            opacity=shared.faded(),
            tooltip=alt.Tooltip("unit:N", title="run"),
        )
    )
    return drawn


def _y(n_units: int) -> alt.Y:
    return alt.Y("place:O", axis=None, scale=alt.Scale(domain=list(range(n_units))))


def _difference_chart(
    rows: Rows,
    metric: str,
    n_units: int,
    shared: Shared,
    ends: tuple[str, str],
) -> alt.LayerChart:
    """Draw the differences in one metric between the `ends` of the level axis (expressions)."""

    def x(field: str) -> alt.X:
        return alt.X(
            f"{field}:Q",
            title=None,
            scale=alt.Scale(
                zero=True,
                nice=True,
                reverse=not METRICS[metric].higher_is_better,
                range=[alt.ExprRef(end) for end in ends],
            ),
            axis=alt.Axis(format="+.3~f", tickCount=2, labelOverlap=True, grid=True),
        )

    base = alt.Chart(shared.table(rows)).encode(
        y=_y(n_units),
        color=alt.Color(
            "verdict:N",
            scale=theme.colour_scale(list(VERDICT_COLOURS), list(VERDICT_COLOURS.values())),
            legend=None,
        ),
        opacity=shared.faded(),
        tooltip=[
            alt.Tooltip("unit:N", title="run"),
            alt.Tooltip("verdict:N"),
            alt.Tooltip("difference:Q", format="+.4f"),
            alt.Tooltip("low:Q", title="interval from", format="+.4f"),
            alt.Tooltip("high:Q", title="to", format="+.4f"),
        ],
    )
    bars = base.mark_rule(strokeWidth=3).encode(x=x("low"), x2=alt.X2("high:Q"))
    points = base.mark_circle(size=90).encode(x=x("difference")).add_params(shared.hover)
    zero = (
        alt.Chart(shared.table([{"zero": 0}]))
        .mark_rule(color=theme.BASELINE, strokeDash=theme.DASH)
        .encode(x=x("zero"))
    )
    return board.layered(zero, bars, points)
