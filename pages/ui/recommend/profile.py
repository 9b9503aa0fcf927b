"""Who the user is: attributes, metrics, the history and the holdout."""

from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from pages.ui import layout, near, people, state, url_inputs, words
from pages.ui.names import as_typed
from pages.ui.recommend import charts
from pages.ui.recommend.results import UserResults
from pages.ui.recommend.rows import genre_shares, known_columns
from pages.ui.recommend.scene import Scene
from recsys.counted import counted

HISTORY, HOLDOUT = "history", "holdout"
HEIGHT = 400  # pixels that the ratings take, about
MOST_LIKED = 3  # favourites named, so that they fit into a line
FIND = "To find a user, type an id, age, occupation or number of ratings in the box above."


def draw(scene: Scene, user: int, results: UserResults) -> None:
    """Draw who the user is: attributes, favourite movies and metrics."""
    about = as_typed(people.about(scene.data, user))
    id_ = as_typed(str(scene.split.user_ids[user]))
    who = f"**User {id_}** · {about}" if about else f"**User {id_}**"
    example = next((one for one in scene.examples if one.user == user), None)
    rated = results.history["title"].to_pylist(), results.history["stars"].to_numpy()
    titles = [as_typed(title) for title in people.favourites(*rated)]
    figures = _figures(scene, user, results)
    if example:
        sentence = as_typed(example.sentence.rstrip("."))
        same = sentence.startswith(figures[0])  # the number of ratings is said once
        figures[: int(same)] = [f"**{example.label}**: {sentence}"]
    liked = f"rated highest: {', '.join(titles[:MOST_LIKED])}" if titles else "no ratings in train"
    more = [f"Rated highest: {', '.join(titles)}."] if len(titles) > MOST_LIKED else []
    st.markdown(f":small[{who} · {liked}]", help="\n\n".join([*more, FIND]))
    st.caption(" · ".join(figures))


def _figures(scene: Scene, user: int, results: UserResults) -> list[str]:
    """Return the user's ratings, and the metrics on their holdout beside those of all users."""
    given, mean = results.history["stars"].to_numpy(), float(scene.split.train.ratings.mean())
    own, overall = results.metrics, scene.metrics
    texts = [f"{counted(len(given), 'rating')} in the history"]
    if len(given):
        texts.append(f"mean {given.mean():.2f} ★ (all users {mean:.2f})")
    if others := len(scene.split.of_user("validation", user).movies):
        texts.append(f"{others:,} in validation")
    metrics = []
    for metric in ("ndcg@20", "rmse"):
        value, of_all = own.get(metric), overall.get(metric)
        if value is not None:
            beside = "" if of_all is None else f" (all users {words.number(metric, of_all)})"
            metrics.append(f"{words.label(metric)} {words.number(metric, value)}{beside}")
    held_out = f"{results.held_out:,} in the holdout"
    texts.append(f"{held_out}: {', '.join(metrics)}" if metrics else held_out)
    return texts


def draw_ratings(scene: Scene, results: UserResults) -> None:
    """Draw the user's history and holdout, and the genres of history and recommendations."""
    url_inputs.asked_for(state.RATINGS, (HISTORY, HOLDOUT), HISTORY)  # also if it is not drawn
    _when_near(scene, results)


@st.fragment
def _when_near(scene: Scene, results: UserResults) -> None:
    near.section(state.RECOMMEND_RATINGS, HEIGHT, partial(_ratings_and_genres, scene, results))


def _ratings_and_genres(scene: Scene, results: UserResults) -> None:
    known = known_columns(scene.data)
    past = results.history
    left, right = st.columns([3, 2], gap="large")
    with left:
        if _choose_ratings(len(past), results.held_out) == HISTORY:
            _history_table(past, [name for name in ("date", "year", "genres") if name in known])
        else:
            _holdout_table(results.holdout, [name for name in ("year", "genres") if name in known])
    with right:
        st.markdown("**Genres**", help="Genres of the history and of the recommended movies.")
        recommended = [row["genres"] for row in results.lists[0].movies]
        rows = genre_shares(past["genres"].to_pylist(), recommended)
        if rows:
            layout.chart(
                state.RECOMMEND_TASTE,
                genres := len({row["genre"] for row in rows}),
                lambda: charts.genre_chart(genres),
                alt_text="Bar chart: share of each genre in the history and the recommendations",
                rows=rows,
            )
        else:
            st.caption("This data set has no genres.")


def _choose_ratings(n_past: int, n_held_out: int) -> str:
    """Draw the choice of the user's ratings to show; return HISTORY or HOLDOUT."""
    names = {HISTORY: f"History ({n_past:,})", HOLDOUT: f"Holdout ({n_held_out:,})"}
    chosen: str = url_inputs.choice(
        state.RATINGS,
        list(names),
        HISTORY,
        lambda **options: st.segmented_control(
            "Ratings of the user",
            required=True,
            format_func=names.__getitem__,
            label_visibility="collapsed",
            **options,
        ),
    )
    return chosen


def _history_table(past: pa.Table, known: list[str]) -> None:
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
