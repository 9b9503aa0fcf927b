"""The inputs of the Train page. Together they make one RunConfig."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui import layout, state, words
from pages.ui.set_inputs import on_change, set_value, value_of, widget_key
from pages.ui.train.data_form import data_form, possible_splits
from pages.ui.train.draw_input import draw_input, keep_to_options
from pages.ui.train.fields import SPLIT_FIELDS, FieldInput, split_inputs
from pages.ui.train.model_form import (
    all_ratios,
    model_form,
    model_values,
    note_tuned,
    present_inputs,
)
from recsys.config import BALANCING, PRESETS, WEIGHTS, RunConfig, make_config

# The steps of a weight: about evenly spaced on a logarithmic scale, and 0 for "not trained".
WEIGHT_STEPS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)


def show_config(config: RunConfig, origin: str | None = None) -> None:
    """Fill the inputs with a config, once for each `origin`: the id of the run that has the config.

    Without an origin, the inputs are filled only if they are still empty.
    """
    filled = state.TRAIN_ORIGIN in st.session_state
    if filled and origin in (None, st.session_state[state.TRAIN_ORIGIN]):
        return
    st.session_state[state.TRAIN_ORIGIN] = origin
    for field, value in config.model_dump().items():
        if value is not None:
            set_value(state.train_field(field), value)
    note_tuned(config.sharing, all_ratios=config.all_ratios)


def keep_inputs(origin: str | None, run_id: str) -> None:
    """Keep the inputs as they are when the page changes to the run `run_id`.

    Args:
        origin: the run shown before. If the inputs belong to another run, they will be filled
            with the config of `run_id`. None keeps the inputs in any case.
        run_id: the run to show next.
    """
    if origin is None or st.session_state.get(state.TRAIN_ORIGIN) == origin:
        st.session_state[state.TRAIN_ORIGIN] = run_id


def settings_form() -> RunConfig:
    """Draw data, model and split; return the config of all inputs, the weights included.

    Raises:
        ConfigError: the values are not a valid config.
    """
    data = data_form()
    model, split = present_inputs(), split_inputs(possible_splits(data))
    for item in (*model, *split):  # also those that are not drawn
        keep_to_options(item)
    layout.expander(
        "Model and optimiser",
        state.TRAIN_MODEL,
        lambda: model_form(model),
        icon=":material/tune:",
    )
    layout.expander(
        "Split", state.TRAIN_SPLIT, lambda: _split_form(split), icon=":material/call_split:"
    )
    return chosen_config()


def _split_form(inputs: Sequence[FieldInput]) -> None:
    for item in inputs:
        given = value_of(state.train_field("split")) == "given"
        draw_input(item, disabled=given and item.name == "holdout")


def chosen_config() -> RunConfig:
    """Return the config of the present inputs, without drawing them.

    Raises:
        ConfigError: the values are not a valid config.
    """
    return make_config(_values())


def weights_form() -> None:
    """Draw the presets, the two sliders and the loss balancing."""
    weights = tuple(value_of(state.train_field(field)) for field in WEIGHTS)
    set_value(
        state.TRAIN_PRESET,
        next((name for name, preset in PRESETS.items() if preset == weights), None),
    )
    st.pills(
        "Preset",
        list(PRESETS),
        key=widget_key(state.TRAIN_PRESET),
        wrap=True,
        on_change=on_change(state.TRAIN_PRESET, _apply_preset),
        help=words.explain("preset"),
    )
    for field, value in zip(WEIGHTS, weights, strict=True):
        st.select_slider(
            words.label(field),
            sorted({*WEIGHT_STEPS, value}),  # a run may have any weight
            format_func=lambda weight: f"{weight:.10g}",
            key=widget_key(state.train_field(field)),
            help=words.explain(field),
            persist_state="session",
        )
    balancing = state.train_field("balancing")
    st.selectbox(
        words.label("balancing"),
        BALANCING,
        format_func=words.BALANCING_LABELS.__getitem__,
        key=widget_key(balancing),
        help=words.explain("balancing"),
        persist_state="session",
    )
    st.caption(words.BALANCING[value_of(balancing)])


def _apply_preset() -> None:
    preset = value_of(state.TRAIN_PRESET)
    if preset is not None:
        for field, weight in zip(WEIGHTS, PRESETS[preset], strict=True):
            set_value(state.train_field(field), weight)


def _values() -> dict[str, Any]:
    """Return the values of the inputs, for the fields that the chosen model has."""
    fields = [*SPLIT_FIELDS, "data"]
    if not all_ratios():  # a training of all ratios sets the weights itself
        fields += [*WEIGHTS, "balancing"]
    values = model_values() | {field: value_of(state.train_field(field)) for field in fields}
    if values["split"] == "given":
        del values["holdout"]  # a file, not a share
    return values
