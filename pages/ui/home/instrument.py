"""The instrument on Home as a component of Streamlit: its HTML, CSS and JavaScript stand beside."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import state


def _file(kind: str, name: str) -> str:
    return Path(__file__).with_name(f"{name}.{kind}").read_text(encoding="utf-8")


_INSTRUMENT = st.components.v2.component(
    "duet_instrument",
    html=_file("html", "instrument"),
    css=_file("css", "instrument"),
    js=_file("js", "instrument"),
)
_MOVIES = st.components.v2.component(
    "duet_movies",
    html=_file("html", "movies"),
    css=_file("css", "movies"),
    js=_file("js", "movies"),
)


def draw(data: dict[str, Any], on_place: Callable[[], None] = lambda: None) -> Any:
    """Draw the instrument; return the place where it was released, `{way, position}`, or None."""
    result = _INSTRUMENT(key=state.HOME_INSTRUMENT, data=data, on_place_change=on_place)
    return result.place


def draw_movies(data: dict[str, Any]) -> None:
    """Draw one person's list with the serving blend; movies glide to their new places.

    The browser asks for the figures of all users by naming the `model`, see `movies.js`.
    """
    _MOVIES(key=state.HOME_MOVIES, data=data, on_model_change=lambda: None)
