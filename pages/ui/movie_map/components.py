"""The map and the list beside it as components of Streamlit; HTML, CSS and JavaScript are beside.

The two are apart so that the points travel once, and are prepared once: a click runs the list
alone. It hands what is marked to the map, in the browser, and the map hands it the clicks.
"""

from collections.abc import Callable
from typing import Any

from pages.ui import state
from pages.ui.component_files import component

_POINTS, _SHOWN = (component(f"duet_map_{name}", __file__, name) for name in ("points", "shown"))


def draw_map(data: bytes) -> None:
    """Draw the maps.

    Args:
        data: see `rows.points_of`.
    """
    _POINTS(key=state.MAP_POINTS, data=data)


def draw_shown(data: dict[str, Any], on_movie: Callable[[str], None]) -> None:
    """Draw the highlighted movie and its neighbours.

    A click on a movie, on the map too, or its choice in the search reports `{id}`.

    Args:
        data: see `rows.shown_data`.
        on_movie: called with the key of the component.
    """
    key = state.MAP_SHOWN
    _SHOWN(key=key, data=data, on_movie_change=lambda: on_movie(key))
