"""What workers do while nobody asks for anything: they trace what likely trainings need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from recsys.config import RunConfig
from recsys.jobs.cluster.connection import Connection


class Expected(NamedTuple):
    """A training that is likely to be asked for."""

    config: RunConfig
    fingerprint: str  # of its data set


@dataclass(eq=False)
class _Pending:
    key: str  # of the Dask task
    future: Any  # distributed.Future


@dataclass(eq=False)
class Ahead:
    """Sends the workers what is expected, and takes it back. It runs in the dispatcher's thread.

    Attributes:
        usual: expected as long as the server runs; None if nothing is.
        last: the last job.
    """

    usual: Expected | None = None
    last: Expected | None = None
    _done: dict[str, tuple[Expected, ...]] = field(default_factory=dict)  # by worker
    _pending: dict[str, _Pending] = field(default_factory=dict)  # by worker
    _numbers: Any = field(default_factory=count)
    _given_up: bool = False  # until the next job

    def note(self, job: Expected) -> None:
        """Take this job for the last one: its like may be asked for next."""
        self.last = job
        self._given_up = False

    def send(self, connection: Connection, function: str, workers: Sequence[str]) -> None:
        """Let each of these workers prepare what it has not prepared yet.

        Args:
            connection: to their cluster.
            function: `module:function`, with the signature of `recsys.experiment.prepare`.
            workers: where they listen.
        """
        expected = tuple(one for one in dict.fromkeys((self.last, self.usual)) if one is not None)
        self._collect()
        self._done = {worker: done for worker, done in self._done.items() if worker in workers}
        for gone in self._pending.keys() - set(workers):
            # Perhaps it died of this, for lack of memory: the one that replaces it is spared.
            self._given_up = True
            self._pending.pop(gone).future.release()
        if self._given_up:
            return
        for worker in workers:
            if not expected or worker in self._pending or self._done.get(worker) == expected:
                continue
            key = f"duet-ahead-{next(self._numbers)}"
            configs = [(one.config.model_dump(), one.fingerprint) for one in expected]
            self._pending[worker] = _Pending(
                key, connection.prepare(key, configs, function, worker)
            )
            self._done[worker] = expected  # also if it fails: it is not tried again and again

    def stop(self, connection: Connection) -> None:
        """Leave the workers to those who ask for something."""
        self._collect()
        for worker, pending in self._pending.items():
            connection.ask_to_stop(pending.key)
            pending.future.cancel()
            self._done.pop(worker, None)
        self._pending.clear()

    def lose(self) -> None:
        """Forget the workers: their cluster is gone."""
        self._done.clear()
        self._pending.clear()

    def _collect(self) -> None:
        for worker, pending in list(self._pending.items()):
            if pending.future.done():
                del self._pending[worker]
                pending.future.release()
