"""The panels of the Recommend page: they draw what `results` computed."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import state, url_inputs, words
from pages.ui.charts import theme
from pages.ui.names import as_typed
from pages.ui.recommend import components, scatter, summary
from pages.ui.recommend.board_data import board_data
from pages.ui.recommend.download import list_csv
from pages.ui.recommend.explained import CONTRAST, list_in_view, take_mode, take_movie, take_row
from pages.ui.recommend.results import ListOptions, MovieList, UserResults
from pages.ui.recommend.rows import NEW, known_columns
from pages.ui.recommend.scene import Model, Scene
from pages.ui.recommend.why import Explainer
from pages.ui.recommend.why_data import KINDS, found, why_data
from recsys.scorer import RATING, RETRIEVAL

ROW, HEAD = 35, 38  # pixels
MANY = 100  # scores from here on are numbers of ratings, shown without decimals
FILE_NAME = re.compile(r"[^\w-]+")  # what a file's name does without
MOST_ROWS = 20  # longer lists scroll
NEW_STYLE = f"background-color: {theme.TOTAL}22"
CHOSEN_STYLE = f"background-color: {theme.TOTAL}44"
HIT_STYLE = f"color: {theme.GOOD}; font-weight: bold"


def recommendations(
    scene: Scene,
    models: Sequence[Model],
    options: ListOptions,
    results: UserResults,
    explainers: Sequence[Explainer],
    user: int,
    movie: int | None,
) -> None:
    """Draw the recommendations of each model: as tiles, side by side, or as tables."""
    lists = results.lists[: len(models)]
    labels = [model.label for model in models]
    id_ = str(scene.split.user_ids[user])
    _notes(models)
    if len(models) > 1:
        st.markdown(summary.hits_of_several(results, lists, options))
    elif lists[0].movies:
        st.markdown(summary.hits(results, lists[0], options, *results.lists[1:]))
    if moves := summary.moves(models, lists, options):
        st.caption(moves)
    if lists[0].candidates is not None:
        scatter.draw(lists[0], options.box, labels[0] if len(models) > 1 else "", movie)
    if not any(shown.movies for shown in lists) or movie is None:
        _nothing(options)
    elif options.view == "table":
        _tables(scene, models, lists, (movie, list_in_view(explainers)))
    else:
        place = list_in_view(explainers)
        data = board_data(scene.data, lists, explainers, labels, movie, place)
        components.draw_board(data, take_movie)
        if len(models) > 1:
            st.caption(
                "Lines join the places of one movie in neighbouring lists; a dashed frame: in this "
                "list alone; green: in the holdout, with the stars that the user gave."
            )
    st.download_button(
        "This list as CSV" if len(models) == 1 else "These lists as CSV",
        lambda: list_csv(scene.data, id_, labels, lists, options.diversity),
        f"recommended-{FILE_NAME.sub('-', id_)}.csv",
        "text/csv",
        key=state.RECOMMEND_DOWNLOAD,
        icon=":material/download:",
        on_click="ignore",
    )


def _nothing(options: ListOptions) -> None:
    """Say why there is no movie to show, and what to do."""
    if options.box is not None:
        st.info("No movie is in the box. Clear it, or draw another one.")
    else:
        st.info("There is no movie to show. Choose other filters, or include seen movies.")


def _notes(models: Sequence[Model]) -> None:
    """Say which outputs of the models mean nothing."""
    for model in models:
        if model.notes:
            start = f"**{as_typed(model.label)}**: " if len(models) > 1 else ""
            st.markdown(f":material/info: {start}{' '.join(model.notes)}")


def why(
    scene: Scene,
    models: Sequence[Model],
    user: int,
    results: UserResults,
    explainers: Sequence[Explainer],
    movie: int | None,
) -> None:
    """Draw why a movie is recommended, or why it is not."""
    if movie is None:
        return
    place = list_in_view(explainers)
    explainer, model = explainers[place], models[place]
    if len(models) > 1:
        st.caption(f"As **{as_typed(model.label)}** sees it")
    drawn = st.session_state.get(state.RECOMMEND_WHY)
    query = (drawn.get("query") if drawn else None) or ""
    shown = results.lists[place]
    data = why_data(explainer, scene.data, scene.split, user, movie, shown.weight, shown.movies)
    components.draw_why(
        data
        | {
            "mode": url_inputs.asked_for(state.WHY, list(KINDS), CONTRAST),
            "query": query,
            "found": found(scene.data, scene.split, query),
            "note": _why_note(model, explainer),
        },
        take_movie,
        take_mode,
    )


def _why_note(model: Model, explainer: Explainer) -> str:
    """Say how the answer was found, or why there is none."""
    if explainer.person is not None:
        return (
            "Ratings are really taken out and the list is made again, with the model as it is: it "
            "is not trained anew."
        )
    if model.run is None:
        return "The list is the same for everybody: the movies with the most ratings."
    if model.run.config.architecture == "duet":
        return (
            "This run was stored before Duet kept what a history adds. Delete it and train it "
            "again to see which ratings a movie is recommended for."
        )
    return (
        "This architecture learns a vector for each user, and not from the history: no rating can "
        "be taken out of it."
    )


def _tables(
    scene: Scene, models: Sequence[Model], lists: Sequence[MovieList], in_view: tuple[int, int]
) -> None:
    """Draw the lists as tables; a click on a movie explains it.

    Args:
        scene: has the ids of the movies.
        models: the models.
        lists: one for each.
        in_view: the code of the movie that is explained, and the place of the list.
    """
    movie, explained = in_view
    known = known_columns(scene.data)
    for place, column in enumerate(st.columns(len(lists))):
        model, rows = models[place], lists[place].rows
        ids = [scene.data.catalogue.ids[code] for code in rows["movie"]]
        key = f"{state.RECOMMEND_LIST}.{place}" if place else state.RECOMMEND_LIST
        with column:
            if len(models) > 1:
                st.markdown(f"**{as_typed(model.label)}**")
            _list(
                model,
                lists[place],
                known,
                key=key,
                compact=len(models) > 1,
                chosen=movie if place == explained else None,
                on_click=partial(take_row, key, ids, place),
            )


def _list(
    model: Model,
    shown: MovieList,
    known: set[str],
    *,
    key: str,
    compact: bool,
    chosen: int | None,
    on_click: Callable[[], None],
) -> None:
    rows = shown.rows
    retrieves = RETRIEVAL in model.scorer.tasks
    order = ["rank", "title", "own"]
    if rows["change"].any():
        order.insert(1, "change")
    if RATING in model.scorer.tasks:
        order.append("stars")
    if not compact:  # scores of two models cannot be compared
        order += ["score"] * retrieves
        order += [name for name in ("year", "genres") if name in known]
    styled = rows.style.apply(lambda row: [_row_style(row, chosen)] * len(row), axis=1)
    st.dataframe(
        styled,
        hide_index=True,
        column_order=order,
        column_config=_columns(*shown.score_range, compact),
        height="content" if len(rows) <= MOST_ROWS else HEAD + ROW * MOST_ROWS,
        placeholder="",
        key=key,
        on_select=on_click,
        selection_mode="single-cell",
        alt="Movies retrieved for this user, with predicted stars",
    )


def _row_style(row: "pd.Series[Any]", chosen: int | None) -> str:
    styles = [HIT_STYLE] * bool(row["hit"]) + [NEW_STYLE] * (row["change"] == NEW)
    return "; ".join([*styles, *[CHOSEN_STYLE] * (row["movie"] == chosen)])


def _columns(low: float, high: float, compact: bool) -> dict[str, Any]:
    column = st.column_config
    return {
        "rank": column.NumberColumn(
            "Rank", help="Rank by retrieval score, or by the serving blend.", width=50
        ),
        "change": column.TextColumn(
            "Moved",
            help="Against the plain list: equal weights, retrieval alone, no diversity.",
            width=55,
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
