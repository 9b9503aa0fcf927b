"""The inputs of the Recommend page: run, user, and the options of the list."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import link_check, people, run_choice, state, url_inputs, user_choice
from pages.ui.names import as_typed
from pages.ui.recommend import scatter
from pages.ui.recommend.results import Box, ListOptions, View
from pages.ui.recommend.rows import Order
from pages.ui.recommend.scene import (
    MOST_BESIDE,
    Model,
    Scene,
    current_scene,
    current_split,
    other_models,
)
from pages.ui.words import dataset_label
from recsys.errors import DuetError
from recsys.runs.records import Run

# The most popular movies that are hidden; a slider of several scales.
HIDDEN = (0, 10, 20, 50, 100, 200, 500)
HOW_MANY = (10, 20, 50, 100)
VIEWS: dict[View, str] = {
    "tiles": ":material/grid_view:",
    "table": ":material/table_rows:",
    "scatter": ":material/scatter_plot:",
}
NO_PLOT = "No plot: it needs both scores, and this model has learnt one task."
ORDERS: dict[Order, str] = {"retrieval": "Rank", "stars": "Stars"}


def choose_run(runs: Sequence[Run], warn: DeltaGenerator) -> Run:
    """Draw the choice of the run, see `run_choice.choose_run`."""
    return run_choice.choose_run(runs, state.RECOMMEND_RUN, _switch_run, warn=warn)


def _switch_run() -> None:
    scatter.clear_box()
    state.select(state.EXPLAINED, None)
    if run_choice.switch_run(state.RECOMMEND_RUN):
        for name in (state.USER, state.MOVIE):  # their ids differ between data sets
            state.select(name, None)


def choose_user(scene: Scene, warn: DeltaGenerator) -> int:
    """Draw the choice of the user; return their code. A warning in `warn` names an unknown one."""
    options = scene.user_options
    asked = state.selected(state.USER)
    user = user_choice.code_of(scene.split, asked) if asked else None
    if user is None:
        user = scene.examples[0].user
    id_ = str(scene.split.user_ids[user])
    if asked and asked != id_:
        warn.warning(
            f"There is no user {as_typed(asked)} in {as_typed(dataset_label(scene.data.name))}. "
            f"Shown instead: user {as_typed(id_)}.",
            icon=":material/person_off:",
        )
    else:
        state.select(state.USER, id_)
    if id_ not in options:
        options = {id_: people.one_label(scene.data, scene.split, user)} | options
    types_ids = len(options) < scene.split.n_users  # more users than the list has
    state.hold(state.RECOMMEND_USER, id_, types_ids)
    st.selectbox(
        "User",
        list(options),
        format_func=lambda one: options.get(one, f"User {one}"),
        key=state.RECOMMEND_USER,
        on_change=_switch_user,
        accept_new_options=types_ids,
        label_visibility="collapsed",
    )
    return user


def _switch_user() -> None:
    _take_user(st.session_state[state.RECOMMEND_USER])


def _take_user(id_: str) -> None:
    """Select another user: box and movie in view were those of the user before."""
    state.select(state.USER, id_)
    state.select(state.MOVIE, None)
    scatter.clear_box()


def _step(step: int, drawn: int) -> None:
    """Go on from the user that was selected last; from the one drawn, if a link's is not known."""
    with suppress(DuetError):  # the page shows the error when it runs again
        split = current_split()
        users = np.flatnonzero(np.diff(split.csr("train")[0]))
        asked = state.selected(state.USER)
        known = user_choice.code_of(split, asked) if asked else None
        place = np.searchsorted(users, drawn if known is None else known)
        _take_user(str(split.user_ids[users[(place + step) % len(users)]]))


def _random_user() -> None:
    with suppress(DuetError):  # the page shows the error when it runs again
        split = current_split()
        with_history = np.flatnonzero(np.diff(split.csr("train")[0]))
        ids = split.user_ids[with_history].astype(str)
        others = ids[ids != state.selected(state.USER)]
        if len(others):
            _take_user(str(np.random.default_rng().choice(others)))


def draw_steps(user: int) -> None:
    """Draw the steps from a user to another one."""
    back, forth = (partial(_step, step, user) for step in (-1, 1))
    for key, icon, sentence, step in (
        (state.RECOMMEND_PREVIOUS, "chevron_left", "The previous user.", back),
        (state.RECOMMEND_NEXT, "chevron_right", "The next user.", forth),
        (state.RECOMMEND_RANDOM, "shuffle", "Another user, at random.", _random_user),
    ):
        st.button("", key=key, icon=f":material/{icon}:", help=sentence, on_click=step)


def choose_example(scene: Scene, user: int) -> None:
    """Draw the example users; the one in view is marked."""
    examples = {example.label: example for example in scene.examples}
    current = next((label for label, one in examples.items() if one.user == user), None)
    state.hold(state.RECOMMEND_EXAMPLE, current)
    sentences = [f"**{label}**: {as_typed(one.sentence)}" for label, one in examples.items()]
    st.pills(
        "Example users",
        list(examples),
        key=state.RECOMMEND_EXAMPLE,
        on_change=_switch_example,
        help="  \n".join(sentences),
        label_visibility="collapsed",
        wrap=False,
    )


