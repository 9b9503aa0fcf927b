"""How often the live views of all open pages may rerun, so that the server also answers clicks."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

# Seconds from a rerun of a view to the next; the longest is that of a view of weight 1.
SHORTEST, LONGEST = 1.0, 45.0
SHARE = 0.3  # of the time that all reruns together may take
OVERHEAD = 0.008  # seconds that Streamlit takes for a rerun, besides the view itself
NEWEST = 0.3  # weight of the last rerun in the mean
GONE = 2 * LONGEST  # the same: a view that has not rerun for so long is no longer open


@dataclass
class _View:
    weight: float
    seconds: float  # of a rerun, on average
    at: float  # when it last reran


class Load:
    """The live views of one server and what their reruns take. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without views; `clock` tells the seconds."""
        self._clock = clock
        self._views: dict[Hashable, _View] = {}
        self._free_at = 0.0  # when the next page may run again
        self._lock = threading.Lock()

    def note(self, view: Hashable, weight: float, seconds: float) -> None:
        """Note a rerun of a view.

        Args:
            view: which one, of which page.
            weight: as for `period`.
            seconds: that it took.
        """
        now = self._clock()
        with self._lock:
            known = self._views.get(view)
            before = known.seconds if known else seconds
            mean = NEWEST * seconds + (1 - NEWEST) * before
            self._views[view] = _View(weight, mean, now)
            views = self._views.items()
            for gone in [key for key, one in views if now - one.at > GONE * one.weight]:
                del self._views[gone]

    def period(self, weight: float, shortest: float = SHORTEST) -> float:
        """Return the seconds between two reruns of a view: the more load, the longer.

        Args:
            weight: of this view: one of weight 3 reruns a third as often as one of weight 1.
            shortest: seconds between two reruns without any load.
        """
        with self._lock:
            busy = sum((one.seconds + OVERHEAD) / one.weight for one in self._views.values())
        return min(max(shortest, weight * busy / SHARE), weight * LONGEST)

    def may_run_page(self, seconds: float) -> bool:
        """Return whether a page may run again for news that nobody there has asked for.

        Args:
            seconds: that this will take.
        """
        now = self._clock()
        with self._lock:
            if now < self._free_at:
                return False
            self._free_at = now + seconds / SHARE
            return True
