"""Charts of the Recommend page."""

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows

PARTS = {"history": theme.BASELINE, "recommended": theme.RETRIEVAL}


def genre_chart(rows: Rows) -> alt.Chart:
    """Draw the share of each genre in the history and in the recommendations, as pairs of bars."""
    genres = list(dict.fromkeys(row["genre"] for row in rows))
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y("genre:N", sort=genres, title=None, axis=alt.Axis(labelLimit=120)),
            yOffset=alt.YOffset("part:N", sort=list(PARTS)),
            x=alt.X(
                "share:Q",
                title="share of the movies with this genre",
                axis=alt.Axis(format=".0%", tickCount=5),
            ),
            color=_part_colour(),
            tooltip=[
                alt.Tooltip("genre:N"),
                alt.Tooltip("part:N"),
                alt.Tooltip("share:Q", format=".0%"),
            ],
        )
        .properties(height=34 * max(len(genres), 3) + 70)
    )
    return chart


def _part_colour() -> alt.Color:
    return alt.Color(
        "part:N",
        scale=theme.colour_scale(list(PARTS), list(PARTS.values())),
        legend=alt.Legend(orient="top", title=None),
        sort=list(PARTS),
    )
