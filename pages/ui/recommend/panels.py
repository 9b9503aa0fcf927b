"""The panels of the Recommend page; the rows they show are made in `recommend_rows`."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache, layout, state, words
from pages.ui.charts import theme
from pages.ui.layout import Metric
from pages.ui.names import as_typed
from pages.ui.recommend import charts as charts
from pages.ui.recommend import people
from pages.ui.recommend import rows as recommend_rows
from pages.ui.recommend.inputs import Wanted
from pages.ui.recommend.scene import POPULAR, Model, Scene
from recsys.evaluation.evaluate import evaluate
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RATING, Scorer

ROW, HEAD = 35, 38  # pixels
MANY = 100  # scores from here on are counts of ratings: they need no decimals
MOST_ROWS = 20  # of a list before it scrolls
HIT_STYLE = f"color: {theme.GOOD}; font-weight: bold"


def profile(scene: Scene, user: int) -> None:
    """Draw who the user is, in figures and favourites."""
    about = as_typed(people.about(scene.data, user))
    id_ = as_typed(str(scene.split.user_ids[user]))
    st.subheader(f"User {id_} · {about}" if about else f"User {id_}", anchor=False)
    history = recommend_rows.history_rows(scene.data, scene.split, user)
    example = next((one for one in scene.examples if one.user == user), None)
    loved = " · ".join(as_typed(title) for title in people.favourites(history))
    notes = [f"**{example.label}**: {example.sentence}" if example else ""]
    notes.append(f"Rated highest: {loved}" if loved else "Rated nothing in train.")
    st.markdown("  \n".join(note for note in notes if note))
    own = evaluate(scene.scorer, scene.split, "holdout", np.array([user]))
    overall = scene.metrics
    layout.metric_row(
        [
            Metric("history_ratings", len(history)),
            Metric(
                "mean_rating",
                float(history["stars"].mean()) if len(history) else None,
                float(scene.split.train.ratings.mean()),
                "all users",
            ),
            Metric("holdout_ratings", len(recommend_rows.rated(scene.split, "holdout", user)[0])),
            Metric("user_ndcg@20", own.get("ndcg@20"), overall.get("ndcg@20"), "all users"),
            Metric("user_rmse", own.get("rmse"), overall.get("rmse"), "all users"),
        ]
    )


def recommendations(scene: Scene, user: int, wanted: Wanted, other: Model | None) -> None:
    """Draw what the run shows, and beside it what another model would."""
    if other is None:
        _list(scene, scene.model, user, wanted, key=state.RECOMMEND_LIST, compact=False)
        return
    left, right = st.columns(2, gap="medium")
    for column, model, name in (
        (left, scene.model, state.RECOMMEND_LIST),
        (right, other, state.RECOMMEND_OTHER_LIST),
    ):
        with column:
            st.markdown(f"**{as_typed(model.label)}**")
            _list(scene, model, user, wanted, key=name, compact=True)


def _rows(scene: Scene, scorer: Scorer, user: int, wanted: Wanted) -> pd.DataFrame:
    shown = retrieve_then_rate(
        scorer,
        scene.split,
        user,
        wanted.k,
        with_seen=wanted.with_seen,
        allowed=recommend_rows.genre_mask(scene.data, wanted.genres),
    )
    return recommend_rows.recommendation_rows(
        shown, scene.data, scene.split, scorer, user, wanted.order
    )


def _list(
    scene: Scene, model: Model, user: int, wanted: Wanted, *, key: str, compact: bool
) -> None:
    scorer = model.scorer
    rows = _rows(scene, scorer, user, wanted)
    if rows.empty:
        st.info("No movie is left to show: choose other genres, or let seen movies in.")
        return
    st.markdown(_hits(scene, user, wanted, rows, compact))
    notes = "  \n".join(model.notes)
    if notes and not compact:
        st.caption(notes)
    order = ["rank", "title", "fact", "stars", "score"]
    if RATING not in scorer.tasks:
        order.remove("stars")
    if not compact:
        order += _known(scene, "year", "genres")
    styled = rows.style.apply(lambda row: [HIT_STYLE if row["hit"] else ""] * len(row), axis=1)
    st.dataframe(
        styled,
        hide_index=True,
        column_order=order,
        column_config=_columns(scorer, user, compact),
        height="content" if len(rows) <= MOST_ROWS else HEAD + ROW * MOST_ROWS,
        placeholder="",
        key=key,
        alt="Movies retrieved for this user, with predicted stars",
    )
    if notes and compact:  # under the list, so that two lists stand level
        st.caption(notes)


def _known(scene: Scene, *columns: str) -> list[str]:
    known = recommend_rows.known_columns(scene.data)
    return [name for name in columns if name in known]


def _columns(scorer: Scorer, user: int, compact: bool) -> dict[str, Any]:
    low, high = recommend_rows.score_range(scorer.scores(np.array([user]))[0])
    column = st.column_config
    return {
        "rank": column.NumberColumn("Rank", help="Place by retrieval score.", width=50),
        "title": column.TextColumn("Title", width=165 if compact else 250),
        "fact": column.TextColumn(
            "In fact",
            width=70 if compact else 90,
            help="✓ a movie of the holdout: this user did rate it, with these stars, and the model "
            "never saw that. *seen*: rated in train or validation.",
        ),
        "stars": column.NumberColumn(
            "Predicted", help=words.explain("predicted_stars"), format="%.2f ★", width=85
        ),
        "score": column.ProgressColumn(
            "Retrieval score",
            help=f"{words.explain('retrieval_score')} Empty bar: the catalogue's median.",
            min_value=low,
            max_value=high,
            format="%.0f" if high >= MANY else "%.2f",
            width="small" if compact else 150,
            color=theme.RETRIEVAL,
        ),
        "year": column.NumberColumn("Year", format="%d", width=60, help="Year of release."),
        "genres": column.ListColumn("Genres", width="medium", help="As the data set has them."),
    }


def _hits(scene: Scene, user: int, wanted: Wanted, rows: pd.DataFrame, compact: bool) -> str:
    held = recommend_rows.rated(scene.split, "holdout", user)[0]
    if not len(held):
        return "This user has no movie in the holdout to be found."
    allowed = recommend_rows.genre_mask(scene.data, wanted.genres)
    total = len(held) if allowed is None else int(allowed[held].sum())
    of_genres = " of these genres" if wanted.genres else ""
    if not total:
        return f"This user has no movie{of_genres} in the holdout to be found."
    text = (
        f"**{rows['hit'].sum()} of {total}** held-out movies{of_genres} are among these {len(rows)}"
    )
    popular = cache.baseline_scorers(scene.config)[POPULAR]
    if compact or scene.scorer is popular:
        return f"{text}."
    hits = _rows(scene, popular, user, wanted)["hit"].sum()
    return f"{text}; the most popular ones would hold {hits}."


def history(scene: Scene, user: int, wanted: Wanted) -> None:
    """Draw what the user rated, what was held out, and whether the list shares their taste."""
    past = recommend_rows.history_rows(scene.data, scene.split, user)
    held = recommend_rows.holdout_rows(scene.data, scene.split, scene.scorer, user)
    shown = _rows(scene, scene.scorer, user, wanted)
    left, right = st.columns([3, 2], gap="large")
    with left:
        history_tab, holdout_tab = st.tabs([f"History ({len(past)})", f"Holdout ({len(held)})"])
        with history_tab:
            _history_table(past, _known(scene, "date", "year", "genres"))
        with holdout_tab:
            _holdout_table(held, _known(scene, "year", "genres"))
    with right:
        st.markdown("**Taste**", help="Genres of the history, and of the movies shown above.")
        rows = recommend_rows.genre_shares(past, shown)
        if rows:
            layout.chart(
                state.RECOMMEND_TASTE,
                str(rows),
                lambda: charts.genre_chart(rows),
                alt_text="Bar chart: share of each genre in the history and in what is shown",
            )
        else:
            st.caption("This data set names no genres.")


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
            "genres": column.ListColumn("Genres", help="As the data set has them."),
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
            "rank": column.NumberColumn(
                "Rank", width=60, help="Place by retrieval score among all movies not seen."
            ),
            "title": column.TextColumn("Title", width="medium"),
            "stars": column.NumberColumn(
                "Stars", format="%g ★", width=60, help="Given by the user."
            ),
            "predicted": column.NumberColumn(
                "Predicted", help=words.explain("predicted_stars"), format="%.2f ★", width=90
            ),
            "year": column.NumberColumn("Year", format="%d", width=60, help="Year of release."),
            "genres": column.ListColumn("Genres", help="As the data set has them."),
        },
        placeholder=words.NOTHING,
        alt="Movies of the holdout, with their rank and predicted stars",
    )
