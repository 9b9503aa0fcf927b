"""The serving blend: in the URL as on Recommend, in the browser as a step of a slider."""

from math import isinf
from typing import Any

from pages.ui import link_check, state, words
from recsys.blend import POSITIONS, STEPS, position_of, weight_at

RETRIEVAL_ALONE = 0  # the step where predicted stars do not count


def step_in_view() -> int:
    """Return the step nearest to the weight that the URL asks for, from 0 to STEPS."""
    asked = state.selected(state.BLEND)
    step = _step_of(asked) if asked else RETRIEVAL_ALONE
    link_check.check(state.BLEND, [asked] if asked and step is None else [])
    return step or RETRIEVAL_ALONE


def take(step: Any) -> None:
    """Select the step that the browser told, if it is one."""
    if isinstance(step, int) and 0 <= step <= STEPS and step != _step_of(state.latest(state.BLEND)):
        state.select(state.BLEND, f"{weight_of(step):.3g}" if step else None)


def weight_of(step: int) -> float:
    """Return the weight of the predicted stars at a step, from 0 to infinity."""
    return weight_at(POSITIONS[step])


def slider(step: int) -> dict[str, Any]:
    """Return what the browser draws the slider from: `{step, steps, label, value, help}`."""
    weight = weight_of(step)
    value = "stars alone" if isinf(weight) else f"w = {weight:.3g}" if step else "retrieval alone"
    texts = {"label": words.label("serving_blend"), "help": words.explain("serving_blend")}
    return {"step": step, "steps": STEPS, "value": value} | texts


def _step_of(asked: str | None) -> int | None:
    try:
        position = position_of(float(asked or 0))
    except (ValueError, ZeroDivisionError):
        return None
    return round(position * STEPS) if 0 <= position <= 1 else None
