"""The serving blend on the New user page: what the browser tells and draws of its slider."""

from typing import Any

from pages.ui import blend_places, state, words
from recsys.blend import STEPS


def take(place: Any) -> None:
    """Select the place that the browser told, if it is one."""
    if not isinstance(place, int) or not 0 <= place <= STEPS:
        return
    if place != blend_places.place_of(state.latest(state.BLEND) or "0"):
        blend_places.select(place)


def slider(place: int) -> dict[str, Any]:
    """Return what the browser draws the slider from: `{step, steps, label, value, help}`."""
    return {
        "step": place,
        "steps": STEPS,
        "label": words.label("serving_blend"),
        "value": blend_places.place_name(place),
        "help": words.explain("serving_blend"),
    }
