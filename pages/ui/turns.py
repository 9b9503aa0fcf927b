"""Whose turn it is to run: what people ask for goes before what pages do by themselves."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_ONCE = 2  # views that rerun at the same time
PATIENCE = 2.0  # seconds that a view waits for its turn, at most
LOOK_SECONDS = 0.05  # while it waits, between two looks at whether it is still wanted


class Turns:
    """The runs of one server. Thread-safe: each run has a thread of its own."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        """Start without runs; see AT_ONCE and PATIENCE."""
        self._at_once = at_once
        self._patience = patience
        self._asked = 0  # runs that somebody waits for
        self._views = 0  # reruns of views that have their turn
        self._change = threading.Condition()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Run what somebody has asked for: at once, and no view begins meanwhile."""
        with self._change:
            self._asked += 1
        try:
            yield
        finally:
            with self._change:
                self._asked -= 1
                self._change.notify_all()

    @contextmanager
    def view(self, still_wanted: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Rerun a view when it is its turn, and in any case after `patience` seconds.

        Args:
            still_wanted: called while it waits; raises if the view is not to rerun any more, e.g.
                because somebody has clicked on its page.
        """
        self._wait(still_wanted)
        try:
            yield
        finally:
            with self._change:
                self._views -= 1
                self._change.notify_all()

    def _wait(self, still_wanted: Callable[[], None]) -> None:
        end = time.monotonic() + self._patience
        while True:
            with self._change:
                free = self._change.wait_for(self._is_free, min(LOOK_SECONDS, self._patience))
                if free or time.monotonic() >= end:
                    self._views += 1
                    return
            still_wanted()

    def _is_free(self) -> bool:
        return not self._asked and self._views < self._at_once
