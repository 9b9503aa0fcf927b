"""The choice of the runs, and of a place on the line of one with all ratios."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import cache, run_choice, state, url_inputs
from pages.ui.names import run_labels
from pages.ui.new_user import kept
from pages.ui.new_user.scene import Scene, load_scene, serves_new_users
from pages.ui.words import COMPARE_WITH
from recsys.ratio import POSITIONS
from recsys.runs.records import Run
from recsys.scorer import TASKS

MOST_BESIDE = 2  # runs beside the one in view: three lists fit side by side
MOST_TRIED = 20  # runs that are loaded to find one to begin with


def choose_scene(runs: Sequence[Run]) -> Scene:
    """Draw the choice of the runs; return them with their data.

    Raises:
        DuetError: a run or its data set is missing or damaged.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = run_choice.choose_run(runs, state.NEW_USER_RUN, _switch_run, _default(runs))
        same = [one for one in runs if one.fingerprint == run.fingerprint]
        labels = run_labels(same)
        beside = _choose_beside([one.run_id for one in same if one is not run], labels)
        chosen = [run, *(one for one in same if one.run_id in beside)]
        has_line = any(one.config.all_ratios for one in chosen)
        places = [f"{one:g}" for one in POSITIONS] if has_line else []
        position = run_choice.choose_place(places)
    return load_scene(chosen, labels, float(position))


def _default(runs: Sequence[Run]) -> Run | None:
    """Return the newest run that finished both tasks and can serve a new user, if there is one."""
    if state.selected(state.RUN):
        return None
    both = [run for run in runs if run.status == "finished" and all(map(run.learns, TASKS))]
    return next((run for run in both[:MOST_TRIED] if serves_new_users(run)), None)


def _switch_run() -> None:
    if run_choice.switch_run(state.NEW_USER_RUN):
        run = run_choice.run_in_view(cache.runs())
        kept.switch_data(run.fingerprint)


def _choose_beside(ids: Sequence[str], labels: dict[str, str]) -> list[str]:
    def draw(options: list[str], key: str, on_change: Callable[[], None]) -> None:
        st.multiselect(
            COMPARE_WITH,
            options,
            format_func=labels.__getitem__,
            key=key,
            on_change=on_change,
            max_selections=MOST_BESIDE,
            placeholder="nothing" if options else "no other run on these data",
            disabled=not options,
            help="Show the lists of up to two more runs.",
        )

    return url_inputs.choices(state.BESIDE, ids, draw, most=MOST_BESIDE)
