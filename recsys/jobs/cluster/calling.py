"""Calls on their way to a worker and back. All of it runs in the dispatcher's thread."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from recsys.jobs.calls import CallBoard, CallRequest
from recsys.jobs.cluster.connection import RPC_SECONDS, Connection

logger = logging.getLogger(__name__)

SENDS = 2  # attempts for a call whose cluster was lost
RESULT_SECONDS = 120.0


@dataclass(eq=False)
class _Pending:
    request: CallRequest
    sends: int = 0
    task: str = ""  # the Dask key of the latest attempt
    future: Any = None  # distributed.Future


class Calling:
    """The calls that have not ended, and the cluster they are sent to."""

    def __init__(self, board: CallBoard, later: Callable[[Callable[[], None]], None]) -> None:
        """Start without a cluster.

        Args:
            board: is kept up to date.
            later: runs a function in the dispatcher's thread; it may be called from any thread.
        """
        self._board = board
        self._later = later
        self._pending: dict[str, _Pending] = {}
        self._connection: Connection | None = None
        self._numbers = count()

    def open(self, connection: Connection) -> None:
        """Send all calls to a cluster."""
        self._connection = connection
        for pending in self._pending.values():
            self._send(pending)

    def lose(self, problem: str, *, again: bool) -> None:
        """Give up the cluster. Its calls are sent once more if there will be one `again`."""
        self._connection = None
        for pending in list(self._pending.values()):
            pending.future = None
            if again and pending.sends < SENDS:
                self._board.update(pending.request.key, progress=None)
            else:
                self._end(pending, problem)

    def add(self, request: CallRequest) -> None:
        """Send a call, as soon as there is a cluster."""
        pending = self._pending[request.key] = _Pending(request)
        if self._connection is not None:
            self._send(pending)

    def stop(self, key: str) -> None:
        """Stop a call."""
        pending = self._pending.get(key)
        if pending is None:
            return
        if self._connection is not None and pending.future is not None:
            self._connection.ask_to_stop(pending.task)
            pending.future.cancel()
        self._end(pending, stopped=True)

    def _send(self, pending: _Pending) -> None:
        assert self._connection is not None
        request = pending.request
        pending.sends += 1
        pending.task = f"duet-call-{request.key}-{next(self._numbers)}"
        pending.future = self._connection.call(
            pending.task, request.key, request.function, request.arguments
        )
        pending.future.add_done_callback(
            lambda future: self._later(partial(self._collect, pending, future))
        )

    def _collect(self, pending: _Pending, future: Any) -> None:
        if pending.future is not future:
            return  # it was stopped or sent again
        if future.cancelled():
            self._end(pending, "the cluster has lost it; try again")
        elif (error := future.exception(timeout=RPC_SECONDS)) is not None:
            logger.warning("call %s: %s", pending.task, error)
            self._end(pending, "the training process died on it, perhaps for lack of memory")
        else:
            self._take(pending, future.result(timeout=RESULT_SECONDS))

    def _take(self, pending: _Pending, outcome: dict[str, Any]) -> None:
        error = outcome.get("error")
        if outcome.get("result") is not None:
            try:
                pending.request.on_result(outcome["result"])
            except OSError as problem:  # e.g. a full disk
                error = f"the result cannot be kept: {problem.strerror}"
        self._end(pending, error, stopped=not error and outcome.get("result") is None)

    def _end(self, pending: _Pending, error: str | None = None, *, stopped: bool = False) -> None:
        if self._pending.get(pending.request.key) is pending:
            del self._pending[pending.request.key]
        future, pending.future = pending.future, None
        if future is not None and self._connection is not None:
            future.release()
        self._board.update(pending.request.key, done=True, error=error, stopped=stopped)
