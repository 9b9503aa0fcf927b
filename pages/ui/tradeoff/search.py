"""The search on the Trade-off page: how many trials, start, progress, stop."""

import streamlit as st

from pages.ui import cache, lab, layout, live, names, state, words
from pages.ui.tradeoff.inputs import PlotView, chosen_metrics
from pages.ui.tradeoff.settings import chosen_base
from pages.ui.tradeoff.time_left import time_left
from pages.ui.url_inputs import choice, chosen
from recsys.config import RunConfig
from recsys.counted import counted
from recsys.tradeoff.search import TRIALS, Objectives, SearchError, check_base
from recsys.tradeoff.searches import Search

TRIAL_CHOICES = (10, TRIALS, 50, 100)


def search_or_stop(base: RunConfig, view: PlotView) -> None:
    """Draw the choice and the button of a search; while it goes on, progress and Stop."""
    trials = choice(
        state.TRIALS,
        TRIAL_CHOICES,
        TRIALS,
        lambda **options: st.segmented_control("Trials", help=words.explain("trial"), **options),
    )
    search = lab.searches().of(base)
    if search is not None and not search.ended:
        live.periodic(_progress)(base)
        return
    problem = _problem(base, view)
    st.button(
        f"Search with {counted(trials, 'trial')}",
        key=state.SEARCH_START,
        type="primary",
        icon=":material/search:",
        width="stretch",
        disabled=bool(problem),
        help="Varies the ratio of the weights, sharing, dimension, learning rates and penalties "
        "around the settings above. Optuna's TPE sampler picks each trial from earlier results.",
        on_click=_start,
    )
    if problem:
        st.caption(problem)
        return
    st.caption(
        f"Optimises {words.label(view.y)} and {words.label(view.x)}, the plot's two metrics, on "
        "validation. Earlier trials are reused. The search continues when you leave the page."
    )
    if search is not None and search.problem:
        problem = names.as_typed(search.problem)
        st.warning(f"The last search ended early: {problem}.", icon=":material/info:")


def _problem(base: RunConfig, view: PlotView) -> str:
    """Say in Markdown why there can be no search; "" if there can."""
    if view.x == view.y:
        return "A search optimises two metrics: choose two different ones for the plot."
    try:
        check_base(base)
    except SearchError as error:
        text = str(error)
        return names.as_typed(f"{text[0].upper()}{text[1:]}.")
    return ""


def _start() -> None:
    # The inputs may have changed since the button was drawn: what they hold at the click counts.
    with layout.callback_errors():
        base, objectives = chosen_base(), Objectives(*chosen_metrics())
        trials = chosen(state.TRIALS, TRIAL_CHOICES, TRIALS)
        lab.searches().start(base, objectives, trials, cache.dataset(base.data))


def _progress(base: RunConfig) -> None:
    search = lab.searches().of(base)
    if search is None or search.ended:
        st.rerun()
    jobs = [job for id_ in search.under_way if (job := lab.jobs().job(id_)) is not None]
    part = sum(names.progress(job) for job in jobs if not job.state.done)
    done = len(search.done) + search.lost
    st.progress(min((done + part) / search.trials, 1.0), text=_words(search, part))
    if search.lost:
        st.caption(f"{search.lost} of them failed or were stopped.")
    st.button(
        "Stopping …" if search.stopping else "Stop the search",
        key=state.SEARCH_STOP,
        icon=":material/stop:",
        width="stretch",
        disabled=search.stopping,
        on_click=lab.searches().stop,
        args=(base,),
        help="Finished runs are kept. The current run is kept as a stopped run.",
    )


def _words(search: Search, part: float) -> str:
    done = len(search.done) + search.lost
    text = f"{done} of {counted(search.trials, 'trial')}"
    if search.stopping:
        return text
    return text + time_left(search.done, search.trials - done - part)
