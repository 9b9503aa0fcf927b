"""The embedded cluster: a Dask scheduler and workers as child processes."""

import contextlib
import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from recsys.cluster.address import ClusterError

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60.0
QUICK_DEATHS = 2  # a worker that dies so often before it registers will not come up at all


class EmbeddedCluster:
    """A scheduler and workers as child processes, on 127.0.0.1 only.

    They end with this process, however it ends. (Dask's own LocalCluster cannot be started from
    a Streamlit page: the processes it spawns would run the page again.)
    """

    def __init__(self, n_workers: int, modules: Sequence[str]) -> None:
        """Describe a cluster whose workers import `modules` first; `start` starts it."""
        self.address = ""
        self._n_workers = n_workers
        self._modules = modules
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []
        self._deaths = 0
        self._closed = False

    def start(self) -> str:
        """Start all processes and return the scheduler's address; the workers follow later.

        Raises:
            ClusterError: the scheduler does not start.
        """
        self._scheduler = _child("scheduler", stdout=subprocess.PIPE)
        # Side by side: the workers need the address only when they have imported their modules.
        self._workers = [self._start_worker() for _ in range(self._n_workers)]
        self.address = _first_line(self._scheduler)
        if not self.address:
            self.close()
            raise ClusterError("the Dask scheduler does not start; the server's log says why")
        for worker in self._workers:
            _write_line(worker, self.address)
        if self._closed:  # while it started
            self.close()
        return self.address

    def supervise(self, registered: int) -> bool:
        """Replace workers that died, and return whether any did.

        Args:
            registered: the number of workers that the scheduler knows.

        Raises:
            ClusterError: the scheduler died, or workers die as soon as they are started.
        """
        if self._scheduler is None or self._scheduler.poll() is not None:
            raise ClusterError("the Dask scheduler has died")
        if registered:
            self._deaths = 0
        dead = [worker for worker in self._workers if worker.poll() is not None]
        if not dead or self._closed:
            return False
        codes = ", ".join(str(worker.returncode) for worker in dead)
        logger.warning("a training process ended (exit code %s); starting another", codes)
        self._deaths += len(dead)
        if self._deaths > QUICK_DEATHS:
            raise ClusterError("the training process dies at its start; the server's log says why")
        new = [self._start_worker() for _ in dead]
        for worker in new:
            _write_line(worker, self.address)
        self._workers = [worker for worker in self._workers if worker not in dead] + new
        return True

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        children = [*self._workers, *([self._scheduler] if self._scheduler else [])]
        for child in children:
            child.kill()
        for child in children:
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _start_worker(self) -> subprocess.Popen[bytes]:
        # Standard output belongs to whoever started this process (`--json`): log to stderr.
        return _child("worker", *self._modules, stdout=2)


def _child(*arguments: str, stdout: int) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", "recsys.cluster.process", *arguments],
        stdin=subprocess.PIPE,  # its end tells the child that this process ended
        stdout=stdout,
        env={"DASK_LOGGING__DISTRIBUTED": "warning", **os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C in the terminal is for the server, which ends them
    )


def _write_line(child: subprocess.Popen[bytes], line: str) -> None:
    assert child.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it has died: supervise() sees that
        child.stdin.write(f"{line}\n".encode())
        child.stdin.flush()


def _first_line(child: subprocess.Popen[bytes]) -> str:
    assert child.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([child.stdout], [], [], left)[0]:
            return ""
        chunk = os.read(child.stdout.fileno(), 1024)
        if not chunk:
            return ""
        line += chunk
    return line.decode().strip()
