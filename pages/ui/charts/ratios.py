"""A sweep by the ratio of its weights: each task's share and pull, and whether the tasks agree."""

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.pulls import cosine_lines, log_axis, task_lines
from pages.ui.charts.tradeoff import LOOKS
from pages.ui.charts.training import Rows
from recsys.tradeoff.result import SHARING_NAMES

TOOLTIP = (
    alt.Tooltip("weights:N", title="retrieval : rating"),
    alt.Tooltip("sharing:N", title="shared"),
)


def share_chart(rows: Rows) -> alt.LayerChart:
    """Draw each task's share of the total loss by the ratio."""
    axis = alt.Axis(format=".0%", values=[0, 0.5, 1])
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, 1]))
    return _by_task(rows, y, alt.Tooltip("value:Q", title="share", format=".1%"))


def norm_chart(rows: Rows) -> alt.LayerChart:
    """Draw the length of each task's gradient by the ratio, on a log scale."""
    tooltip = alt.Tooltip("value:Q", title="gradient", format=".3~g")
    return _by_task(rows, log_axis(rows), tooltip)


def cosine_chart(rows: Rows) -> alt.LayerChart:
    """Draw the mean cosine between the gradients by the ratio."""
    tooltip = [*TOOLTIP, alt.Tooltip("value:Q", title="cosine", format=".3f")]
    return cosine_lines(
        _named(rows),
        _ratio_axis(rows),
        theme.SMALL,
        strokeDash=_dashes(rows),
        tooltip=tooltip,
    )


def _by_task(rows: Rows, y: alt.Y, value: alt.Tooltip) -> alt.LayerChart:
    return task_lines(
        _named(rows),
        _ratio_axis(rows),
        y,
        theme.SMALL,
        strokeDash=_dashes(rows),
        tooltip=[*TOOLTIP, "task:N", value],
    )


def _named(rows: Rows) -> Rows:
    return [{**row, "sharing": SHARING_NAMES[row["kind"]]} for row in rows]


def _ratio_axis(rows: Rows) -> alt.X:
    """Return the axis of the rating weight's share, with the ratios themselves as its ticks."""
    shares = sorted({row["share"] for row in rows})
    weights = {round(row["share"], 6): row["weights"] for row in rows}
    texts = [f"abs(datum.value - {share}) < 1e-4 ? '{weights[share]}' : " for share in weights]
    return alt.X(
        "share:Q",
        title="retrieval : rating",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=shares, labelExpr="".join(texts) + "''", grid=False, labelAngle=0),
    )


def _dashes(rows: Rows) -> alt.StrokeDash:
    """Tell the ways to share apart, where there are several."""
    kinds = [kind for kind in LOOKS if any(row["kind"] == kind for row in rows)]
    return alt.StrokeDash(
        "sharing:N",
        scale=alt.Scale(
            domain=[SHARING_NAMES[kind] for kind in kinds],
            range=[LOOKS[kind].dash for kind in kinds],
        ),
        legend=alt.Legend(orient="top", title=None) if len(kinds) > 1 else None,
    )
