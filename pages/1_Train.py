"""Train: choose weights, start, watch the curves, stop."""

import streamlit as st

from pages.ui import cache, lab, layout, state
from pages.ui.train import results
from pages.ui.train.form import chosen_config, keep_inputs, settings_form, show_config, weights_form
from pages.ui.view import View, find_view
from recsys.config import ConfigError

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
        run_id = lab.jobs().submit(config, cache.dataset(config.data))
        state.select(state.RUN, run_id)
        keep_inputs(None, run_id)
        notice = "Trained before with the same settings. This is the stored run." if stored else ""
        st.session_state[state.TRAIN_NOTICE] = (run_id, notice)


def draw_inputs(view: View, *, chosen: bool) -> None:
    """Draw the inputs, filled with the config of a chosen run, and the Train button.

    A run that is shown without having been chosen, e.g. a preset in training, does not fill them.
    """
    shown = view.run or view.job
    if chosen and shown is not None:
        show_config(shown.config, shown.run_id)
    else:
        show_config(cache.default_config(state.app_data()))
    weights_form()
    place = st.container()
    try:
        config, problem = settings_form(), ""
    except ConfigError as error:
        config, problem = None, str(error)
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
        elif view.run is not None and cache.config_run_id(config) == view.run.run_id:
            st.caption("These are the settings of the run shown here.")
        elif cache.config_run_id(config) in cache.store():
            st.caption("Trained before: Train shows the stored run.")


def draw_view(view: View, run_id: str | None) -> None:
    """Draw the job, the run or the problem in view."""
    notice_id, notice = st.session_state.get(state.TRAIN_NOTICE, (None, ""))
    if notice and notice_id == run_id:
        st.info(notice, icon=":material/history:")
    if view.job is not None:
        results.show_job(view.job)
    elif view.run is not None:
        results.show_run(view.run, cache.store().list())
    elif view.problem is not None:
        layout.show_error(view.problem)
        st.button(
            "Show the newest run",
            key=state.TRAIN_NEWEST,
            on_click=state.select,
            args=(state.RUN, None),
        )
    else:
        layout.empty_state("Nothing is trained yet. Choose weights on the left and press Train.")


with layout.errors():
    run_id = state.selected(state.RUN)
    view = find_view(run_id, cache.store(), lab.jobs())
    shown = view.job or view.run
    if run_id is not None and shown is not None and shown.run_id != run_id:
        # A stopped job left a run with an id of its own.
        keep_inputs(run_id, shown.run_id)
        state.select(state.RUN, shown.run_id)
    left, right = st.columns([1, 2.4], gap="large")
    with left:
        draw_inputs(view, chosen=run_id is not None)
    with right:
        draw_view(view, shown.run_id if shown else run_id)
