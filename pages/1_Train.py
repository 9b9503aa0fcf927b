"""Train: choose weights, start, watch the curves, stop."""

import streamlit as st

from pages.ui import cache, lab, layout, state
from pages.ui.names import as_typed
from pages.ui.train import instrument, results
from pages.ui.train.duration import duration_words
from pages.ui.train.form import (
    chosen_config,
    keep_inputs,
    settings_form,
    show_config,
    weights_form,
)
from pages.ui.train.model_form import all_ratios, all_ratios_form, sharing_form
from pages.ui.train.other import draw_other
from pages.ui.train.shown import Shown, choose_shown
from pages.ui.view import View, find_finished, find_view
from recsys.config import ConfigError, RunConfig

layout.header(
    "Train",
    "Choose how much each task counts, start a training, and watch both tasks learn.",
)


def start() -> None:
    """Submit the config that the inputs hold at the click, and bring its run into view.

    They may have changed since the button was drawn.
    """
    try:
        config = chosen_config()
    except ConfigError:
        return  # the page says why, below the button
    with layout.callback_errors():
        stored = cache.config_run_id(config) in cache.store()
        run_id = lab.submit(config, cache.dataset(config.data))
        state.select(state.RUN, run_id)
        keep_inputs(None, run_id)
        notice = "Trained before with the same settings. This is the stored run." if stored else ""
        st.session_state[state.TRAIN_NOTICE] = (run_id, notice)


def draw_inputs(asked: str | None, view: View) -> RunConfig | None:
    """Draw the inputs and the Train button; return the config, None if it is not valid.

    The inputs are filled with the config of what the URL asks for.
    """
    if view.config is not None:
        show_config(view.config, asked)
    else:
        show_config(cache.default_config(state.app_data()))
    all_ratios_form()
    if not all_ratios():
        weights_form()
    sharing_form()
    place = st.container()
    config, problem = None, ""
    try:
        config = settings_form()
    except ConfigError as error:
        problem = str(error)
    with place:
        st.button(
            "Train",
            key=state.TRAIN_START,
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=config is None,
            on_click=start,
        )
        if config is None:
            layout.show_error(problem)
        elif cache.config_run_id(config) in cache.store():
            st.caption("Trained: the result is shown.")
        else:
            st.caption(duration_words(config).capitalize())
    return config


def find_shown(view: View, config: RunConfig | None) -> Shown:
    """Return what to show; a run of the settings in the form also moves into the URL."""
    if config is None:
        return choose_shown(view, None, None, View())
    own_id = cache.config_run_id(config)
    finished = find_finished(own_id, cache.store(), lab.jobs())
    shown = choose_shown(view, config, cache.dataset(config.data).fingerprint, finished)
    if shown.view is finished and finished.run_id and not is_dead_link(view):
        state.select(state.RUN, own_id)
        keep_inputs(None, own_id)
    return shown


def is_dead_link(view: View) -> bool:
    """Return whether the URL asks for a run that does not exist."""
    return view.problem is not None and view.config is None


def draw_view(view: View) -> None:
    """Draw a job, a run, or why there is neither."""
    notice_id, notice = st.session_state.get(state.TRAIN_NOTICE, (None, ""))
    if notice and notice_id == view.run_id:
        st.info(notice, icon=":material/history:")
    if view.job is not None:
        results.show_job(view.job)
    elif view.run is not None:
        results.show_run(view.run, cache.runs())
    elif view.problem is not None and view.stopped:
        st.info(as_typed(view.problem), icon=":material/stop_circle:")
    elif view.problem is not None:
        layout.show_error(view.problem)
    else:
        layout.empty_state("These settings have not been trained. Press Train to see the result.")


with layout.errors():
    asked = state.selected(state.RUN)
    view = find_view(asked, cache.store(), lab.jobs()) if asked else View()
    if view.run_id is not None and view.run_id != asked:
        # A stopped job left a run with an id of its own.
        keep_inputs(asked, view.run_id)
        state.select(state.RUN, view.run_id)
        asked = view.run_id
    left, right = st.columns([1, 2.4], gap="large")
    with left:
        config = draw_inputs(asked, view)
    with right:
        if asked and view.elsewhere:
            results.wait_for(asked, view.problem or "")
        elif is_dead_link(view):
            layout.show_error(view.problem)
            st.button(
                "Dismiss",
                key=state.TRAIN_DISMISS,
                on_click=state.select,
                args=(state.RUN, None),
            )
        if config is not None:
            instrument.show(config)
        shown = find_shown(view, config)
        if shown.changed:
            draw_other(shown, draw_view)
        else:
            draw_view(shown.view)
