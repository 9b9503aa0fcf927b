"""The slider of the serving blend: its places in the URL and their names, alike on every page.

A slider of `steps` steps has the places 0 (retrieval alone) to `steps` (stars alone). The URL holds
the weight of the predicted stars there.
"""

from pages.ui import link_check, state
from recsys.blend import STEPS, position_of, weight_at

RETRIEVAL_ALONE = 0  # the place where predicted stars do not count
RETRIEVAL_NAME, STARS_NAME = "retrieval alone", "stars alone"


def weight_of(place: int, steps: int = STEPS) -> float:
    """Return the weight of the predicted stars at a place, from 0 to infinity."""
    return weight_at(place / steps)


def weight_text(place: int, steps: int = STEPS) -> str:
    """Return the weight at a place as the URL and the command line hold it."""
    return f"{weight_of(place, steps):.3g}"


def place_name(place: int, steps: int = STEPS) -> str:
    """Return what a place is called."""
    ends = {RETRIEVAL_ALONE: RETRIEVAL_NAME, steps: STARS_NAME}
    return ends.get(place, f"score + {weight_text(place, steps)} × stars")


def place_of(asked: str | None, steps: int = STEPS) -> int | None:
    """Return the place nearest to a weight that a URL asks for; None for no weight."""
    try:
        position = position_of(float(asked or ""))
    except (ValueError, ZeroDivisionError):
        return None
    return round(position * steps) if 0 <= position <= 1 else None


def in_view(steps: int = STEPS) -> int:
    """Return the place that the URL asks for; what is no weight is named under the title."""
    asked = state.selected(state.BLEND)
    place = place_of(asked, steps)
    link_check.check(state.BLEND, [asked] if asked and place is None else [])
    return place or RETRIEVAL_ALONE


def select(place: int, steps: int = STEPS) -> None:
    """Put the weight at a place into the URL."""
    state.select(state.BLEND, weight_text(place, steps) if place else None)
