"""Inputs that a page sets too, e.g. the weights when a preset is chosen.

With each click the browser sends the values of all inputs. Until it has drawn what the page set, it
sends the old values, and Streamlit takes them for changes that the person made. So an input gets a
new widget key each time the page sets it, and what still comes under an old key is left alone.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st


def widget_key(name: str) -> str:
    """Return the present widget key of the input `name`."""
    times = st.session_state.get(_times_set(name), 0)
    return f"{name}.{times}" if times else name


def value_of(name: str) -> Any:
    """Return the value of an input; None before it has one."""
    return st.session_state.get(widget_key(name))


def set_value(name: str, value: Any) -> None:
    """Set the value of an input, before it is drawn or in a callback."""
    key = widget_key(name)
    if key not in st.session_state:
        st.session_state[key] = value
    elif st.session_state[key] != value:
        st.session_state[_times_set(name)] = st.session_state.get(_times_set(name), 0) + 1
        st.session_state[widget_key(name)] = value


def on_change(name: str, react: Callable[[], None]) -> Callable[[], None]:
    """Return a callback that reacts to a change of the input as it is drawn now."""
    drawn = widget_key(name)

    def call() -> None:
        if widget_key(name) == drawn:
            react()

    return call


def _times_set(name: str) -> str:
    return f"{name}.times_set"
