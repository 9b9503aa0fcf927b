"""The inputs of the model: how much the tasks share, all ratios in one training, and the rest."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui import state
from pages.ui.set_inputs import set_value, value_of
from pages.ui.train.draw_input import draw_input
from pages.ui.train.fields import FieldInput, architecture_fields, field_input, model_inputs
from recsys.config import SHARING, make_config
from recsys.ratio import EXTREME
from recsys.runs.names import SHARING_NAMES

SHARING_WORDS = {
    "tied": "Both tasks use the same vectors: what helps one can cost the other.",
    "mapped": "Ratings use the retrieval vectors through a learned matrix.",
    "all": "Ratings use a linear map of the retrieval embeddings.",
    "part": "Ratings use a linear map of the retrieval embeddings, and embeddings of their own.",
    "none": "Two models side by side: the tasks do not affect each other.",
}
ALL_RATIOS_WORDS = (
    f"There are no weights to set: one training learns a model for every ratio from "
    f"{EXTREME:g} : 1 to 1 : {EXTREME:g}. Loss balancing is fixed."
)


def sharing_form() -> None:
    """Draw how much the tasks share, where the architecture leaves a choice."""
    if not has_sharing():
        st.caption("The tutorial architecture shares its embeddings between both tasks.")
        return
    usual = field_input("sharing", SHARING[0])
    item = FieldInput("sharing", usual.label, usual.help, "choice", SHARING)
    draw_input(item, react=_apply_tuned, names=SHARING_NAMES)
    st.caption(SHARING_WORDS[value_of(state.train_field("sharing"))])


def all_ratios_form() -> None:
    """Draw the switch for a training of all ratios; where it is on, say what that means."""
    if not has_sharing():
        return
    usual = field_input("all_ratios", False)
    item = FieldInput("all_ratios", usual.label, usual.help, "switch")
    draw_input(item, react=_apply_tuned)
    if all_ratios():
        st.caption(ALL_RATIOS_WORDS)


def has_sharing() -> bool:
    """Return whether the chosen architecture has the fields `sharing` and `all_ratios`."""
    return bool(value_of(state.train_field("architecture")) == "duet")


def all_ratios() -> bool:
    """Return whether all ratios are to be trained at once."""
    return has_sharing() and bool(value_of(state.train_field("all_ratios")))


def present_inputs() -> list[FieldInput]:
    """Return the inputs of the model that the chosen architecture and sharing have."""
    sharing = value_of(state.train_field("sharing")) if has_sharing() else None
    return model_inputs(value_of(state.train_field("architecture")), sharing)


def model_form(inputs: Sequence[FieldInput]) -> None:
    """Draw the architecture, and the fields that it has with the chosen sharing."""
    for item in inputs:
        draw_input(item, react=_apply_architecture if item.name == "architecture" else None)


def model_values() -> dict[str, Any]:
    """Return the values of the inputs of the model."""
    names = [item.name for item in present_inputs()]
    names += ["sharing", "all_ratios"] if has_sharing() else []
    return {name: value_of(state.train_field(name)) for name in names}


def _apply_architecture() -> None:
    """Set the fields to the defaults of the new architecture."""
    architecture = value_of(state.train_field("architecture"))
    defaults = make_config({"architecture": architecture}).model_dump()
    before = make_config(st.session_state.get(state.TRAIN_TUNED) or {}).model_dump()
    tuned = (field for field, value in defaults.items() if value != before[field])
    set_value(state.train_field("all_ratios"), False)
    note_tuned(defaults["sharing"], all_ratios=False)
    for field in {*architecture_fields(), *tuned} - {"architecture", "all_ratios"}:
        if defaults[field] is not None:
            set_value(state.train_field(field), defaults[field])


def note_tuned(sharing: str | None, *, all_ratios: bool) -> None:
    """Remember the switches whose defaults the inputs hold; without a sharing there are none."""
    switches = {"sharing": sharing, "all_ratios": all_ratios}
    st.session_state[state.TRAIN_TUNED] = switches if sharing else None


def _apply_tuned() -> None:
    """Set what still has the default of the switches before to the default of the new ones.

    As `recsys.config.with_sharing` and `with_all_ratios`, for inputs that need not make a valid
    config together.
    """
    switches = {name: value_of(state.train_field(name)) for name in ("sharing", "all_ratios")}
    before, now = (
        make_config(one).model_dump()
        for one in (st.session_state.get(state.TRAIN_TUNED) or switches, switches)
    )
    note_tuned(**switches)
    for field, tuned in now.items():
        name, usual = state.train_field(field), before[field]
        changed = usual is not None and value_of(name) != usual
        if field not in switches and tuned is not None and tuned != usual and not changed:
            set_value(name, tuned)
