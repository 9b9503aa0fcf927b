"""Views that follow what runs: small ones that rerun periodically, costly ones only on a change.

A Streamlit fragment sends all of its content with each rerun. So a view that is costly to draw
does not rerun periodically. A small view does, and refreshes the costly one when it is out of date.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from itertools import count
from typing import ParamSpec

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages.ui import state

P = ParamSpec("P")

SHORTEST_PERIOD, LONGEST_PERIOD = 1.0, 15.0  # seconds from the start of a rerun to the next
SHARE_OF_TIME = 0.2  # the reruns of a view take at most this share of the time
TOLERANCE = 2.0  # the period is changed when it is wrong by more than this factor
# Only the callback of a widget can rerun another fragment. This one has no looks: it calls back
# as soon as it hears that a view is out of date.
REFRESH = st.components.v2.component(
    "duet_refresh",
    js="""
export default function ({ data, setTriggerValue }) {
    if (data.shown !== data.newest) setTriggerValue("newest", data.newest);
}
""",
)


def periodic(view: Callable[P, None], *, active: bool = True) -> Callable[P, None]:
    """Return a view as a fragment that reruns by itself while `active`.

    It reruns every second, or less often where its reruns take long, e.g. on a busy machine. The
    period of a fragment is fixed when the page runs, so changing it runs the whole page again.
    """
    runs = count()
    periods: dict[str, float] = st.session_state.setdefault(state.LIVE_PERIODS, {})
    name = f"{view.__module__}.{view.__qualname__}"
    period = periods.get(name, SHORTEST_PERIOD)

    @wraps(view)
    def timed(*args: P.args, **kwargs: P.kwargs) -> None:
        start = time.perf_counter()
        view(*args, **kwargs)
        if next(runs) == 0:  # the page's own run: it may load what reruns find ready
            return
        right = next_period(periods.get(name, SHORTEST_PERIOD), time.perf_counter() - start)
        periods[name] = right
        if active and not period / TOLERANCE <= right <= period * TOLERANCE:
            st.rerun()

    return st.fragment(timed, run_every=period if active else None)


def next_period(period: float, seconds: float) -> float:
    """Return the period that suits a view whose last rerun took so many seconds.

    It moves half of the way, and at most to double, so that one slow rerun changes little.
    """
    halfway = (period + seconds / SHARE_OF_TIME) / 2
    return min(max(SHORTEST_PERIOD, halfway), 2 * period, LONGEST_PERIOD)


def on_demand(view: Callable[P, None], name: str) -> Callable[P, None]:
    """Return a view as a fragment that reruns when `refresh` finds it out of date."""
    return st.fragment(view, key=name)


def refresh(name: str, shown: int, newest: int) -> None:
    """Rerun an `on_demand` view if it is out of date. Call this in a `periodic` view.

    Args:
        name: of the view, as given to `on_demand`.
        shown: number of the state that it shows.
        newest: number of the newest state.
    """
    REFRESH(
        key=f"{name}.refresh",
        data={"shown": shown, "newest": newest},
        height=1,
        on_newest_change=lambda: _rerun(name),
    )


def _rerun(name: str) -> None:
    with suppress(StreamlitAPIException):  # the page has run again, without this view
        st.rerun(name)
