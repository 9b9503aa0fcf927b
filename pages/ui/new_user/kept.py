"""Where a new user's ratings are kept: in the session by data set, and in the URL.

The URL decides, so that a link and a reload bring the ratings back. More than it can hold are kept
by the browser, see `board.js`.
"""

import time
from dataclasses import replace

import streamlit as st

from pages.ui import state
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import Taste, from_text, to_text

LATE = 5.0  # seconds after a click in which the URL of before it may still arrive


def taste(scene: Scene) -> Taste:
    """Return what the new user has told so far."""
    known = _all().get(scene.data.fingerprint, Taste())
    text = state.selected(state.RATED)
    if text == known.text:
        return known
    if _is_late(text):
        state.select(state.RATED, known.text)
        return known
    known = replace(from_text(text or "", scene.codes, scene.scale), answered=known.answered)
    _all()[scene.data.fingerprint] = known
    return known


def keep(scene: Scene, new: Taste) -> None:
    """Keep what the new user told, in place of all before."""
    now, text = time.monotonic(), to_text(new.ratings, scene.split.movie_ids)
    old = _all().get(scene.data.fingerprint, Taste()).text
    recent = [one for one in _replaced() if now - one[0] < LATE]
    st.session_state[state.NEW_USER_REPLACED] = [*recent, (now, old)]
    state.select(state.RATED, text)
    _all()[scene.data.fingerprint] = replace(new, text=text)


def usable(scene: Scene, known: Taste) -> str | None:
    """Return the ratings that can be used as a link holds them, see `to_text`."""
    return to_text(known.ratings, scene.split.movie_ids)


def switch_data(fingerprint: str) -> None:
    """Put the ratings that were given on this data set into the URL: movie ids differ."""
    state.select(state.RATED, _all().get(fingerprint, Taste()).text)


def _is_late(text: str | None) -> bool:
    """Return whether the URL is that of before a click, not of a link or of going back.

    What reruns the page just after a click may have been sent before the browser had the new URL.
    """
    if state.went_back():
        st.session_state.pop(state.NEW_USER_REPLACED, None)
        return False
    now = time.monotonic()
    return any(text == old and now - when < LATE for when, old in _replaced())


def _replaced() -> list[tuple[float, str | None]]:
    replaced: list[tuple[float, str | None]] = st.session_state.get(state.NEW_USER_REPLACED, [])
    return replaced


def _all() -> dict[str, Taste]:
    kept: dict[str, Taste] = st.session_state.setdefault(state.NEW_USER_KEPT, {})
    return kept
