"""Views that follow what runs: small ones that rerun periodically, costly ones only on a change.

A Streamlit fragment sends all of its content with each rerun. So a view that is costly to draw
does not rerun periodically. A small view does, and refreshes the costly one when it is out of date.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import wraps
from itertools import count
from typing import ParamSpec

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import (
    ThreadState,
    get_run_yield_check,
)

from pages.ui import state
from pages.ui.load import SHORTEST, Load
from pages.ui.turns import Turns

P = ParamSpec("P")

TOLERANCE = 1.5  # the period is changed when it is wrong by more than this factor
PAGE_SECONDS = 0.15  # that running a whole page again takes

LOAD = Load()  # of this server: a module lives as long as it does
TURNS = Turns()  # as LOAD
_by_itself: ContextVar[bool] = ContextVar("by_itself", default=False)  # a view is rerunning
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


def periodic(
    view: Callable[P, None],
    *,
    active: bool = True,
    weight: float = 1.0,
    shortest: float = SHORTEST,
) -> Callable[P, None]:
    """Return a view as a fragment that reruns by itself while `active`.

    It reruns every second, or less often where many pages are open or reruns take long. The browser
    is often on the machine that trains, and a rerun takes it as long as some training steps.

    Args:
        view: draws it.
        active: whether it reruns.
        weight: of a view of weight 3, the reruns are three times as far apart.
        shortest: seconds between two reruns, at least.
    """
    runs = count()
    period = LOAD.period(weight, shortest)

    @wraps(view)
    def timed(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal period
        if next(runs) == 0:  # the page's own run: it may load what reruns find ready
            view(*args, **kwargs)
            return
        with _counted(view, weight):
            view(*args, **kwargs)
        right = LOAD.period(weight, shortest)
        if not period / TOLERANCE <= right <= period * TOLERANCE:
            period = right
            _set_period(right)

    return st.fragment(timed, run_every=period if active else None)


def on_demand(view: Callable[P, None], name: str) -> Callable[P, None]:
    """Return a view as a fragment that reruns when `refresh` finds it out of date."""
    runs = count()

    @wraps(view)
    def timed(*args: P.args, **kwargs: P.kwargs) -> None:
        if next(runs) == 0:
            view(*args, **kwargs)
            return
        with _counted(view, 1.0):
            view(*args, **kwargs)

    return st.fragment(timed, key=name)


def asked() -> AbstractContextManager[None]:
    """Let no view rerun by itself meanwhile: somebody waits for what is drawn here."""
    return nullcontext() if _by_itself.get() else TURNS.asked()


def forget_fragments() -> None:
    """Forget the fragments of the run of the page before this one. Call it before any is drawn.

    Streamlit forgets them where a run of the whole page reaches its end; one that stops early, with
    an error or because there is no run yet, keeps those of the page that was left. What a browser
    asks of them a moment later would be drawn into the page that has taken their place, which ends
    it.
    """
    context = get_script_run_ctx()
    if context is not None:
        context.fragment_storage.clear()


def run_page_for_news() -> None:
    """Run the whole page again, unless the server has just done so for another page."""
    if LOAD.may_run_page(PAGE_SECONDS):
        st.rerun()


@contextmanager
def _counted(view: Callable[..., None], weight: float) -> Iterator[None]:
    """Rerun a view when it is its turn, and note what that takes."""
    with TURNS.view(get_run_yield_check() or (lambda: None)):
        start = time.perf_counter()
        token = _by_itself.set(True)
        try:
            yield
        finally:
            _by_itself.reset(token)
        LOAD.note((state.page_id(), view.__qualname__), weight, time.perf_counter() - start)


def _set_period(seconds: float) -> None:
    """Change the period of the fragment that is running, without running the page again."""
    context, fragment = get_script_run_ctx(), ThreadState.get().fragment_id
    if context is not None and fragment is not None:
        message = ForwardMsg()
        message.auto_rerun.interval = seconds
        message.auto_rerun.fragment_id = fragment
        context.enqueue(message)


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
    """Rerun a view in place of the one that has found it out of date.

    Streamlit would run it in place of all that this run is for: of what somebody has clicked on
    meanwhile, too.
    """
    context = get_script_run_ctx()
    if context is None or not context.fragment_ids_this_run:
        return  # the whole page runs, and the view with it
    own = ThreadState.get().fragment_id
    clicked = [one for one in context.fragment_ids_this_run if one != own]
    if clicked and context.script_requests is not None:
        context.script_requests.request_rerun(
            RerunData(
                query_string=context.query_string,
                page_script_hash=context.page_script_hash,
                fragment_id_queue=clicked,
                cached_message_hashes=context.cached_message_hashes,
                context_info=context.context_info,
            )
        )
    with suppress(StreamlitAPIException):  # the page has run again, without this view
        st.rerun(name)
