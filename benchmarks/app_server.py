"""A server of its own for a measurement: a Streamlit app on a free port."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

START_SECONDS = 60


class Served(NamedTuple):
    """A running server: its address, `http://…`, and its process."""

    address: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def running(
    script: Path,
    environment: dict[str, str],
    log: Path = Path(os.devnull),
    port: int | None = None,
) -> Iterator[Served]:
    """Serve an app while the context lasts; what the server writes goes to `log`."""
    port = port or free_port()
    options = [f"--server.port={port}", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=script.parent, env=environment, stdout=output, stderr=output
        )
    served = Served(f"http://localhost:{port}", process)
    try:
        _wait_for(served)
        yield served
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(served: Served) -> None:
    end = time.monotonic() + START_SECONDS
    address = f"{served.address}/_stcore/health"
    while time.monotonic() < end and served.process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start; `make run` shows why")
