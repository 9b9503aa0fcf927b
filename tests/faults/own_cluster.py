"""A cluster as README.md describes it, on this machine."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


class OwnCluster:
    """Processes of `duet scheduler` and `duet worker`. Use it as a context."""

    def __init__(self, folder: Path) -> None:
        self.certificates = folder / "certificates"
        root = os.pathsep.join([str(TESTS.parent), str(TESTS)])
        self._environment = os.environ | {"PYTHONPATH": root, "RECSYS_HOME": str(folder / "home")}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"tls://127.0.0.1:{self.port}"
        self._run("certificates", str(self.certificates), "--host", "127.0.0.1").wait()
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "OwnCluster":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()  # a worker ends its child too
            process.wait(30)

    def scheduler(self) -> subprocess.Popen[bytes]:
        place = ["--host", "127.0.0.1", "--port", str(self.port)]
        return self._member("scheduler", *place)

    def worker(self) -> subprocess.Popen[bytes]:
        return self._member("worker", "--scheduler", self.address)

    def _member(self, *command: str) -> subprocess.Popen[bytes]:
        process = self._run(*command, "--certificates", str(self.certificates / "server"))
        self._processes.append(process)
        return process

    def _run(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "recsys", *arguments]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            command, env=self._environment, stdout=quiet, stderr=quiet, start_new_session=True
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
