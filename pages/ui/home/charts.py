"""The data set on Home: its size, the histogram of ratings, and the popularity of the movies."""

import altair as alt
import numpy as np
import pandas as pd

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from recsys.counted import counted
from recsys.data.tables import MOVIE_ID, RATING, Dataset

POINTS = 300  # at most, on the popularity curve


def data_facts(dataset: Dataset) -> dict[str, float]:
    """Return `users`, `movies`, `ratings` (counts) and `sparsity` (percent of pairs unrated)."""
    held_out = 0 if dataset.holdout is None else len(dataset.holdout)
    ratings = len(dataset.ratings) + held_out
    pairs = len(dataset.users) * len(dataset.movies)
    return {
        "users": len(dataset.users),
        "movies": len(dataset.movies),
        "ratings": ratings,
        "sparsity": 100.0 * (1.0 - ratings / pairs) if pairs else 0.0,
    }


def rating_rows(dataset: Dataset) -> Rows:
    """Return `{stars, ratings, share}` for each rating given, lowest first; share is 0–1."""
    counts = _all_ratings(dataset)[RATING].value_counts().sort_index()
    total = max(int(counts.sum()), 1)
    stars = counts.index.to_numpy(float)
    return [
        {"stars": float(value), "ratings": int(count), "share": int(count) / total}
        for value, count in zip(stars, counts.to_numpy(), strict=True)
    ]


def popularity_rows(dataset: Dataset) -> Rows:
    """Return `{rank, ratings}` of the movies, those with the most ratings first.

    Of a large catalogue, only `POINTS` evenly spaced ranks are returned.
    """
    counts = _movie_counts(dataset)
    ranks = np.unique(np.linspace(0, len(counts) - 1, min(POINTS, len(counts))).astype(int))
    return [{"rank": int(rank) + 1, "ratings": int(counts[rank])} for rank in ranks]


def movies_for_half(dataset: Dataset) -> int:
    """Return how many of the most-rated movies together have at least half of all ratings."""
    counts = _movie_counts(dataset)
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2) + 1) if counts.sum() else 0


def rating_chart(rows: Rows) -> alt.LayerChart:
    """Draw the histogram of ratings."""
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("stars:O", title="stars", axis=alt.Axis(labelAngle=0, format="~g")),
        tooltip=[
            alt.Tooltip("stars:Q", format="~g"),
            alt.Tooltip("ratings:Q", format=","),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    y = alt.Y("ratings:Q", title=None, axis=None)
    bars = base.mark_bar(color=theme.RATING, cornerRadiusEnd=3).encode(y=y)
    # The labels on the bars replace the y axis.
    text = base.mark_text(dy=-7, color=theme.RATING, fontSize=theme.LABEL_SIZE).encode(
        y=y, text=alt.Text("share:Q", format=".0%")
    )
    chart: alt.LayerChart = (bars + text).properties(height=theme.SMALL)
    return chart


def popularity_chart(rows: Rows, half: int) -> alt.LayerChart:
    """Draw the number of ratings by popularity rank; `half` movies hold half of all ratings."""
    tail = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_area(
            color=theme.RETRIEVAL,
            opacity=0.35,
            line={"color": theme.RETRIEVAL, "strokeWidth": theme.LINE},
        )
        .encode(
            x=alt.X(
                "rank:Q",
                title="movies, most-rated first",
                axis=alt.Axis(format=",d", grid=False, tickCount=6),
                scale=alt.Scale(nice=False),
            ),
            y=alt.Y(
                "ratings:Q", title="ratings per movie", axis=alt.Axis(format=",d", tickCount=4)
            ),
            tooltip=[alt.Tooltip("rank:Q", format=","), alt.Tooltip("ratings:Q", format=",")],
        )
    )
    mark = alt.Chart(
        alt.InlineData(
            values=[
                {
                    "rank": half,
                    "text": counted(
                        half, "movie has half of all ratings", "movies have half of all ratings"
                    ),
                }
            ]
        )
    ).encode(x="rank:Q")
    rule = mark.mark_rule(color=theme.BASELINE, strokeDash=theme.DASH)
    text = mark.mark_text(
        align="left", dx=6, color=theme.BASELINE, fontSize=theme.LABEL_SIZE
    ).encode(y=alt.value(10), text="text:N")
    chart: alt.LayerChart = (tail + rule + text).properties(height=theme.SMALL)
    return chart


def _all_ratings(dataset: Dataset) -> pd.DataFrame:
    """Return all ratings, including those of a holdout file."""
    if dataset.holdout is None:
        return dataset.ratings
    return pd.concat([dataset.ratings, dataset.holdout], ignore_index=True)


def _movie_counts(dataset: Dataset) -> np.ndarray:
    """Return the number of ratings of every movie [n_movies], in descending order."""
    counts = _all_ratings(dataset)[MOVIE_ID].value_counts()
    unrated = len(dataset.movies) - len(counts)
    return np.concatenate([np.sort(counts.to_numpy())[::-1], np.zeros(unrated, dtype=int)])
