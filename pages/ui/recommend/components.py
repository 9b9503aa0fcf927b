"""The board and the panel "why" as components of Streamlit; HTML, CSS and JavaScript are beside."""

from collections.abc import Callable
from typing import Any

from pages.ui import state
from pages.ui.component_files import component

_BOARD, _WHY = (component(f"duet_{name}", __file__, name) for name in ("board", "why"))


def draw_board(data: dict[str, Any], on_movie: Callable[[str], None]) -> None:
    """Draw the lists. A click on a movie reports `{list, id}`.

    Args:
        data: see `board_data`.
        on_movie: called with the key of the component when a movie was clicked.
    """
    key = state.RECOMMEND_BOARD
    _BOARD(key=key, data=data, on_movie_change=lambda: on_movie(key))


def draw_why(
    data: dict[str, Any], on_movie: Callable[[str], None], on_mode: Callable[[str], None]
) -> None:
    """Draw the explanation of one movie, with a search among all movies.

    Args:
        data: see `why_data`, with the `mode` and the movies `found` by the search.
        on_movie: called with the key of the component when another movie was clicked.
        on_mode: called with it when another `mode` was chosen.
    """
    key = state.RECOMMEND_WHY
    _WHY(
        key=key,
        data=data,
        on_movie_change=lambda: on_movie(key),
        on_mode_change=lambda: on_mode(key),
        on_query_change=lambda: None,
    )
