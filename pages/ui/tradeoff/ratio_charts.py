"""A sweep by the ratio of its weights: shares of the loss, gradient norms, and their cosine.

As in `train.charts`, what draws a chart takes no rows: they come beside the specification.
"""

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.gradients import cosine_lines, task_lines
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.charts import LOOKS
from recsys.tradeoff.result import SHARING_NAMES

TOOLTIP = (
    alt.Tooltip("weights:N", title="retrieval : rating"),
    alt.Tooltip("sharing:N", title="shared"),
)
Ticks = tuple[tuple[float, str], ...]  # the rating weight's share, and the ratio in words


def ticks(rows: Rows) -> Ticks:
    """Return the ticks of the ratio axis: the ratios themselves."""
    return tuple(sorted({round(row["share"], 6): row["weights"] for row in rows}.items()))


def ways(rows: Rows) -> tuple[str, ...]:
    """Return the ways to share that the rows have, in the order of the legend."""
    shared = {row["sharing"] for row in rows}
    return tuple(SHARING_NAMES[kind] for kind in LOOKS if SHARING_NAMES.get(kind) in shared)


def share_chart(ticks: Ticks, ways: tuple[str, ...]) -> alt.LayerChart:
    """Draw each task's share of the total loss by the ratio."""
    axis = alt.Axis(format=".0%", values=[0, 0.5, 1])
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 1]))
    return _by_task(ticks, ways, y, alt.Tooltip("value:Q", title="share", format=".1%"))


def norm_chart(ticks: Ticks, ways: tuple[str, ...], powers: tuple[int, int]) -> alt.LayerChart:
    """Draw each task's gradient norm by the ratio, on a log scale."""
    tooltip = alt.Tooltip("value:Q", title="gradient norm", format=".3~g")
    return _by_task(ticks, ways, theme.log_value(powers), tooltip)


def cosine_chart(ticks: Ticks, ways: tuple[str, ...], reach: float) -> alt.LayerChart:
    """Draw the mean cosine of the gradients by the ratio."""
    tooltip = [*TOOLTIP, alt.Tooltip("value:Q", title="cosine", format=".3f")]
    return cosine_lines(_ratio_axis(ticks), reach, strokeDash=_dashes(ways), tooltip=tooltip)


def _by_task(ticks: Ticks, ways: tuple[str, ...], y: alt.Y, value: alt.Tooltip) -> alt.LayerChart:
    return task_lines(
        _ratio_axis(ticks),
        y,
        strokeDash=_dashes(ways),
        tooltip=[*TOOLTIP, "task:N", value],
    )


def _ratio_axis(ticks: Ticks) -> alt.X:
    """Return the axis of the rating weight's share, labelled with the ratios."""
    labels = [f"abs(datum.value - {share}) < 1e-4 ? '{weights}' : " for share, weights in ticks]
    shares = [share for share, _ in ticks]
    return alt.X(
        "share:Q",
        title="retrieval : rating",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=shares, labelExpr="".join(labels) + "''", grid=False, labelAngle=0),
    )


def _dashes(ways: tuple[str, ...]) -> alt.StrokeDash:
    """Dash the lines by the way to share, where there are several."""
    dashes = {
        SHARING_NAMES[kind]: look.dash for kind, look in LOOKS.items() if kind in SHARING_NAMES
    }
    return alt.StrokeDash(
        "sharing:N",
        scale=alt.Scale(domain=list(ways), range=[dashes[way] for way in ways]),
        legend=alt.Legend(orient="top", title=None) if len(ways) > 1 else None,
    )
