"""The inputs of the Movie map page; all of them are in the URL."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import link_check, people, run_choice, state, url_inputs, user_choice
from pages.ui.movie_map import layouts
from pages.ui.movie_map.colourings import NAMES, known_colourings, user_colourings
from pages.ui.movie_map.scene import Scene, load_scene, others
from pages.ui.names import as_typed
from pages.ui.words import COMPARE_WITH, dataset_label
from recsys.runs.records import Run

NOBODY = ""  # among the user ids: no user
ON_TOP = {"history": "History", "recommendations": "Recommendations"}
BASELINE = "baseline:"  # before the name of a baseline, in links from Recommend
NO_VECTORS = "Baselines have no vectors, so they have no map."


def choose_scene(runs: Sequence[Run], notes: DeltaGenerator) -> Scene:
    """Draw the choice of the run and of what stands beside it; return them with their data.

    Args:
        runs: what there is to choose.
        notes: where is said what a link asks for and the page cannot show.

    Raises:
        DuetError: a run or its data set is missing or damaged.
    """
    asked = state.selected(state.RUN) or ""
    if asked.startswith(BASELINE):
        notes.info(NO_VECTORS)
        state.select(state.RUN, None)
    run = run_choice.choose_run(runs, state.MAP_RUN, _switch_run, warn=notes)
    place = run_choice.choose_place(run_choice.line_places(run))
    other = _choose_other(run, runs, place, notes)
    return load_scene(run, runs, place, other)


def _switch_run() -> None:
    if run_choice.switch_run(state.MAP_RUN):
        for name in (state.USER, state.MOVIE):  # their ids differ between data sets
            state.select(name, None)


def _choose_other(run: Run, runs: Sequence[Run], place: str, notes: DeltaGenerator) -> str | None:
    labels = {url_inputs.NOTHING: "nothing"} | others(run, runs, place)
    if (state.selected(state.OTHER) or "").startswith(BASELINE):
        notes.info(NO_VECTORS)
        state.select(state.OTHER, None)
    chosen: str = url_inputs.choice(
        state.OTHER,
        list(labels),
        url_inputs.NOTHING,
        lambda **options: st.selectbox(
            COMPARE_WITH,
            format_func=labels.__getitem__,
            help="A second map, turned so that it fits the first as well as it can: what still "
            f"differs, the models see differently. {NO_VECTORS}",
            **options,
        ),
    )
    return None if chosen == url_inputs.NOTHING else chosen


def choose_user(scene: Scene, notes: DeltaGenerator) -> int | None:
    """Draw the choice of the user; return their code, None for nobody. `notes` names an unknown."""
    known = user_choice.options(scene.config, scene.data, scene.split)
    options = {NOBODY: "nobody"} | known
    asked = state.selected(state.USER)
    user = user_choice.code_of(scene.split, asked) if asked else None
    if asked and user is None:
        where = as_typed(dataset_label(scene.data.name))
        notes.warning(
            f"There is no user {as_typed(asked)} in {where}.", icon=":material/person_off:"
        )
    id_ = NOBODY if user is None else str(scene.split.user_ids[user])
    if user is not None and id_ not in options:
        options |= {id_: people.one_label(scene.data, scene.split, user)}
    st.session_state[state.MAP_USER] = id_
    st.selectbox(
        "Person",
        list(options),
        format_func=lambda one: options.get(one, f"User {one}"),
        key=state.MAP_USER,
        on_change=_switch_user,
        accept_new_options=len(options) <= scene.split.n_users,
        help="Their ratings and recommendations are marked on the map.",
    )
    return user


def _switch_user() -> None:
    state.select(state.USER, st.session_state[state.MAP_USER] or None)


def choose_colour(scene: Scene, user: int | None) -> str:
    """Draw the choice of what the movies are coloured by."""
    names = known_colourings(scene.data)
    if user is not None:
        names += user_colourings(scene.models[0].scorer.tasks)
    chosen: str = url_inputs.choice(
        state.COLOUR,
        names,
        names[0],
        lambda **options: st.selectbox("Colour", format_func=NAMES.__getitem__, **options),
    )
    return chosen


def choose_layout(scene: Scene) -> str:
    """Draw the choice of how the movies are arranged."""
    names = layouts.known_layouts(scene)
    if len(names) == 1:
        return names[0]
    chosen: str = url_inputs.choice(
        state.LAYOUT,
        names,
        names[0],
        lambda **options: st.segmented_control(
            "Layout",
            format_func=layouts.NAMES.__getitem__,
            required=True,
            help="PCA is there at once: the two directions in which the movies differ most. UMAP "
            "keeps neighbours together, and takes some seconds the first time.",
            **options,
        ),
    )
    return chosen


def choose_on_top() -> list[str]:
    """Draw the choice of what of the user is marked."""
    return url_inputs.choices(
        state.ON_TOP,
        list(ON_TOP),
        lambda **options: st.pills(
            "Marked",
            selection_mode="multi",
            format_func=ON_TOP.__getitem__,
            label_visibility="collapsed",
            wrap=False,
            **options,
        ),
        default=list(ON_TOP),
    )


def movie_in_view(scene: Scene) -> int | None:
    """Return the code of the movie that the URL asks for."""
    asked = state.selected(state.MOVIE)
    code = scene.data.catalogue.codes.get(asked) if asked else None
    link_check.check(state.MOVIE, [asked] if asked and code is None else [])
    return code


def take_movie(key: str) -> None:
    """Highlight the movie that was clicked in a component; none if its id is empty."""
    clicked = st.session_state[key].get("movie")
    if clicked:
        state.select(state.MOVIE, clicked["id"] or None)
