"""The embedded scheduler and worker: what `EmbeddedCluster` starts as child processes.

    python -m recsys.jobs.cluster.process scheduler
    python -m recsys.jobs.cluster.process worker MODULE ...

Both read the cluster's certificate from their standard input, one line. A worker imports its
modules, reads a second line, the scheduler's address, and registers. Both write their address to
standard output when they are ready, and listen on 127.0.0.1 only. They end when their standard
input is closed, so they never outlive the parent, even after a SIGKILL.
"""

import asyncio
import importlib
import os
import queue
import sys
import threading
from collections.abc import Sequence

import dask.config

from recsys.jobs.cluster.certificate import security_of
from recsys.model.start import stderr_held_back

HOST = "127.0.0.1"
WORKER_NICENESS = 5  # the pages come first when both need the processor


def main(argv: Sequence[str]) -> None:
    """Run a scheduler or a worker, until the parent ends."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_parent, args=(lines,), daemon=True).start()
    dask.config.set(
        {
            # Dask's web pages are not used; switched off, they need no protection.
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
            "distributed.worker.profile.enabled": False,
            # TensorFlow's tracing blocks the interpreter for seconds; a warning would not help.
            "distributed.admin.tick.limit": "60s",
            # A task is given up when two workers have died on it.
            "distributed.scheduler.allowed-failures": 1,
        }
    )
    ready = os.dup(1)
    os.dup2(2, 1)  # the output of libraries goes to the log
    role, *modules = argv
    if role == "scheduler":
        asyncio.run(_scheduler(lines.get(), ready))
        return
    os.nice(WORKER_NICENESS)
    # The worker registers only after this: until then it counts as starting.
    with stderr_held_back():
        for module in (*modules, "recsys.jobs.cluster.task"):
            importlib.import_module(module)
    asyncio.run(_worker(lines.get(), lines.get(), ready))


async def _scheduler(certificate: str, ready: int) -> None:
    from distributed import Scheduler

    async with Scheduler(
        host=HOST,
        port=0,
        protocol="tls",
        security=security_of(certificate),
        dashboard=False,
        dashboard_address=f"{HOST}:0",
    ) as scheduler:
        _write_ready(ready, scheduler.address)
        await scheduler.finished()


async def _worker(certificate: str, address: str, ready: int) -> None:
    from distributed import Worker

    async with Worker(
        address,
        host=HOST,
        security=security_of(certificate),
        nthreads=1,
        dashboard=False,
        dashboard_address=f"{HOST}:0",
        memory_limit=0,  # the trainings' memory is TensorFlow's, which Dask cannot spill
        death_timeout=10,
    ) as worker:
        _write_ready(ready, worker.address)
        await worker.finished()


def _write_ready(ready: int, address: str) -> None:
    os.write(ready, f"{address}\n".encode())
    os.close(ready)


def _read_parent(lines: "queue.SimpleQueue[str]") -> None:
    text = b""
    while chunk := os.read(0, 1024):  # not sys.stdin, whose lock would be held at exit
        *whole, text = (text + chunk).split(b"\n")
        for line in whole:
            lines.put(line.decode())
    os._exit(0)  # without waiting for the training thread, which may be deep in TensorFlow


if __name__ == "__main__":
    main(sys.argv[1:])
