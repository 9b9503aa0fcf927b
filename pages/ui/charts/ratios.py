"""A sweep by the ratio of its weights: how hard each task pulls, and whether they agree."""

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.pulls import LOG, WIDEST, decades, sides, task_colours
from pages.ui.charts.tradeoff import LOOKS, SHARING
from pages.ui.charts.training import TASKS, Rows


def norm_chart(rows: Rows) -> alt.Chart:
    """Draw the length of each task's gradient by the ratio, on a log scale."""
    long = [
        {**row, "task": task, "value": row[task], "sharing": SHARING[row["kind"]]}
        for row in rows
        for task in TASKS
        if row[task] > 0
    ]
    return (
        alt.Chart(alt.Data(values=long))
        .mark_line(strokeWidth=theme.LINE, point=alt.OverlayMarkDef(size=30, filled=True))
        .encode(
            x=_ratio_axis(rows),
            y=alt.Y("value:Q", title=None, axis=decades(long), scale=LOG),
            color=task_colours(),
            strokeDash=_dashes(rows),
            tooltip=[
                alt.Tooltip("weights:N", title="retrieval : rating"),
                "task:N",
                alt.Tooltip("value:Q", title="gradient", format=".3~g"),
                alt.Tooltip("sharing:N", title="shared"),
            ],
        )
        .properties(height=theme.MEDIUM)
    )


def cosine_chart(rows: Rows) -> alt.LayerChart:
    """Draw the mean cosine between the gradients by the ratio."""
    reach = min(1.0, max([WIDEST, *(1.1 * abs(row["cosine"]) for row in rows)]))
    named = [{**row, "sharing": SHARING[row["kind"]]} for row in rows]
    zero = (
        alt.Chart(alt.Data(values=[{"cosine": 0.0}]))
        .mark_rule(color=theme.BASELINE, strokeDash=theme.DASH, strokeWidth=theme.THIN)
        .encode(y="cosine:Q")
    )
    line = (
        alt.Chart(alt.Data(values=named))
        .mark_line(
            color=theme.TOTAL,
            strokeWidth=theme.LINE,
            point=alt.OverlayMarkDef(size=30, filled=True, color=theme.TOTAL),
        )
        .encode(
            x=_ratio_axis(rows),
            y=alt.Y("cosine:Q", title=None, axis=theme.value_axis()).scale(
                domain=[-reach, reach], nice=False
            ),
            strokeDash=_dashes(rows),
            tooltip=[
                alt.Tooltip("weights:N", title="retrieval : rating"),
                alt.Tooltip("cosine:Q", format=".3f"),
                alt.Tooltip("sharing:N", title="shared"),
            ],
        )
    )
    return alt.layer(zero, *sides(), line).properties(height=theme.MEDIUM)


def _ratio_axis(rows: Rows) -> alt.X:
    """Return the axis of the rating weight's share, with the ratios themselves as its ticks."""
    shares = sorted({row["share"] for row in rows})
    weights = {round(row["share"], 6): row["weights"] for row in rows}
    texts = [f"abs(datum.value - {share}) < 1e-4 ? '{weights[share]}' : " for share in weights]
    return alt.X(
        "share:Q",
        title="retrieval weight : rating weight",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=shares, labelExpr="".join(texts) + "''", grid=False, labelAngle=0),
    )


def _dashes(rows: Rows) -> alt.StrokeDash:
    """Tell the ways to share apart, where there are several."""
    kinds = [kind for kind in LOOKS if any(row["kind"] == kind for row in rows)]
    return alt.StrokeDash(
        "sharing:N",
        scale=alt.Scale(
            domain=[SHARING[kind] for kind in kinds], range=[LOOKS[kind].dash for kind in kinds]
        ),
        legend=alt.Legend(orient="top", title=None) if len(kinds) > 1 else None,
    )
