"""A cluster of several machines, here on one: certificates, scheduler and workers by command."""

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from stub_training import config

from recsys.jobs.board import JobState
from recsys.jobs.cluster.address import CERTIFICATES, ClusterError, check_address
from recsys.jobs.cluster.authority import CertificateError, certificates_in, make_certificates
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.cli.command_line import run
from tests.jobs.tiny_lab import STUB, TESTS, finish, submit, wait_until

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"), [HOST, "lab.example"])


def free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


@contextmanager
def duet(*arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": str(TESTS), "DASK_LOGGING__DISTRIBUTED": "error"}
    process = subprocess.Popen(
        [sys.executable, "-m", "recsys", *map(str, arguments)],
        env=environment,
        cwd=TESTS.parent,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()  # a worker ends its child too
        process.wait(30)


def test_runs_are_trained_by_a_worker_that_joined_with_a_certificate(home, made, tmp_path) -> None:
    port = free_port()
    address = f"tls://{HOST}:{port}"
    with (
        pytest.MonkeyPatch.context() as patch,
        duet("scheduler", "--certificates", made["server"], "--port", port) as scheduler,
    ):
        patch.setenv(CERTIFICATES, str(made["client"]))
        wait_until(lambda: answers(port))
        with duet("worker", "--scheduler", address, "--certificates", made["server"]) as worker:
            queue = JobQueue(RunStore(tmp_path / "runs"), address, train=STUB)
            job = finish(queue, submit(queue, config()))
            open_ports = ports_for_other_machines(scheduler.pid, worker.pid)
            unencrypted = [port for port in open_ports if answers_plain_text(port)]
            queue.close()
    assert (job.state, job.error) == (JobState.FINISHED, None)
    assert port in open_ports
    assert len(open_ports) >= 2  # the worker's too
    assert unencrypted == []


def ports_for_other_machines(*ids: int) -> set[int]:
    """Return the ports on which processes and their children listen, not only on 127.0.0.1."""
    processes = [psutil.Process(one) for one in ids]
    processes += [child for one in processes for child in one.children(recursive=True)]
    return {
        found.laddr.port
        for process in processes
        for found in process.net_connections("inet")
        if found.status == psutil.CONN_LISTEN and found.laddr.ip != HOST
    }


def answers_plain_text(port: int) -> bool:
    with socket.create_connection((HOST, port), timeout=10) as one:
        one.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            return b"HTTP/" in one.recv(100)
        except OSError:
            return False


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex((HOST, port)) == 0


@pytest.mark.parametrize(
    ("server", "client", "agree"),
    [("server", "client", True), ("server", "server", True), ("client", "client", False)],
)
def test_a_client_certificate_cannot_pose_as_a_scheduler(made, server, client, agree) -> None:
    assert handshake(made[server], made[client]) == agree


def test_certificates_of_another_authority_are_refused(made, tmp_path) -> None:
    other = make_certificates(tmp_path)
    assert not handshake(made["server"], other["client"])
    assert not handshake(other["server"], made["client"])


def handshake(server: Path, client: Path) -> bool:
    """Return whether both sides accept each other's certificate, as Dask asks for it."""
    sides = []
    for folder, purpose in ((server, ssl.Purpose.CLIENT_AUTH), (client, ssl.Purpose.SERVER_AUTH)):
        ca, certificate, key = certificates_in(folder)
        context = ssl.create_default_context(purpose, cafile=str(ca))
        context.verify_mode, context.check_hostname = ssl.CERT_REQUIRED, False
        context.load_cert_chain(certificate, key)
        sides.append(context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        sides[0].wrap_bio(to_server, to_client, server_side=True),
        sides[1].wrap_bio(to_client, to_server),
    ]
    waiting = list(ends)
    for _ in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return False
    return not waiting


def test_keys_are_for_their_owner_and_nothing_is_replaced(tmp_path) -> None:
    folder = tmp_path / "made"
    result = run("certificates", folder, "--host", "lab.example", "--json")
    assert result.code == 0
    keys = [file for path in result.json.values() for file in Path(path).glob("key.pem")]
    assert len(keys) == 3
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}
    before = keys[0].read_bytes()
    again = run("certificates", folder)
    assert again.code == 2
    assert "choose another folder" in again.err
    assert keys[0].read_bytes() == before


def test_commands_say_what_to_do_with_wrong_options(made, tmp_path, monkeypatch) -> None:
    nowhere = tmp_path / "nowhere"
    for arguments, reason in (
        (("scheduler", "--certificates", nowhere), "there is no ca.pem"),
        (("scheduler", "--certificates", made["server"], "--port", 70000), "0 to 65535"),
        (("worker", "--scheduler", "tcp://a:1", "--certificates", made["server"]), "tls://HOST"),
        (("worker", "--scheduler", "tls://a:b", "--certificates", made["server"]), "tls://HOST"),
        (("certificates", tmp_path / "x", "--host", "ü" * 300), "not the name"),
    ):
        result = run(*arguments)
        assert result.code == 2, arguments
        assert reason in result.err
        assert len(result.err.splitlines()) == 1
    with pytest.raises(CertificateError, match="no cert\\.pem"):
        certificates_in(made["authority"])
    monkeypatch.setenv(CERTIFICATES, str(nowhere))
    with pytest.raises(ClusterError, match=CERTIFICATES):
        check_address("tls://lab.example:8786")
