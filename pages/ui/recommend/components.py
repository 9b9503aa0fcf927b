"""The board and the panel "why" as components of Streamlit; HTML, CSS and JavaScript are beside."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import state


def _file(kind: str, name: str) -> str:
    return Path(__file__).with_name(f"{name}.{kind}").read_text(encoding="utf-8")


def _component(name: str) -> Any:
    html, css, js = (_file(kind, name) for kind in ("html", "css", "js"))
    return st.components.v2.component(f"duet_{name}", html=html, css=css, js=js)


_BOARD, _WHY = _component("board"), _component("why")


def draw_board(data: dict[str, Any], on_movie: Callable[[str], None]) -> None:
    """Draw the lists. A click on a movie reports `{list, id}`.

    Args:
        data: see `board_data`.
        on_movie: called with the key of the component when a movie was clicked.
    """
    key = state.RECOMMEND_BOARD
    _BOARD(key=key, data=data, on_movie_change=lambda: on_movie(key))


def draw_why(data: dict[str, Any], on_movie: Callable[[str], None]) -> None:
    """Draw the explanation of one movie, with a search among all movies.

    Args:
        data: see `why_data`, with the movies `found` by the search.
        on_movie: called with the key of the component when another movie was clicked.
    """
    key = state.RECOMMEND_WHY
    _WHY(key=key, data=data, on_movie_change=lambda: on_movie(key), on_query_change=lambda: None)
