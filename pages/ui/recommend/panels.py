"""The panels of the Recommend page: they draw what `results` computed."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import layout, people, state, words
from pages.ui.charts import theme
from pages.ui.layout import Metric
from pages.ui.names import as_typed
from pages.ui.recommend import charts
from pages.ui.recommend.results import ListOptions, MovieList, UserResults
from pages.ui.recommend.rows import NEW, genre_shares, known_columns
from pages.ui.recommend.scene import Model, Scene
from recsys.scorer import RATING

ROW, HEAD = 35, 38  # pixels
MANY = 100  # scores from here on are numbers of ratings, shown without decimals
MOST_ROWS = 20  # longer lists scroll
MOST_LEFT = 6  # titles named
NEW_STYLE = f"background-color: {theme.TOTAL}22"
HIT_STYLE = f"color: {theme.GOOD}; font-weight: bold"


def profile(scene: Scene, user: int, results: UserResults) -> None:
    """Draw who the user is: attributes, favourite movies and metrics."""
    about = as_typed(people.about(scene.data, user))
    id_ = as_typed(str(scene.split.user_ids[user]))
    st.subheader(f"User {id_} · {about}" if about else f"User {id_}", anchor=False)
    example = next((one for one in scene.examples if one.user == user), None)
    titles = " · ".join(as_typed(title) for title in people.favourites(results.history))
    lines = [f"**{example.label}**: {as_typed(example.sentence)}"] if example else []
    lines.append(f"Rated highest: {titles}" if titles else "No ratings in train.")
    st.markdown("  \n".join(lines))
    given = results.history["stars"]
    own, overall = results.metrics, scene.metrics
    layout.metric_row(
        [
            Metric("history_ratings", len(given)),
            Metric(
                "mean_rating",
                float(given.mean()) if len(given) else None,
                float(scene.split.train.ratings.mean()),
                "all users",
            ),
            Metric("holdout_ratings", len(results.holdout)),
            Metric("user_ndcg@20", own.get("ndcg@20"), overall.get("ndcg@20"), "all users"),
            Metric("user_rmse", own.get("rmse"), overall.get("rmse"), "all users"),
        ]
    )


def recommendations(
    scene: Scene, other: Model | None, options: ListOptions, results: UserResults
) -> None:
    """Draw the recommendations of the run, beside those of another model if one is chosen."""
    columns = known_columns(scene.data)
    if other is None:
        shown, *popular = results.lists
        _list(
            scene.model,
            shown,
            columns,
            key=state.RECOMMEND_LIST,
            compact=False,
            hits=_hits(results, shown, options, *popular),
        )
        return
    left, right = st.columns(2, gap="medium")
    for column, model, shown, key in (
        (left, scene.model, results.lists[0], state.RECOMMEND_LIST),
        (right, other, results.lists[-1], state.RECOMMEND_OTHER_LIST),
    ):
        with column:
            st.markdown(f"**{as_typed(model.label)}**")
            _list(model, shown, columns, key=key, compact=True, hits=_hits(results, shown, options))


def _list(
    model: Model, shown: MovieList, known: set[str], *, key: str, compact: bool, hits: str
) -> None:
    rows = shown.rows
    if rows.empty:
        st.info("There is no movie to show. Choose other genres, or include seen movies.")
        return
    st.markdown(hits)
    if shown.left:
        st.markdown(_left(shown.left))
    notes = "  \n".join(model.notes)
    if notes and not compact:
        st.caption(notes)
    order = ["rank", "title", "own"]
    if rows["change"].any():
        order.insert(1, "change")
    if RATING in model.scorer.tasks:
        order.append("stars")
    if not compact:  # scores of two models cannot be compared
        order.append("score")
        order += [name for name in ("year", "genres") if name in known]
    styled = rows.style.apply(lambda row: [_row_style(row)] * len(row), axis=1)
    st.dataframe(
        styled,
        hide_index=True,
        column_order=order,
        column_config=_columns(*shown.score_range, compact),
        height="content" if len(rows) <= MOST_ROWS else HEAD + ROW * MOST_ROWS,
        placeholder="",
        key=key,
        alt="Movies retrieved for this user, with predicted stars",
    )
    if notes and compact:  # below the lists, so that they start at the same height
        st.caption(notes)


def _row_style(row: "pd.Series[Any]") -> str:
    styles = [HIT_STYLE] * bool(row["hit"]) + [NEW_STYLE] * (row["change"] == NEW)
    return "; ".join(styles)


def _left(titles: Sequence[str]) -> str:
    """Name the movies that left the list when the slider moved."""
    more = len(titles) - MOST_LEFT
    named = " · ".join(as_typed(title) for title in titles[:MOST_LEFT])
    return f"Left the list: {named}{f' and {more} more' if more > 0 else ''}"


def _hits(
    results: UserResults, shown: MovieList, options: ListOptions, popular: MovieList | None = None
) -> str:
    of_genres = " of these genres" if options.genres else ""
    if not results.findable:
        return f"This user has no movie{of_genres} in the holdout."
    text = (
        f"**{shown.hits} of {results.findable}** holdout movies{of_genres} are among these "
        f"{len(shown.rows)}"
    )
    if popular is None:
        return f"{text}."
    return f"{text}; the list of the most popular movies has {popular.hits}."


def _columns(low: float, high: float, compact: bool) -> dict[str, Any]:
    column = st.column_config
    return {
        "rank": column.NumberColumn(
            "Rank", help="Rank by retrieval score, or by the serving blend.", width=50
        ),
        "change": column.TextColumn(
            "Moved", help="Since the last place of the serving blend's slider.", width=55
        ),
        "title": column.TextColumn("Title", width=180 if compact else 250),
        "own": column.TextColumn(
            "Own rating",
            width=85,
            help="The rating that this user gave. ✓: in the holdout, so not trained on. "
            "*seen*: in train or validation.",
        ),
        "stars": column.NumberColumn(
            "Predicted", help=words.explain("predicted_stars"), format="%.2f ★", width=85
        ),
        "score": column.ProgressColumn(
            "Retrieval score",
            help=f"{words.explain('retrieval_score')} An empty bar is the median of all movies.",
            min_value=low,
            max_value=high,
            format="%.0f" if high >= MANY else "%.2f",
            width=150,
            color=theme.RETRIEVAL,
        ),
        "year": column.NumberColumn("Year", format="%d", width=60, help="Year of release."),
        "genres": column.ListColumn("Genres", width="medium", help="Genres given by the data set."),
    }


def history(scene: Scene, results: UserResults) -> None:
    """Draw the user's history and holdout, and the genres of history and recommendations."""
    known = known_columns(scene.data)
    past, held_out = results.history, results.holdout
    left, right = st.columns([3, 2], gap="large")
    with left:
        history_tab, holdout_tab = st.tabs([f"History ({len(past)})", f"Holdout ({len(held_out)})"])
        with history_tab:
            _history_table(past, [name for name in ("date", "year", "genres") if name in known])
        with holdout_tab:
            _holdout_table(held_out, [name for name in ("year", "genres") if name in known])
    with right:
        st.markdown("**Genres**", help="Genres of the history and of the recommended movies.")
        rows = genre_shares(past, results.lists[0].rows)
        if rows:
            layout.chart(
                state.RECOMMEND_TASTE,
                str(rows),
                lambda: charts.genre_chart(rows),
                alt_text="Bar chart: share of each genre in the history and the recommendations",
            )
        else:
            st.caption("This data set has no genres.")


