"""A sweep by the ratio of its weights: shares of the loss, gradient norms, and their cosine.

As in `train.charts`, what draws a chart takes no rows: they come beside the specification.
"""

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.gradients import cosine_lines, task_lines
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.charts import LOOKS
from pages.ui.tradeoff.ratio_scale import ratio_axis
from recsys.runs.names import SHARING_NAMES

TOOLTIP = (
    alt.Tooltip("weights:N", title="retrieval : rating"),
    alt.Tooltip("sharing:N", title="with"),
)
Ends = tuple[float, float]  # where the single tasks stand on the axis, see `ratio_scale`


def ways(rows: Rows) -> tuple[str, ...]:
    """Return the ways to share that the rows have, in the order of the legend."""
    shared = {row["sharing"] for row in rows}
    return tuple(SHARING_NAMES[kind] for kind in LOOKS if SHARING_NAMES.get(kind) in shared)


def share_chart(ends: Ends, ways: tuple[str, ...]) -> alt.LayerChart:
    """Draw each task's share of the total loss by the ratio."""
    axis = alt.Axis(format=".0%", values=[0, 0.5, 1])
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 1]))
    return _by_task(ends, ways, y, alt.Tooltip("value:Q", title="share", format=".1%"))


def norm_chart(ends: Ends, ways: tuple[str, ...], powers: tuple[int, int]) -> alt.LayerChart:
    """Draw each task's gradient norm by the ratio, on a log scale."""
    tooltip = alt.Tooltip("value:Q", title="gradient norm", format=".3~g")
    return _by_task(ends, ways, theme.log_value(powers), tooltip)


def cosine_chart(ends: Ends, ways: tuple[str, ...], reach: float) -> alt.LayerChart:
    """Draw the mean cosine of the gradients by the ratio."""
    tooltip = [*TOOLTIP, alt.Tooltip("value:Q", title="cosine", format=".3f")]
    # Many points: small dots, so that the dashes are seen.
    return cosine_lines(
        ratio_axis(ends),
        reach,
        theme.MANY_EPOCHS + 1,
        strokeDash=_dashes(ways, coloured=False),
        tooltip=tooltip,
    )


def _by_task(ends: Ends, ways: tuple[str, ...], y: alt.Y, value: alt.Tooltip) -> alt.LayerChart:
    return task_lines(
        ratio_axis(ends),
        y,
        dashes=_dashes(ways, coloured=True),
        tooltip=[*TOOLTIP, "task:N", value],
    )


def _dashes(ways: tuple[str, ...], *, coloured: bool) -> alt.StrokeDash:
    """Dash the lines by the way to share, where there are several."""
    dashes = {
        SHARING_NAMES[kind]: look.dash for kind, look in LOOKS.items() if kind in SHARING_NAMES
    }
    legend = alt.Legend(
        orient="top",
        title=None,
        columns=1 if coloured else 2,
        offset=4,
        rowPadding=0,
        columnPadding=8,
        symbolType="stroke",
        # Where the colour is a scale of its own, the symbols would have none.
        symbolStrokeColor=theme.BASELINE if coloured else alt.Undefined,
        symbolStrokeWidth=2,
        labelExpr="replace(datum.label, ' vectors', '')",
    )
    return alt.StrokeDash(
        "sharing:N",
        scale=alt.Scale(domain=list(ways), range=[dashes[way] for way in ways]),
        legend=legend if len(ways) > 1 else None,
    )
