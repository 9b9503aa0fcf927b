"""The table of calls: computations for a page, shorter than a training, that a worker does."""

import dataclasses
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

KEPT = 200  # calls that have ended and are still known


@dataclass(frozen=True)
class Call:
    """One call at one moment.

    Attributes:
        key: Names what is computed; equal requests have equal keys.
        progress: The share that is done, 0-1; None while it waits for a worker.
        done: Whether it has ended, with or without a result.
        stopped: Whether it ended because somebody stopped it.
        error: The reason in one line, if it failed.
    """

    key: str
    progress: float | None = None
    done: bool = False
    stopped: bool = False
    error: str | None = None


@dataclass(frozen=True, eq=False)
class CallRequest:
    """What is computed in a worker.

    Attributes:
        key: Names it.
        function: `module:function`. It also takes `on_progress` and `should_stop` as keywords, and
            returns None if it was stopped.
        arguments: Its other arguments.
        on_result: Gets what it returned, in a thread of the queue; not called if it was stopped.
    """

    key: str
    function: str
    arguments: tuple[Any, ...]
    on_result: Callable[[Any], None]


class CallBoard:
    """The calls of one queue. Threads may share it: it hands out immutable snapshots."""

    def __init__(self) -> None:
        """Make an empty table."""
        self._calls: dict[str, Call] = {}
        self._lock = threading.Lock()

    def add(self, key: str) -> bool:
        """Add a waiting call; return False if one with this key is already on its way."""
        with self._lock:
            known = self._calls.pop(key, None)
            is_new = known is None or known.done
            self._calls[key] = Call(key) if known is None or known.done else known
            for old in [one.key for one in self._calls.values() if one.done][:-KEPT]:
                del self._calls[old]
            return is_new

    def get(self, key: str) -> Call | None:
        """Return the present state of a call; None if there is no such call."""
        with self._lock:
            return self._calls.get(key)

    def update(self, key: str, **changes: Any) -> None:
        """Change fields of a call, unless it is done."""
        with self._lock:
            call = self._calls.get(key)
            if call is not None and not call.done:
                self._calls[key] = dataclasses.replace(call, **changes)

    def report(self, message: Mapping[str, Any]) -> None:
        """Apply a worker's report; `recsys.jobs.cluster.task.run_call` sends them."""
        self.update(message["call"], progress=message["progress"])
