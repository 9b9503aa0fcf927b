"""A result of other settings than those in the form: named as such, and dimmed."""

from collections.abc import Callable

import streamlit as st

from pages.ui import state
from pages.ui.train.form import show_config
from pages.ui.train.shown import Shown
from pages.ui.view import View
from recsys.config import RunConfig

DIMMED = 0.45  # opacity


def draw_other(shown: Shown, draw: Callable[[View], None]) -> None:
    """Say that a result belongs to other settings, offer these, and draw it dimmed."""
    kind = "A training" if shown.view.job else "The result"
    with st.container(border=True):
        told, back = st.columns([1.5, 1], vertical_alignment="center")
        told.markdown(f"**{kind} of other settings:** {shown.changed}.")
        if shown.view.config is not None:
            back.button(
                "Back to these settings",
                key=state.TRAIN_BACK,
                icon=":material/undo:",
                width="stretch",
                on_click=_back,
                args=(shown.view.config,),
            )
    st.html(f"<style>.st-key-{state.TRAIN_OTHER} {{ opacity: {DIMMED}; }}</style>")
    with st.container(key=state.TRAIN_OTHER):
        draw(shown.view)


def _back(config: RunConfig) -> None:
    """Fill the inputs with a config again."""
    origin = st.session_state.pop(state.TRAIN_ORIGIN, None)
    show_config(config, origin)
