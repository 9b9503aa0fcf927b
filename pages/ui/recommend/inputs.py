"""The inputs of the Recommend page: run, user, and the options of the list."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import streamlit as st

from pages.ui import people, run_choice, state
from pages.ui.names import as_typed
from pages.ui.recommend.results import ListOptions
from pages.ui.recommend.rows import Order, genre_names
from pages.ui.recommend.scene import Model, Scene, current_scene, other_models
from pages.ui.words import dataset_label
from recsys.data.tables import DataError
from recsys.errors import DuetError
from recsys.runs.records import Run

HOW_MANY = (10, 20, 50, 100)
ORDERS: dict[Order, str] = {"retrieval": "Rank", "stars": "Predicted stars"}


def choose_run(runs: Sequence[Run]) -> Run:
    """Draw the choice of the run, see `run_choice.choose_run`."""
    return run_choice.choose_run(runs, state.RECOMMEND_RUN, _switch_run)


def _switch_run() -> None:
    if run_choice.switch_run(state.RECOMMEND_RUN):
        state.select(state.USER, None)  # user ids differ between data sets


def choose_user(scene: Scene) -> int:
    """Draw the choice of the user; return their code."""
    options = scene.user_options
    asked = state.selected(state.USER)
    user = _user_code(scene, asked) if asked else None
    if user is None:
        user = scene.examples[0].user
    id_ = str(scene.split.user_ids[user])
    if asked and asked != id_:
        st.warning(
            f"There is no user {as_typed(asked)} in {as_typed(dataset_label(scene.data.name))}. "
            f"Shown instead: user {as_typed(id_)}.",
            icon=":material/person_off:",
        )
    else:
        state.select(state.USER, id_)
    if id_ not in options:
        options = {id_: people.one_label(scene.data, scene.split, user)} | options
    st.session_state[state.RECOMMEND_USER] = id_
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "User",
            list(options),
            format_func=lambda one: options.get(one, f"User {one}"),
            key=state.RECOMMEND_USER,
            on_change=_switch_user,
            accept_new_options=len(options) < scene.split.n_users,
            help="Type to search by id, age, occupation or number of ratings.",
        )
        st.button(
            "Random",
            key=state.RECOMMEND_RANDOM,
            icon=":material/casino:",
            help="Show another user, at random.",
            on_click=_random_user,
        )
    return user


def _user_code(scene: Scene, id_: str) -> int | None:
    try:
        return scene.split.user_code(id_)
    except DataError:
        return None


def _switch_user() -> None:
    state.select(state.USER, st.session_state[state.RECOMMEND_USER])


def _random_user() -> None:
    with suppress(DuetError):  # the page shows the error when it runs again
        split = current_scene().split
        with_history = np.flatnonzero(np.diff(split.csr("train")[0]))
        ids = split.user_ids[with_history].astype(str)
        others = ids[ids != state.selected(state.USER)]
        if len(others):
            state.select(state.USER, str(np.random.default_rng().choice(others)))


def choose_example(scene: Scene, user: int) -> None:
    """Draw the example users; the one in view is marked."""
    examples = {example.label: example for example in scene.examples}
    current = next((label for label, one in examples.items() if one.user == user), None)
    st.session_state[state.RECOMMEND_EXAMPLE] = current
    sentences = [f"**{label}**: {as_typed(one.sentence)}" for label, one in examples.items()]
    st.pills(
        "Example users",
        list(examples),
        key=state.RECOMMEND_EXAMPLE,
        on_change=_switch_example,
        help="  \n".join(sentences),
    )


def _switch_example() -> None:
    label = st.session_state[state.RECOMMEND_EXAMPLE]
    with suppress(DuetError):  # the page shows the error when it runs again
        scene = current_scene()
        for example in scene.examples:
            if example.label == label:
                state.select(state.USER, str(scene.split.user_ids[example.user]))


def choose_list(scene: Scene) -> ListOptions:
    """Draw the options of the list."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.segmented_control(
            "Order by",
            list(ORDERS),
            default="retrieval",
            required=True,
            format_func=ORDERS.__getitem__,
            help="Only sorts the list. Its movies are always those of the first ranks.",
            key=state.RECOMMEND_ORDER,
            persist_state="session",
        )
        k = st.segmented_control(
            "Show",
            HOW_MANY,
            default=20,
            required=True,
            help="Number of movies to retrieve.",
            key=state.RECOMMEND_K,
            persist_state="session",
        )
        names = genre_names(scene.data)
        genres = st.multiselect(
            "Genres",
            names,
            placeholder="all" if names else "no genres in the data",
            help="Show only movies with any of these genres.",
            disabled=not names,
            key=state.RECOMMEND_GENRES,
            persist_state="session",
            width=220,
        )
        with_seen = st.toggle(
            "Include seen movies",
            help="Include movies that the user rated in train or validation.",
            key=state.RECOMMEND_SEEN,
            persist_state="session",
        )
    return ListOptions(k or 20, order or "retrieval", genres, with_seen)


def choose_other(shown: Run, scene: Scene, runs: Sequence[Run]) -> Model | None:
    """Draw the choice of the model to compare the run with."""
    others = other_models(shown, scene, runs)
    names = {id_: load.args[0] for id_, load in others.items()}
    other = st.selectbox(
        "Compare with",
        ["", *others],
        format_func=lambda one: names[one] if one else "nothing",
        help="Show the recommendations of another run or baseline for the same user.",
        key=state.RECOMMEND_OTHER,
        persist_state="session",
    )
    return others[other]() if other in others else None
