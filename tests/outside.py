"""The server as `make run` starts it, and a visitor who speaks to it over the network only."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS, PAGE_SECONDS = 180, 240
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


class Server:
    """A running server: its port, its process and its home folder."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], home: Path) -> None:
        self.port, self.process, self.home = port, process, home
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        """Return the answer to a request; redirects are not followed."""
        options = {"timeout": 60, "allow_redirects": False} | options
        return requests.request(method, self.address + path, **options)

    def handshake(self, **headers: str) -> int:
        """Return the status with which the websocket answers; 101 means that it is open."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.ask("/_stcore/stream", headers=UPGRADE | names, stream=True) as answer:
            return answer.status_code

    @contextlib.contextmanager
    def page(self, query: str = "", **headers: str) -> Iterator["Visitor"]:
        """Open a page, as a browser does."""
        address = f"ws://localhost:{self.port}/_stcore/stream"
        with connect(address, additional_headers=headers, max_size=None) as line:
            visitor = Visitor(line)
            visitor.send(rerun_script=ClientState(query_string=query))
            yield visitor


class Visitor:
    """One open page."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        self.session = ""

    def send(self, **message: Any) -> None:
        self.line.send(BackMsg(**message).SerializeToString())

    def until(self, kind: str) -> ForwardMsg:
        """Return the next message of a kind."""
        end = time.monotonic() + PAGE_SECONDS
        while time.monotonic() < end:
            message = ForwardMsg.FromString(self.line.recv(timeout=PAGE_SECONDS))
            if message.HasField("new_session"):
                self.session = message.new_session.initialize.session_id
            if message.WhichOneof("type") == kind:
                return message
        raise AssertionError(f"no {kind}")


@contextlib.contextmanager
def started(
    home: Path, *flags: str, env: Mapping[str, str] = {}, script: Path = ROOT / "app.py"
) -> Iterator[Server]:
    """Start a server on a home folder, in a folder that is not that of the app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    log = home.with_suffix(".log")
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, f"--server.port={port}", *flags],
            cwd=home.parent,
            env={**os.environ, "RECSYS_HOME": str(home), **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield Server(port, process, home)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server does not start:\n{log.read_text()}")