def _history_table(past: pd.DataFrame, known: list[str]) -> None:
    column = st.column_config
    st.dataframe(
        past,
        hide_index=True,
        column_order=["title", "stars", *known],
        column_config={
            "title": column.TextColumn("Title", width="medium"),
            "stars": column.NumberColumn(
                "Stars", format="%g ★", width=60, help="Given by the user."
            ),
            "year": column.NumberColumn("Year", format="%d", width=60, help="Year of release."),
            "genres": column.ListColumn("Genres", help="Genres given by the data set."),
            "date": column.DateColumn("Rated on", format="D MMM YYYY", help="Day of the rating."),
        },
        placeholder="",
        alt="Movies this user rated, with their stars",
    )


def _holdout_table(held: pd.DataFrame, known: list[str]) -> None:
    column = st.column_config
    st.dataframe(
        held,
        hide_index=True,
        column_order=["rank", "title", "stars", "predicted", *known],
        column_config={
            "rank": column.NumberColumn("Rank", width=60, help="Rank among all movies not seen."),
            "title": column.TextColumn("Title", width="medium"),
            "stars": column.NumberColumn(
                "Stars", format="%g ★", width=60, help="Given by the user."
            ),
            "predicted": column.NumberColumn(
                "Predicted", help=words.explain("predicted_stars"), format="%.2f ★", width=90
            ),
            "year": column.NumberColumn("Year", format="%d", width=60, help="Year of release."),
            "genres": column.ListColumn("Genres", help="Genres given by the data set."),
        },
        placeholder=words.NOTHING,
        alt="Movies of the holdout, with their rank and predicted stars",
    )
