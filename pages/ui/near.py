"""Sections of a long page that are drawn only while one is near them.

The page is there sooner without what is below the screen, and so is the answer to a click above it.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.ui import state
from pages.ui.component_files import component

_NEAR = component("duet_near", __file__, "near")
DRAWN_HEIGHT = 1  # pixels of what cannot be seen, above a section that is drawn


def section(key: str, height: int, draw: Callable[[], None]) -> None:
    """Draw a section, or an empty place while it is far from the screen.

    To be called in a fragment of its own: it reruns when one comes near. What was drawn stays when
    one goes away, until the page changes.

    Args:
        key: of the section.
        height: of the place, in pixels: about what the section takes.
        draw: draws the section.
    """
    place = f"{key}.section"
    is_drawn = is_near(key)
    with st.container(key=place):
        _NEAR(
            key=key,
            data={"section": f".st-key-{place.replace('.', '-')}", "near": state.is_near(key)},
            height=DRAWN_HEIGHT if is_drawn else height,
            default={"near": False},
            on_near_change=partial(state.note_near, key),
        )
        if is_drawn:
            draw()


def is_near(key: str) -> bool:
    """Return whether a section is to be drawn: it is near, or was until now."""
    was_near = state.was_just_near(key)
    return state.is_near(key) or was_near
