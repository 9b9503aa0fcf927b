"""Charts of the Recommend page."""

from typing import Any

import altair as alt

from pages.ui import blend_places, words
from pages.ui.charts import theme

BLEND_METRICS = {
    "ndcg": "ndcg@20",
    "liked": "ndcg_liked@20",
    "disappointments": "disappointments@20",
}
BLEND_HEIGHT = 250  # pixels, beside the slider and its figures
BOX = "box"  # name of the selection in the plot of both scores
PARTS = {"history": theme.BASELINE, "recommended": theme.RETRIEVAL}

# Where the names of the curve's ends are: retrieval alone is at its lower end, stars at its upper.
END_LABELS: dict[str, dict[str, Any]] = {
    blend_places.RETRIEVAL_NAME: {"align": "right", "dx": -10},
    blend_places.STARS_NAME: {"align": "left", "dx": 9, "dy": -9},
}
END_COLOURS = {
    blend_places.RETRIEVAL_NAME: theme.RETRIEVAL,
    blend_places.STARS_NAME: theme.RATING,
}


def genre_chart(genres: int) -> alt.Chart:
    """Draw the share of each genre in the history and in the recommendations, as pairs of bars.

    Args:
        genres: how many; they stand in the order of the rows.
    """
    chart: alt.Chart = (
        alt.Chart(theme.ROWS)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y("genre:N", sort=None, title=None, axis=alt.Axis(labelLimit=120)),
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
        .properties(height=34 * max(genres, 3) + 70)
    )
    return chart


def scatter_chart() -> alt.LayerChart:
    """Draw both scores of each candidate; a box that is drawn there chooses movies."""
    look: dict[str, Any] = {"fill": theme.BASELINE, "fillOpacity": 0.12}
    look |= {"stroke": theme.BASELINE, "strokeDash": [4, 3]}
    box = alt.selection_interval(name=BOX, encodings=["x", "y"], mark=alt.BrushConfig(**look))
    listed = alt.datum.listed
    every = alt.Chart().encode(
        x=alt.X(
            "score:Q",
            title="retrieval score",
            scale=alt.Scale(zero=False, padding=14),
            axis=alt.Axis(tickCount=6),
        ),
        y=alt.Y(
            "stars:Q",
            title="predicted stars",
            scale=alt.Scale(zero=False, padding=14),
            axis=alt.Axis(tickCount=5),
        ),
    )
    base = every.transform_filter("datum.kind === 'movie'").encode(
        tooltip=[
            alt.Tooltip("title:N", title="movie"),
            alt.Tooltip("rank:Q"),
            alt.Tooltip("score:Q", format=".3f"),
            alt.Tooltip("stars:Q", title="predicted stars", format=".2f"),
            alt.Tooltip("own:N", title="own rating"),
        ],
    )
    points = base.mark_circle(size=75).encode(
        color=alt.condition(listed, alt.value(theme.TOTAL), alt.value(theme.BASELINE)),
        opacity=alt.condition(listed, alt.value(0.9), alt.value(0.45)),
    )
    hits = base.transform_filter("datum.hit").mark_point(
        size=190, strokeWidth=2, color=theme.GOOD, opacity=1
    )
    names = base.transform_filter("datum.explained").mark_text(
        dy=-13, fontSize=theme.LABEL_SIZE, color=theme.TOTAL, fontWeight="bold"
    )
    # A box of a link: only the browser can put one into the selection.
    of_link = (
        every.transform_filter("datum.kind === 'box'")
        .mark_rect(**look)
        .encode(x2="score_to:Q", y2="stars_to:Q")
    )
    layers = [points.add_params(box), hits, names.encode(text="title:N"), of_link]
    return alt.LayerChart(data=theme.ROWS, layer=layers, height=theme.MEDIUM)


def blend_chart() -> alt.LayerChart:
    """Draw the curve of the serving blends, better to the upper right, with its marks."""
    curve, ends, recipe, chosen = map(_blend_points, ("curve", "end", "recipe", "chosen"))
    colours = theme.colour_scale(list(END_COLOURS), list(END_COLOURS.values()))
    end_colour = alt.Color("label:N", scale=colours, legend=None)
    text: dict[str, Any] = {"fontSize": theme.LABEL_SIZE}
    layers = [
        curve.mark_line(color=theme.TOTAL, strokeWidth=theme.LINE, opacity=0.7),
        curve.mark_point(size=60, opacity=0),  # something to point at
        ends.mark_circle(size=110, opacity=1).encode(color=end_colour),
        *(
            ends.transform_filter(f"datum.label === '{label}'")
            .mark_text(**text, **where)
            .encode(text="label:N", color=end_colour)
            for label, where in END_LABELS.items()
        ),
        recipe.mark_point(shape="diamond", filled=True, size=110, color=theme.BASELINE, opacity=1),
        # In two lines, broken at the comma.
        recipe.mark_text(**text, color=theme.BASELINE, dy=16, lineBreak=", ").encode(
            text="label:N"
        ),
        chosen.mark_circle(size=260, color=theme.TOTAL, opacity=1, stroke="white", strokeWidth=2),
    ]
    return alt.LayerChart(data=theme.ROWS, layer=layers, height=BLEND_HEIGHT)


def _blend_points(kind: str) -> alt.Chart:
    return (
        alt.Chart()
        .transform_filter(f"datum.kind === '{kind}'")
        .encode(
            x=_blend_axis(alt.X, "ndcg", 5),
            y=_blend_axis(alt.Y, "disappointments", 4),
            order=alt.Order("step:Q"),
            tooltip=[
                alt.Tooltip("label:N", title="blend"),
                *(
                    alt.Tooltip(f"{field}:Q", title=words.label(metric), format=".3f")
                    for field, metric in BLEND_METRICS.items()
                ),
            ],
        )
    )


def _blend_axis(kind: Any, field: str, ticks: int) -> Any:
    entry = words.word(BLEND_METRICS[field])
    return kind(
        f"{field}:Q",
        title=entry.label + ("" if entry.higher_is_better else ", reversed"),
        scale=alt.Scale(zero=False, nice=False, reverse=not entry.higher_is_better, padding=18),
        axis=alt.Axis(format="~g", tickCount=ticks),
    )


def _part_colour() -> alt.Color:
    return alt.Color(
        "part:N",
        scale=theme.colour_scale(list(PARTS), list(PARTS.values())),
        legend=alt.Legend(orient="top", title=None),
        sort=list(PARTS),
    )
