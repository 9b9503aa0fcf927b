"""The component of the New user page: movies to rate, the ratings given, and the lists."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import blend_places, state
from pages.ui.component_files import component
from pages.ui.new_user import blending, kept
from pages.ui.new_user.rows import board_data
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import Taste, from_browser

_BOARD = component("duet_new_user", __file__, "board")


def draw(scene: Scene, taste: Taste) -> None:
    """Draw the component."""
    show(board_data(scene, taste, blend_places.in_view()), partial(receive, scene))


def show(data: dict[str, Any], on_told_change: Any) -> None:
    """Draw the component with this data. What it tells, it keeps in its state `told`."""
    _BOARD(key=state.NEW_USER_BOARD, data=data, on_told_change=on_told_change)


def receive(scene: Scene) -> None:
    """Keep what the browser has told last."""
    drawn = st.session_state.get(state.NEW_USER_BOARD)
    before = kept.taste(scene)
    message = drawn.get("told") if drawn else None
    told = from_browser(message, before, scene.codes, scene.scale)
    if message is not None and told is not None:
        kept.keep(scene, replace(told, uploads=before.uploads))
        blending.take(message.get("blend"))
