"""One step of the browser's history for each thing that a person does, see `history.js`."""

from pages.ui import state
from pages.ui.component_files import component

_HISTORY = component("duet_history", __file__, "history")


def draw() -> None:
    """Draw what cannot be seen, once on each page."""
    _HISTORY(key=state.HISTORY)
