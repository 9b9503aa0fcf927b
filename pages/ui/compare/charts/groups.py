"""Metrics by group of users or movies, and calibration: predicted against given stars."""

from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.compare.charts import board
from pages.ui.compare.charts.board import Shared
from recsys.evaluation.comparison import NOT_DISTINGUISHABLE


def calibration_chart(rows: Rows, shared: Shared, width: str) -> alt.LayerChart:
    """Draw the mean rating given over the mean rating predicted, one line a run.

    Rows hold `unit`, `label`, `colour`, `predicted`, `given` (stars) and `ratings`.
    """
    stars = [row[name] for row in rows for name in ("predicted", "given")]
    ends = (min(stars), max(stars))  # of the ideal line, and so of both scales

    def scale(**more: Any) -> alt.Scale:
        return alt.Scale(nice=True, zero=False, **more)

    base = alt.Chart(shared.table(rows)).encode(
        x=alt.X(
            "predicted:Q",
            title="predicted stars, on average",
            scale=scale(range=board.across(width)),
            axis=alt.Axis(grid=False, tickCount=6, format=".1f"),
        ),
        y=alt.Y("given:Q", title=None, scale=scale(), axis=alt.Axis(tickCount=6, format=".1f")),
        color=alt.Color("colour:N", scale=None),
        detail=alt.Detail("label:N"),
        opacity=shared.faded(),
        tooltip=[
            alt.Tooltip("label:N", title="run"),
            alt.Tooltip("predicted:Q", title="predicted stars", format=".2f"),
            alt.Tooltip("given:Q", title="given stars", format=".2f"),
            alt.Tooltip("ratings:Q", format=","),
        ],
    )
    ideal = (
        alt.Chart(shared.table([{"predicted": end, "given": end} for end in ends]))
        .mark_line(color=theme.BASELINE, strokeDash=theme.DASH, strokeWidth=theme.THIN)
        .encode(
            x=alt.X("predicted:Q", scale=scale(range=board.across(width))),
            y=alt.Y("given:Q", scale=scale()),
        )
    )
    lines = base.mark_line(strokeWidth=2)
    points = base.mark_circle(size=40).add_params(shared.hover)
    return board.layered(ideal, lines, points)


def group_chart(rows: Rows, title: str, shared: Shared, width: str) -> alt.LayerChart:
    """Draw a metric over groups, one line a unit, or the differences to the pinned unit.

    Rows hold `unit`, `place` (of the unit, from 0), `colour`, `group`, `value` and `users`;
    differences also hold `low`, `high` (the interval) and `verdict`.

    Args:
        rows: see above; the groups in their order.
        title: of the level axis.
        shared: what the charts of the board share.
        width: an expression, in pixels.
    """
    differences = any("low" in row for row in rows)
    number = "+.4f" if differences else ".4f"
    base = alt.Chart(shared.table(rows)).encode(
        x=alt.X(
            "group:N",
            title=title,
            sort=None,  # as in the rows: other groups then change only the data
            scale=alt.Scale(range=board.across(width)),
            axis=alt.Axis(labelAngle=0, labelOverlap=False, labelFontSize=11, grid=False),
        ),
        color=alt.Color("colour:N", scale=None),
        opacity=shared.faded(),
        tooltip=[
            alt.Tooltip("unit:N", title="run"),
            alt.Tooltip("group:N", title="train ratings"),
            alt.Tooltip("users:Q", format=","),
            alt.Tooltip("value:Q", title="difference" if differences else "value", format=number),
            *(
                [
                    alt.Tooltip("verdict:N"),
                    alt.Tooltip("low:Q", title="interval from", format=number),
                    alt.Tooltip("high:Q", title="to", format=number),
                ]
                if differences
                else []
            ),
        ],
    )
    axis = alt.Axis(format="+.3~f" if differences else ".3~f", tickCount=5)
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(zero=differences, nice=True))
    if not differences:
        lines = base.mark_line(strokeWidth=2).encode(y=y)
        return board.layered(lines, base.mark_circle(size=55).encode(y=y).add_params(shared.hover))
    apart = alt.XOffset("place:O")
    bars = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y("low:Q", title=None, axis=axis), y2=alt.Y2("high:Q"), xOffset=apart
    )
    # Differences that are distinguishable from 0 stand out.
    plain = alt.condition(
        f"datum.verdict === '{NOT_DISTINGUISHABLE}'", alt.value(24), alt.value(110)
    )
    size = alt.SizeValue(**plain)
    points = base.mark_circle().encode(y=y, xOffset=apart, size=size).add_params(shared.hover)
    zero = (
        alt.Chart(shared.table([{"value": 0}]))
        .mark_rule(color=theme.BASELINE, strokeDash=theme.DASH)
        .encode(y=y, x=alt.XValue(0), x2=alt.X2Value(alt.ExprRef(width)))
    )
    return board.layered(zero, bars, points)
