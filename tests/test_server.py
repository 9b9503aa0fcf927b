"""The server as `make run` starts it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 120


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a running server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free: int = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), f"--server.port={free}"],
        cwd=tmp_path,  # the settings are found beside the app, not in the current folder
        env={**os.environ, "RECSYS_HOME": str(tmp_path / "home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{free}/_stcore/health", server)
        yield free
    finally:
        server.kill()
        server.wait()


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server does not start")


@pytest.mark.skipif(sys.platform != "linux", reason="only there is 127.0.0.2 a local address")
def test_server_listens_on_127_0_0_1_only(port: int) -> None:
    # A server on all interfaces would answer here too.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)