def _switch_example() -> None:
    label = st.session_state[state.RECOMMEND_EXAMPLE]
    with suppress(DuetError):  # the page shows the error when it runs again
        scene = current_scene()
        for example in scene.examples:
            if example.label == label:
                _take_user(str(scene.split.user_ids[example.user]))


def choose_list(scene: Scene) -> ListOptions:
    """Draw the options of the list; all of them are in the URL."""
    view = url_inputs.choice(
        state.VIEW,
        list(VIEWS),
        "tiles",
        lambda **options: st.segmented_control(
            "As", required=True, format_func=VIEWS.__getitem__, **options
        ),
    )
    order_now = url_inputs.chosen(state.ORDER, list(ORDERS), "retrieval")
    k_now = url_inputs.chosen(state.LENGTH, HOW_MANY, 20)
    filters = (state.GENRES, state.YEARS, state.HIDE, state.SEEN)
    on = sum(state.selected(name) is not None for name in filters)
    label = f"{k_now} by {ORDERS[order_now].lower()}" + (f", filters ({on})" if on else "")
    with st.popover(label, icon=":material/filter_list:", key=state.RECOMMEND_FILTERS):
        order = url_inputs.choice(
            state.ORDER,
            list(ORDERS),
            "retrieval",
            lambda **options: st.segmented_control(
                "Order by",
                required=True,
                format_func=ORDERS.__getitem__,
                help="By rank, or by predicted stars. The movies are always those of the first "
                "ranks.",
                **options,
            ),
        )
        k = url_inputs.choice(
            state.LENGTH,
            HOW_MANY,
            20,
            lambda **options: st.segmented_control(
                "Show", required=True, help="Number of movies to retrieve.", **options
            ),
        )
        options = _choose_filters(scene)
    if view == "scatter" and not scene.blended_run:
        st.caption(NO_PLOT, width="content")
        view = "tiles"
    box = _box() if view == "scatter" else None
    return replace(options, k=k, order=order, view=view, box=box)


def _box() -> Box | None:
    """Return the box in the plot of both scores, as the URL has it."""
    asked = state.selected(state.BOX)
    box = Box.from_text(asked) if asked else None
    link_check.check(state.BOX, [asked] if asked and box is None else [])
    return box


def _choose_filters(scene: Scene) -> ListOptions:
    """Draw which movies may be shown."""
    names, years = scene.data.catalogue.genre_names, scene.data.catalogue.year_range
    genres = url_inputs.choices(
        state.GENRES,
        names,
        lambda **options: st.multiselect(
            "Genres",
            placeholder="all" if names else "no genres in the data",
            help="Show only movies with any of these genres.",
            disabled=not names,
            **options,
        ),
        separator="|",
    )
    from_to = _choose_years(*years) if years and years[0] < years[1] else None
    hidden = url_inputs.choice(
        state.HIDE,
        HIDDEN,
        0,
        lambda **options: st.select_slider(
            "Hide the most popular movies",
            format_func=lambda n: f"{n}" if n else "none",
            help="Hides the movies with the most train ratings.",
            **options,
        ),
    )
    with_seen = url_inputs.switch(
        state.SEEN,
        False,
        lambda **options: st.toggle(
            "Include seen movies",
            help="Include movies that the user rated in train or validation.",
            **options,
        ),
    )
    return ListOptions(0, "retrieval", genres, with_seen, years=from_to, hidden=hidden)


def _choose_years(first: int, last: int) -> tuple[int, int] | None:
    """Draw the choice of the years; return None where it leaves nothing out."""
    asked = state.selected(state.YEARS)
    found = _years_asked(asked, first, last)
    link_check.check(state.YEARS, [asked] if asked and found is None else [])
    now = found or (first, last)
    key = state.bound_field(state.YEARS)
    state.hold(key, now, (first, last))

    def write() -> None:
        low, high = st.session_state[key]
        link_check.forget()
        state.select(state.YEARS, None if (low, high) == (first, last) else f"{low}-{high}")

    st.slider("Years", first, last, key=key, on_change=write)
    return None if now == (first, last) else now


def _years_asked(asked: str | None, first: int, last: int) -> tuple[int, int] | None:
    """Return the years of a URL within those of the catalogue; None if they make no sense."""
    years = (asked or "").split("-")
    if len(years) != 2 or not all(year.isdecimal() and len(year) < 5 for year in years):
        return None
    low, high = sorted(map(int, years))
    return (max(low, first), min(high, last)) if low <= last and high >= first else None


def choose_others(shown: Run, scene: Scene, runs: Sequence[Run]) -> tuple[Model, ...]:
    """Draw the choice of the models whose lists stand beside that of the run."""
    others = other_models(shown, scene, runs)
    names = {id_: load.args[0] for id_, load in others.items()}
    chosen = url_inputs.choices(
        state.BESIDE,
        list(others),
        lambda **options: st.multiselect(
            "Compare with",
            format_func=names.__getitem__,
            max_selections=MOST_BESIDE,
            placeholder="runs or baselines",
            help="Show the lists of other models for the same user, joined by lines.",
            **options,
        ),
        most=MOST_BESIDE,
    )
    return tuple(others[one]() for one in chosen)
