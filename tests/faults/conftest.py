"""Busy processes beside the fault tests: as many as `DUET_BUSY` says, none without it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

SPIN = "while True: pass"


@pytest.fixture(scope="session", autouse=True)
def busy_processes() -> Iterator[None]:
    """Keep the cores busy until the tests have ended."""
    wanted = int(os.environ.get("DUET_BUSY") or 0)
    running = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(wanted)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
