"""Inputs that read their value from a query parameter and write each change back to it."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.ui import state

NOTHING = "none"  # in the URL, where something is the default


def chosen(name: str, options: Sequence[Any], default: Any, asked: str | None = None) -> Any:
    """Return the option that the URL asks for, without drawing it. Arguments as of `choice`."""
    asked = asked or state.selected(name)
    return next((option for option in options if str(option) == asked), default)


def choice(
    name: str,
    options: Sequence[Any],
    default: Any,
    draw: Callable[..., Any],
    asked: str | None = None,
) -> Any:
    """Draw a choice of one option; return it.

    Args:
        name: the query parameter.
        options: what there is to choose.
        default: what is chosen if the URL holds nothing, or no known option.
        draw: draws the widget; takes `options`, `key` and `on_change`.
        asked: the chosen option, where the URL does not hold it literally.
    """
    key = state.bound_field(name)
    value_now = chosen(name, options, default, asked)
    st.session_state[key] = value_now

    def write() -> None:
        value = st.session_state[key]
        # A second click on what is chosen would leave nothing chosen.
        state.select(name, None if value in (None, default) else str(value))

    draw(options=list(options), key=key, on_change=write)
    return value_now


def chosen_several(
    name: str, options: Sequence[str], default: Sequence[str] = (), separator: str = ","
) -> list[str]:
    """Return the options that the URL asks for, without drawing them. Arguments as of `choices`."""
    asked = state.selected(name)
    wanted = default if asked is None else asked.split(separator)
    return [option for option in options if option in wanted]


def choices(
    name: str,
    options: Sequence[str],
    draw: Callable[..., Any],
    default: Sequence[str] = (),
    separator: str = ",",
) -> list[str]:
    """Draw a choice of several options; return them. Arguments as in `choice`.

    No option contains the `separator`, which stands between them in the URL.
    """
    key = state.bound_field(name)
    values_now = chosen_several(name, options, default, separator)
    st.session_state[key] = values_now

    def write() -> None:
        value = [option for option in options if option in st.session_state[key]]
        text = separator.join(value) or NOTHING
        state.select(name, None if set(value) == set(default) else text)

    draw(options=list(options), key=key, on_change=write)
    return values_now


def switch(name: str, default: bool, draw: Callable[..., Any]) -> bool:
    """Draw a switch; return whether it is on. `draw` gets `key` and `on_change`."""
    key = state.bound_field(name)
    st.session_state[key] = is_on(name, default)

    def write() -> None:
        value = st.session_state[key]
        state.select(name, None if value == default else "yes" if value else "no")

    draw(key=key, on_change=write)
    return bool(st.session_state[key])


def is_on(name: str, default: bool) -> bool:
    """Return whether a switch is on, before it is drawn."""
    return {"yes": True, "no": False}.get(state.selected(name) or "", default)
