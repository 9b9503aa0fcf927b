"""Inputs that read their value from a query parameter and write each change back to it.

What a link asks for and an input does not know is said on the page, see `link_check`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.ui import link_check, state

NOTHING = "none"  # in the URL, where something is the default


def chosen(name: str, options: Sequence[Any], default: Any, asked: str | None = None) -> Any:
    """Return the option that the URL asks for, without drawing it. Arguments as of `choice`."""
    asked = asked or state.selected(name)
    return next((option for option in options if str(option) == asked), default)


def asked_for(name: str, options: Sequence[Any], default: Any) -> Any:
    """Return what the URL asks for of something that another input holds, e.g. a component."""
    _check(name, options, None)
    return chosen(name, options, default)


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
    _check(name, options, asked)
    state.hold(key, value_now)

    def write() -> None:
        value = st.session_state[key]
        link_check.forget()
        # A second click on what is chosen would leave nothing chosen.
        state.select(name, None if value in (None, default) else str(value))

    draw(options=list(options), key=key, on_change=write)
    return value_now


def _check(name: str, options: Sequence[Any], asked: str | None) -> None:
    given = state.selected(name)
    known = given is None or asked is not None or given in map(str, options)
    link_check.check(name, [] if known or given is None else [given])


def chosen_several(
    name: str, options: Sequence[str], default: Sequence[str] = (), separator: str = ","
) -> list[str]:
    """Return the options that the URL asks for, without drawing them. Arguments as of `choices`."""
    asked = state.selected(name)
    wanted = default if asked is None else asked.split(separator)
    found = [option for option in options if option in wanted]
    if not found and asked not in (None, NOTHING):  # a link that holds nothing known
        return [option for option in options if option in default]
    return found


def choices(
    name: str,
    options: Sequence[str],
    draw: Callable[..., Any],
    default: Sequence[str] = (),
    separator: str = ",",
    most: int | None = None,
) -> list[str]:
    """Draw a choice of several options; return them. Arguments as in `choice`.

    No option contains the `separator`, which stands between them in the URL. Of more than `most`,
    the first ones are chosen.
    """
    key = state.bound_field(name)
    values_now = chosen_several(name, options, default, separator)[:most]
    given = [one for one in (state.selected(name) or "").split(separator) if one]
    wrong = [one for one in given if one not in values_now and one != NOTHING]
    link_check.check(name, wrong, separator.join(values_now) or None)
    state.hold(key, values_now)

    def write() -> None:
        link_check.forget()
        value = [option for option in options if option in st.session_state[key]]
        text = separator.join(value) or NOTHING
        state.select(name, None if set(value) == set(default) else text)

    draw(options=list(options), key=key, on_change=write)
    return values_now


def switch(name: str, default: bool, draw: Callable[..., Any]) -> bool:
    """Draw a switch; return whether it is on. `draw` gets `key` and `on_change`."""
    key = state.bound_field(name)
    state.hold(key, is_on(name, default))
    _check(name, ("yes", "no"), None)

    def write() -> None:
        value = st.session_state[key]
        link_check.forget()
        state.select(name, None if value == default else "yes" if value else "no")

    draw(key=key, on_change=write)
    return bool(st.session_state[key])


def is_on(name: str, default: bool) -> bool:
    """Return whether a switch is on, before it is drawn."""
    return {"yes": True, "no": False}.get(state.selected(name) or "", default)
