"""What is chosen on the Recommend page: run, user, and how the list is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from pages.ui import cache, state
from pages.ui.names import as_typed, label_testbeds, run_labels
from pages.ui.recommend import people
from pages.ui.recommend import rows as recommend_rows
from pages.ui.recommend.rows import Order
from pages.ui.recommend.scene import Model, Scene, other_models
from pages.ui.view import find_view
from recsys.data.splits import Split
from recsys.data.tables import DataError
from recsys.runs.records import Run
from recsys.runs.testbed import runs_by_testbed

HOW_MANY = (10, 20, 50, 100)
ORDERS: dict[Order, str] = {"retrieval": "Retrieval", "stars": "Predicted stars"}


@dataclass(frozen=True, eq=False)
class Wanted:
    """How the list is made.

    Attributes:
        k: How many movies.
        order: By what.
        genres: Only movies with any of these; all if empty.
        with_seen: Whether seen movies may be shown.
    """

    k: int
    order: Order
    genres: list[str] = field(default_factory=list)
    with_seen: bool = False


def choose_run(runs: Sequence[Run]) -> Run:
    """Draw the choice of the run; a run of the URL that is not there is named."""
    labels = _labels(runs)
    by_id = {run.run_id: run for run in runs}
    chosen = _first_choice(runs).run_id
    if asked := state.selected(state.RUN):
        view = find_view(asked, cache.store(), cache.jobs())
        if view.run is not None:
            chosen = view.run.run_id
        else:
            problem = "This run is still training." if view.job else view.problem
            st.warning(
                f"{problem} Shown instead: **{as_typed(labels[chosen])}**.",
                icon=":material/hourglass:" if view.job else ":material/link_off:",
            )
    if not asked or view.run is not None:
        state.select(state.RUN, chosen)
    st.session_state[state.RECOMMEND_RUN] = chosen
    st.selectbox(
        "Run",
        list(by_id),
        format_func=labels.__getitem__,
        key=state.RECOMMEND_RUN,
        on_change=_switch_run,
        args=({id_: run.fingerprint for id_, run in by_id.items()}, chosen),
    )
    return by_id[chosen]


def _labels(runs: Sequence[Run]) -> dict[str, str]:
    """Return a label for each run; it names the data and split where they are not all the same."""
    groups = runs_by_testbed(runs)
    on = label_testbeds(groups)
    return {
        id_: f"{label} · {on[one]}" if len(groups) > 1 else label
        for one, group in groups.items()
        for id_, label in run_labels(group).items()
    }


def _first_choice(runs: Sequence[Run]) -> Run:
    """Return the newest run that does both tasks to the end, or simply the newest."""
    both = (
        run
        for run in runs
        if run.status == "finished" and run.config.retrieval_weight and run.config.rating_weight
    )
    return next(both, runs[0])


def _switch_run(fingerprints: dict[str, str], before: str) -> None:
    chosen = st.session_state[state.RECOMMEND_RUN]
    state.select(state.RUN, chosen)
    if fingerprints[chosen] != fingerprints[before]:
        state.select(state.USER, None)  # ids of one data set mean nothing in another


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
            f"There is no user `{asked}` in {scene.data.name}. Shown instead: user {id_}.",
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
            help="Type to search: an id, an age, an occupation, a number of ratings.",
        )
        st.button(
            "Random",
            key=state.RECOMMEND_RANDOM,
            icon=":material/casino:",
            help="Show somebody else.",
            on_click=_random_user,
            args=(scene.split,),
        )
    return user


def _user_code(scene: Scene, id_: str) -> int | None:
    try:
        return scene.split.user_code(id_)
    except DataError:
        return None


def _switch_user() -> None:
    state.select(state.USER, st.session_state[state.RECOMMEND_USER])


def _random_user(split: Split) -> None:
    with_history = np.flatnonzero(np.diff(split.csr("train")[0]))
    state.select(state.USER, str(split.user_ids[np.random.default_rng().choice(with_history)]))


def choose_example(scene: Scene, user: int) -> None:
    """Draw the telling users; the one in view is marked."""
    found = {example.label: example for example in scene.examples}
    ids = {label: str(scene.split.user_ids[one.user]) for label, one in found.items()}
    current = next((label for label, one in found.items() if one.user == user), None)
    st.session_state[state.RECOMMEND_EXAMPLE] = current
    st.pills(
        "Examples",
        list(found),
        key=state.RECOMMEND_EXAMPLE,
        on_change=_switch_example,
        args=(ids,),
        help="  \n".join(f"**{label}**: {one.sentence}" for label, one in found.items()),
        label_visibility="collapsed",
    )


def _switch_example(ids: dict[str, str]) -> None:
    label = st.session_state[state.RECOMMEND_EXAMPLE]
    if label:
        state.select(state.USER, ids[label])


def choose_list(scene: Scene) -> Wanted:
    """Draw the options of the list."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.segmented_control(
            "Order by",
            list(ORDERS),
            default="retrieval",
            required=True,
            format_func=ORDERS.__getitem__,
            help="Retrieval decides which movies are shown; this only decides their order.",
            key=state.RECOMMEND_ORDER,
            persist_state="session",
        )
        k = st.segmented_control(
            "Show",
            HOW_MANY,
            default=20,
            required=True,
            help="How many movies are retrieved.",
            key=state.RECOMMEND_K,
            persist_state="session",
        )
        names = recommend_rows.genre_names(scene.data)
        genres = st.multiselect(
            "Genres",
            names,
            placeholder="all" if names else "none known",
            help="Only movies of any of these genres.",
            disabled=not names,
            key=state.RECOMMEND_GENRES,
            persist_state="session",
            width=220,
        )
        with_seen = st.toggle(
            "Seen movies too",
            help="Leave movies in that the user rated in train or validation.",
            key=state.RECOMMEND_SEEN,
            persist_state="session",
        )
    return Wanted(k or 20, order or "retrieval", genres, with_seen)


def choose_other(shown: Run, scene: Scene, runs: Sequence[Run]) -> Model | None:
    """Draw the choice of what is shown beside the run."""
    others = other_models(shown, scene, runs)
    names = {id_: load.args[0] for id_, load in others.items()}
    other = st.selectbox(
        "Compare with",
        ["", *others],
        format_func=lambda one: names[one] if one else "nothing",
        help="Show what another run, or the popularity baseline, would show to the same user.",
        key=state.RECOMMEND_OTHER,
        persist_state="session",
    )
    return others[other]() if other in others else None
