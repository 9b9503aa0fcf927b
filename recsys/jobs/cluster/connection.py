"""The connection to a cluster: the embedded one, or one at an address."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from recsys.jobs.cluster.address import (
    ClusterError,
    UnreachableError,
    check_address,
    connect,
)
from recsys.jobs.cluster.certificate import security_of
from recsys.jobs.cluster.embedded import EmbeddedCluster

logger = logging.getLogger(__name__)

RPC_SECONDS = 5.0

Report = Mapping[str, Any]


class Connection:
    """A Dask client and, for the embedded cluster, its processes."""

    def __init__(self, address: str | None, n_workers: int, modules: tuple[str, ...]) -> None:
        """Describe the cluster; `open` starts or reaches it.

        Args:
            address: of a scheduler, or None for an embedded cluster.
            n_workers: of the embedded cluster.
            modules: imported by the workers before their first job.
        """
        self._address = address
        self._modules = modules
        self._cluster = None if address else EmbeddedCluster(n_workers, modules)
        self._client: Any = None  # distributed.Client
        self._scheduler = ""  # its id: one that was started again at the address has another

    def open(self, on_report: Callable[[Report], None]) -> None:
        """Connect, and call `on_report` in another thread with each report of a job.

        Raises:
            ClusterError: no cluster can be started, or none answers.
        """
        if self._cluster is not None:
            address = self._cluster.start()
            self._client = connect(address, security_of(self._cluster.certificate))
        else:
            self._client = connect(str(self._address), check_address(str(self._address)))
            self._warm_up()
        from recsys.jobs.cluster.task import TOPIC  # imports Dask, like connect()

        self._scheduler = self._rpc("identity", n_workers=0)["id"]
        self._client.subscribe_topic(TOPIC, lambda event: on_report(event[1]))

    def submit(self, key: str, *arguments: Any, **options: Any) -> Any:
        """Send a job, see `run_job` in `task.py`, and return its `distributed.Future`."""
        from recsys.jobs.cluster.entry import run_job

        # Without a fifo_timeout of 0, jobs sent within 0.1 s might overtake each other.
        return self._client.submit(run_job, key, *arguments, key=key, fifo_timeout=0, **options)

    def call(self, key: str, name: str, function: str, arguments: tuple[Any, ...]) -> Any:
        """Send a call, see `run_call` in `task.py`, and return its `distributed.Future`.

        It overtakes the jobs that wait: somebody looks at a page until it is done.
        """
        from recsys.jobs.cluster.entry import run_call

        return self._client.submit(run_call, key, name, function, arguments, key=key, priority=1)

    def prepare(self, key: str, expected: Sequence[Any], function: str, worker: str) -> Any:
        """Let the worker at an address prepare trainings, see `run_ahead` in `task.py`.

        Return its `distributed.Future`.
        """
        from recsys.jobs.cluster.entry import run_ahead

        return self._client.submit(run_ahead, key, expected, function, key=key, workers=[worker])

    def addresses(self) -> list[str]:
        """Return where the workers of the embedded cluster listen; none of another cluster."""
        return [] if self._cluster is None else self._cluster.addresses()

    def ask_to_stop(self, key: str) -> None:
        """Set the event that stops the job with this key."""
        self._rpc("event_set", name=key)

    def workers(self) -> int:
        """Return the number of workers that are ready for jobs, and replace those that died.

        Raises:
            ClusterError: no workers can be started, or the scheduler has died.
            UnreachableError: another scheduler answers, which does not know the jobs.
        """
        if self._cluster is not None:
            self._cluster.supervise()
        known = self._rpc("identity", n_workers=0)
        if known["id"] != self._scheduler:
            raise UnreachableError("the Dask scheduler was started again")
        return int(known["n_workers"])

    def held_too_much(self) -> bool:
        """Return whether the last worker that died had reached its limit of memory."""
        return self._cluster is not None and self._cluster.held_too_much

    def grow(self, n_jobs: int) -> None:
        """Let the embedded cluster train as many jobs at once, as far as it may."""
        if self._cluster is not None:
            self._cluster.grow(n_jobs)

    def end_worker_of(self, key: str) -> bool:
        """Kill the worker that has this job; return False if it is not of the embedded cluster."""
        if self._cluster is None:
            return False
        for address, keys in self._rpc("processing", workers=None).items():
            if key in keys:
                self._cluster.end_worker(address)
        return True

    def close(self) -> None:
        """Disconnect, and end the cluster if it is the embedded one."""
        if self._client is not None:
            try:
                self._client.close(timeout=1)
            except Exception:
                # A client that has lost its scheduler raises many; it is not used again.
                logger.debug("closing the Dask client failed", exc_info=True)
        self.kill()

    def kill(self) -> None:
        """End the embedded cluster's processes at once. Any thread may call this."""
        if self._cluster is not None:
            self._cluster.close()

    def _warm_up(self) -> None:
        from recsys.jobs.cluster.entry import WarmUp

        try:
            self._client.register_plugin(WarmUp(self._modules))
        except Exception as error:  # a remote ImportError may arrive as a plain Exception
            if "No module named" not in str(error):
                raise
            raise ClusterError(
                f"Duet is not installed at {self._address}; its scheduler and its workers must "
                "be able to import recsys"
            ) from None

    def _rpc(self, call: str, **arguments: Any) -> Any:
        handler = getattr(self._client.scheduler, call)
        return self._client.sync(handler, callback_timeout=RPC_SECONDS, **arguments)
