"""Draw one input of the Train page."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.ui import state
from pages.ui.set_inputs import on_change, set_value, value_of, widget_key
from pages.ui.train.fields import FieldInput


def keep_to_options(item: FieldInput) -> None:
    """Set a choice whose value is none of its options to the first of them."""
    name = state.train_field(item.name)
    if item.kind == "choice" and value_of(name) not in item.options:
        set_value(name, item.options[0])


def draw_input(
    item: FieldInput,
    *,
    disabled: bool = False,
    react: Callable[[], None] | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Draw one input.

    Args:
        item: what it looks like.
        disabled: whether it cannot be changed.
        react: called when it is changed.
        names: what the options of a choice are called, where that needs more room.
    """
    keep_to_options(item)
    name = state.train_field(item.name)
    shared: dict[str, Any] = {
        "key": widget_key(name),
        "help": item.help,
        "disabled": disabled,
        "persist_state": "session",
    }
    if react:
        shared["on_change"] = on_change(name, react)
    if item.kind == "choice":
        if names is not None:
            st.selectbox(item.label, item.options, format_func=names.__getitem__, **shared)
        else:
            st.segmented_control(item.label, item.options, required=True, width="stretch", **shared)
    elif item.kind == "switch":
        st.toggle(item.label, **shared)
    elif item.kind == "text":
        st.text_input(item.label, **shared)
    else:
        shared |= {"format": "%d" if item.kind == "integer" else "%g"}
        cast = int if item.kind == "integer" else float
        for name, bound in (("min_value", item.minimum), ("max_value", item.maximum)):
            shared[name] = None if bound is None else cast(bound)
        st.number_input(item.label, step=cast(item.step or 1), **shared)
