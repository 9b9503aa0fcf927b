"""The instrument on Home as a component of Streamlit: its HTML, CSS and JavaScript stand beside."""

from collections.abc import Callable
from typing import Any

from pages.ui import state
from pages.ui.component_files import component

_INSTRUMENT, _MOVIES = (
    component(f"duet_{name}", __file__, name) for name in ("instrument", "movies")
)


def draw(data: dict[str, Any], on_place: Callable[[], None]) -> None:
    """Draw the instrument.

    Args:
        data: see `front.instrument_data`.
        on_place: called when it was released at another `place`, `{way, position}`.
    """
    _INSTRUMENT(key=state.HOME_INSTRUMENT, data=data, on_place_change=on_place)


def draw_movies(data: dict[str, Any], on_blend: Callable[[], None]) -> None:
    """Draw one person's list with the serving blend; movies glide to their new places.

    The browser asks for the figures of all users by naming the `model`, see `movies.js`.

    Args:
        data: see `person.lists_data`, with the place of the `blend`.
        on_blend: called when the slider was released at another place, `blend`.
    """
    _MOVIES(
        key=state.HOME_MOVIES,
        data=data,
        on_model_change=lambda: None,
        on_blend_change=on_blend,
    )
