"""The embedded cluster: a Dask scheduler and workers as child processes."""

import contextlib
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import psutil

from recsys.home import child_environment
from recsys.jobs.cluster.address import ClusterError, WorkerStartError
from recsys.jobs.cluster.certificate import make_certificate
from recsys.memory import TOO_MUCH, available_bytes

logger = logging.getLogger(__name__)

START_SECONDS = 60.0
GROW_AGAIN_SECONDS = 60.0  # after the system started no more processes
SUSPENDED_SECONDS = 4.0  # that a worker may be suspended
WORKER_BYTES = 2e9  # of memory must be there for each worker, beside others
MAX_FAILED_STARTS = 1  # workers in a row that may die before they are ready


class EmbeddedCluster:
    """A scheduler and workers as child processes, on 127.0.0.1 only, with TLS.

    They end when this process ends, even if it is killed. (Dask's own LocalCluster cannot be
    started from a Streamlit page: the processes it spawns would run the page again.)
    """

    def __init__(self, n_workers: int, modules: Sequence[str]) -> None:
        """Describe a cluster; `start` starts it.

        Args:
            n_workers: at most so many; the first one is started at once, the others by `grow`.
            modules: imported by the workers first.
        """
        self.address = ""
        self.certificate = ""  # see `certificate.security_of`
        self._n_workers = n_workers
        self._modules = modules
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []
        self._addresses: dict[int, str] = {}  # process id -> where it listens
        self._failed_starts = 0  # in a row
        self.held_too_much = False  # whether the last worker that died had reached its limit
        self._grow_at = 0.0  # not before then, on the monotonic clock
        self._suspended: dict[int, float] = {}  # process id -> since when
        self._closed = False
        self._spawning = threading.Lock()

    def start(self) -> str:
        """Start all processes and return the scheduler's address; the workers follow later.

        Raises:
            ClusterError: the scheduler does not start.
        """
        scheduler = self._spawn("scheduler")
        # At the same time: workers need the address only after importing their modules.
        worker = self._spawn("worker")
        self.certificate = make_certificate()  # imports Dask, as the scheduler does meanwhile
        _write_line(scheduler, self.certificate)
        self.address = _first_line(scheduler, START_SECONDS)
        if not self.address:
            self.close()
            raise ClusterError("the Dask scheduler does not start; the server's log says why")
        self._introduce(worker)
        return self.address

    def grow(self, n_jobs: int) -> None:
        """Start more workers, up to one for each of these jobs, as far as there is memory.

        A worker imports TensorFlow, which takes seconds of the processor, and memory. It stays.
        """
        missing = min(n_jobs, self._n_workers) - len(self._workers)
        if missing <= 0 or time.monotonic() < self._grow_at:
            return
        if available_bytes() < (len(self._workers) + missing) * WORKER_BYTES:
            return
        try:
            for _ in range(missing):
                self._introduce(self._spawn("worker"))
        except ClusterError as error:  # those that run can take the jobs
            if self._closed:
                raise
            self._grow_at = time.monotonic() + GROW_AGAIN_SECONDS
            logger.warning("%s", error)

    def supervise(self) -> None:
        """Replace workers that died, and those that have been suspended for some seconds.

        Raises:
            ClusterError: the scheduler died.
            WorkerStartError: workers die as soon as they are started.
        """
        if self._scheduler is None or self._scheduler.poll() is not None:
            raise ClusterError("the Dask scheduler has died")
        self._end_suspended()
        dead = [worker for worker in self._workers if worker.poll() is not None]
        for worker in dead:
            if self._closed:
                return
            logger.warning("a training process ended (exit code %s)", worker.returncode)
            self.held_too_much = worker.returncode == TOO_MUCH
            came_up = bool(self._address(worker))
            self._failed_starts = 0 if came_up else self._failed_starts + 1
            if self._failed_starts > MAX_FAILED_STARTS:
                raise WorkerStartError(
                    "the training process dies at its start; the server's log says why"
                )
            self._workers.remove(worker)
            self._addresses.pop(worker.pid, None)
            _close_pipes(worker)
            if self._workers:
                self.grow(len(self._workers) + 1)
            else:
                self._introduce(self._spawn("worker"))

    def addresses(self) -> list[str]:
        """Return where the workers that are ready listen."""
        return [address for worker in self._workers if (address := self._address(worker))]

    def end_worker(self, address: str) -> None:
        """Kill the worker at this address, because it does not answer; `supervise` replaces it."""
        for worker in self._workers:
            if self._address(worker) == address:
                worker.kill()
                worker.wait()

    def _end_suspended(self) -> None:
        """Kill workers that a signal has suspended: Dask would wait for them for ever."""
        now = time.monotonic()
        suspended = {worker.pid: worker for worker in self._workers if _is_suspended(worker)}
        self._suspended = {pid: self._suspended.get(pid, now) for pid in suspended}
        for pid, since in self._suspended.items():
            if now - since > SUSPENDED_SECONDS:
                suspended[pid].kill()
                suspended[pid].wait()

    def close(self) -> None:
        """End all processes. Any thread may call this; then no other one starts."""
        with self._spawning:
            self._closed = True
            children = [*self._workers, *([self._scheduler] if self._scheduler else [])]
        for child in children:
            child.kill()
        for child in children:
            child.wait()
            _close_pipes(child)

    def _address(self, worker: subprocess.Popen[bytes]) -> str:
        """Return where a worker listens; "" while it is not ready, or if it never was."""
        if worker.pid not in self._addresses and (line := _first_line(worker, 0.0)):
            self._addresses[worker.pid] = line
        return self._addresses.get(worker.pid, "")

    def _spawn(self, role: str) -> subprocess.Popen[bytes]:
        """Start the scheduler or a worker; raise a ClusterError once the cluster is closed."""
        with self._spawning:
            if self._closed:
                raise ClusterError("the training processes have been ended")
            if role == "scheduler":
                self._scheduler = _child(role)
                return self._scheduler
            self._workers.append(_child(role, *self._modules))
            return self._workers[-1]

    def _introduce(self, worker: subprocess.Popen[bytes]) -> None:
        _write_line(worker, self.certificate)
        _write_line(worker, self.address)


