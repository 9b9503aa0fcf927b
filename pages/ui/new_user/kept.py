"""Where a new user's ratings are kept: in the session by data set, and in the URL.

The URL decides, so that a link and a reload bring the ratings back. More than it can hold are kept
by the browser, see `board.js`.
"""

from dataclasses import replace

import streamlit as st

from pages.ui import state
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import Taste, from_text, to_text


def taste(scene: Scene) -> Taste:
    """Return what the new user has told so far."""
    known = _all().get(scene.data.fingerprint, Taste())
    text = state.selected(state.RATED)
    if text != known.text:
        known = replace(from_text(text or "", scene.codes, scene.scale), answered=known.answered)
        _all()[scene.data.fingerprint] = known
    return known


def keep(scene: Scene, new: Taste) -> None:
    """Keep what the new user told, in place of all before."""
    text = to_text(new.ratings, scene.split.movie_ids)
    state.select(state.RATED, text)
    _all()[scene.data.fingerprint] = replace(new, text=text)


def switch_data(fingerprint: str) -> None:
    """Put the ratings that were given on this data set into the URL: movie ids differ."""
    state.select(state.RATED, _all().get(fingerprint, Taste()).text)


def _all() -> dict[str, Taste]:
    kept: dict[str, Taste] = st.session_state.setdefault(state.NEW_USER_KEPT, {})
    return kept
