"""The embedded scheduler and worker: what `EmbeddedCluster` starts as child processes.

    python -m recsys.cluster.process scheduler
    python -m recsys.cluster.process worker MODULE ...

A worker imports the modules, reads the scheduler's address from its standard input and registers.
Both write their address to standard output when they are ready, listen on 127.0.0.1 only, and end
when their standard input does: however the parent ends, even by SIGKILL, nothing is left behind.
"""

import asyncio
import importlib
import os
import queue
import sys
import threading
from collections.abc import Sequence

import dask.config

from recsys.model.start import stderr_held_back

HOST = "127.0.0.1"
# Gives way to the pages when both want the processor.
WORKER_NICENESS = 5


def main(argv: Sequence[str]) -> None:
    """Run a scheduler or a worker, until the parent ends."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_parent, args=(lines,), daemon=True).start()
    dask.config.set(
        {
            # Dask's web pages are not used: what is not served needs no protection.
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "distributed.worker.profile.enabled": False,
            # TensorFlow's tracing holds the interpreter for seconds: nothing to warn of.
            "distributed.admin.tick.limit": "60s",
            # A task that took two workers with it is given up.
            "distributed.scheduler.allowed-failures": 1,
        }
    )
    ready = os.dup(1)
    os.dup2(2, 1)  # what libraries print goes to the log
    role, *modules = argv
    if role == "scheduler":
        asyncio.run(_scheduler(ready))
        return
    os.nice(WORKER_NICENESS)
    # Registering only after this, a worker counts as starting until it can train at once.
    with stderr_held_back():
        for module in (*modules, "recsys.cluster.task"):
            importlib.import_module(module)
    asyncio.run(_worker(lines.get(), ready))


async def _scheduler(ready: int) -> None:
    from distributed import Scheduler

    async with Scheduler(
        host=HOST, port=0, dashboard=False, dashboard_address=f"{HOST}:0"
    ) as scheduler:
        _tell(ready, scheduler.address)
        await scheduler.finished()


async def _worker(address: str, ready: int) -> None:
    from distributed import Worker

    async with Worker(
        address,
        host=HOST,
        nthreads=1,
        dashboard=False,
        dashboard_address=f"{HOST}:0",
        memory_limit=0,  # the trainings' memory is TensorFlow's, which Dask cannot spill
        death_timeout=10,
    ) as worker:
        _tell(ready, worker.address)
        await worker.finished()


def _tell(ready: int, address: str) -> None:
    os.write(ready, f"{address}\n".encode())
    os.close(ready)


def _read_parent(lines: "queue.SimpleQueue[str]") -> None:
    text = b""
    while chunk := os.read(0, 1024):  # not sys.stdin, whose lock would be held at exit
        *whole, text = (text + chunk).split(b"\n")
        for line in whole:
            lines.put(line.decode())
    os._exit(0)  # the training thread may be deep in TensorFlow: nothing to wait for


if __name__ == "__main__":
    main(sys.argv[1:])