def _child(*arguments: str) -> subprocess.Popen[bytes]:
    """Start a process; raise a ClusterError if the system starts no more."""
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "recsys.jobs.cluster.process", *arguments],
            stdin=subprocess.PIPE,  # closed when this process ends; then the child ends too
            stdout=subprocess.PIPE,  # one line, when the child is ready
            env={"DASK_LOGGING__DISTRIBUTED": "warning", **child_environment()},
            start_new_session=True,  # Ctrl-C in the terminal reaches the server, which ends them
        )
    except OSError as error:  # e.g. as many processes as a container may have
        raise ClusterError(f"the training process cannot be started ({error.strerror})") from error


def _is_suspended(child: subprocess.Popen[bytes]) -> bool:
    try:
        return bool(psutil.Process(child.pid).status() == psutil.STATUS_STOPPED)
    except psutil.NoSuchProcess:
        return False


def _write_line(child: subprocess.Popen[bytes], line: str) -> None:
    assert child.stdin is not None
    # It has died, and supervise() replaces it; or close() has been called meanwhile.
    with contextlib.suppress(BrokenPipeError, ValueError):
        child.stdin.write(f"{line}\n".encode())
        child.stdin.flush()


def _first_line(child: subprocess.Popen[bytes], seconds: float) -> str:
    """Return the line that a child writes when it is ready; "" if there is none in time."""
    assert child.stdout is not None
    deadline = time.monotonic() + seconds
    line = b""
    while not line.endswith(b"\n"):
        if child.stdout.closed:  # by close(), in another thread
            return ""
        left = max(0.0, deadline - time.monotonic())
        if not select.select([child.stdout], [], [], left)[0]:
            return ""
        chunk = os.read(child.stdout.fileno(), 1024)
        if not chunk:
            return ""
        line += chunk
    return line.decode().strip()


def _close_pipes(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
