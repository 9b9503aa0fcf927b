"""The server as `make run` starts it, seen from outside: what is open, and to whom."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest, InstallSkillsRequestPayload

from recsys.password import hash_password
from tests.faults.results import record
from tests.outside import ROOT, START_SECONDS, Server, started
from tests.pages.small_lab import write_csv

UPLOADED = 256 << 20  # bytes
EVIL = "evil.example"
PASSWORD = "a long, secret password + &"
PATHS = (
    "/",
    "/Train?run=x",
    "/_stcore/health",
    "/_stcore/metrics",
    "/_stcore/host-config",
    "/_stcore/agent/openapi.json",
    "/_stcore/upload_file/session/file",
    "/_stcore/bidi-components/x",
    "/component/x",
    "/media/x.csv",
    "/static/index.js",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with a small data set."""
    folder = tmp_path_factory.mktemp("server")
    from recsys.data.library import import_csv

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(folder / "home"))
        ratings, movies = write_csv(folder)
        data = import_csv(ratings, movies=movies).name
    with started(folder / "home", env={"RECSYS_DATA": data}) as running:
        yield running


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a password, and with uploads of at most 1 MB."""
    home = tmp_path_factory.mktemp("locked") / "home"
    hashed = {"RECSYS_PASSWORD_HASH": hash_password(PASSWORD)}
    with started(home, "--server.maxUploadSize=1", env=hashed) as running:
        yield running


# Addresses


@pytest.mark.skipif(sys.platform != "linux", reason="only there is 127.0.0.2 a local address")
def test_server_listens_on_127_0_0_1_only(server: Server) -> None:
    # A server on all interfaces would answer here too.
    own = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and address.address != "127.0.0.1"
    ]
    others = ["127.0.0.2", "::1", *own]
    assert [other for other in others if answers(other, server.port)] == []
    record(
        "Closed by default: addresses of the machine that answer, of those tried",
        f"1 (127.0.0.1) of {len(others) + 1}",
    )


def answers(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=5):
        return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads the connections of other processes")
def test_all_that_the_server_and_its_workers_listen_on_is_loopback(server: Server) -> None:
    with server.page() as visitor:  # the first page starts the scheduler and the worker
        visitor.until("script_finished")
    process = psutil.Process(server.process.pid)
    end = time.monotonic() + 120
    while len(found := list(listening(process))) < 3 and time.monotonic() < end:
        time.sleep(0.5)
    assert len(found) >= 3  # the server, Dask's scheduler and worker
    assert {address for address, _ in found} == {"127.0.0.1"}
    record("Closed by default: listening sockets not on 127.0.0.1", f"0 of {len(found)}")


def listening(process: psutil.Process) -> Iterator[tuple[str, int]]:
    for one in [process, *process.children(recursive=True)]:
        for connection in one.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                yield tuple(connection.laddr)


# Names: DNS rebinding


@pytest.mark.parametrize("path", PATHS)
def test_another_name_is_refused_everywhere(server: Server, path: str) -> None:
    for method in ("GET", "PUT", "POST", "OPTIONS"):
        answer = server.ask(path, method, headers={"Host": f"{EVIL}:{server.port}"})
        assert (answer.status_code, "allowedHosts" in answer.text) == (400, True)
        assert not answer.cookies
    assert server.ask(path, headers={"Host": f"localhost:{server.port}"}).status_code != 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:1", 200),
        ("LOCALHOST", 200),
        ("[::1]:8501", 200),
        ("", 400),
        (f"localhost.{EVIL}", 400),
        (f"localhost@{EVIL}", 400),
        (f"{EVIL}#localhost", 400),
        ("127.0.0.1.nip.io", 400),
        ("0.0.0.0", 400),
        ("localhost:x", 400),
    ],
)
def test_only_known_names_are_answered(server: Server, host: str, status: int) -> None:
    assert server.ask("/", headers={"Host": host}).status_code == status


def test_websocket_is_refused_to_other_names_and_pages(server: Server) -> None:
    own = f"localhost:{server.port}"
    assert server.handshake(Host=own, Origin=f"http://{own}") == 101
    for headers in (
        {"Host": EVIL, "Origin": f"http://{EVIL}"},  # rebound
        {"Host": f"{EVIL}:{server.port}"},
        {"Host": own, "Origin": f"http://{EVIL}"},  # another page of the same browser
        {"Host": own, "Origin": f"http://localhost.{EVIL}"},
        {"Host": own, "Origin": f"http://{EVIL}:{server.port}"},
        {"Host": own, "Origin": "null"},  # a sandboxed frame
    ):
        assert server.handshake(**headers) in (400, 403), headers


# Other pages: CORS and XSRF


@pytest.mark.parametrize("path", PATHS)
def test_other_pages_may_not_read_an_answer(server: Server, path: str) -> None:
    for origin in (f"http://{EVIL}", "null"):
        for method in ("GET", "OPTIONS"):
            answer = server.ask(path, method, headers={"Origin": origin})
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert allowed in (None, f"http://localhost:{server.port}")


def test_upload_needs_the_token_of_the_page(server: Server) -> None:
    with server.page() as visitor:
        visitor.until("new_session")
        path = f"/_stcore/upload_file/{visitor.session}/file"
        files = {"file": ("x.csv", b"a,b\n")}
        token = server.ask("/_stcore/health").cookies["_streamlit_xsrf"]
        cookie = {"_streamlit_xsrf": token}

        def upload(cookies: dict[str, str], headers: dict[str, str], to: str = path) -> int:
            return server.ask(to, "PUT", files=files, cookies=cookies, headers=headers).status_code

        assert upload({}, {}) == 403
        assert upload(cookie, {}) == 403
        assert upload({}, {"X-Xsrftoken": token}) == 403
        version, mask, _, created = token.split("|")
        other = "|".join([version, mask, "0" * 32, created])
        assert upload(cookie, {"X-Xsrftoken": other}) == 403
        assert server.ask(path, "DELETE", cookies=cookie).status_code == 403
        assert upload(cookie, {"X-Xsrftoken": token}) == 204
        assert upload(cookie, {"X-Xsrftoken": token}, "/_stcore/upload_file/other/file") == 400
        too_long = {"X-Xsrftoken": token, "Content-Length": str(401 << 20)}
        assert server.ask(path, "PUT", cookies=cookie, headers=too_long).status_code == 413


def test_no_path_leads_out_of_the_app(server: Server) -> None:
    secret = server.home / "secret.txt"
    secret.write_text("a secret")
    inside = os.path.relpath(secret, ROOT)
    for start in ("/", "/media/", "/component/", "/static/", "/app/static/", "/_stcore/"):
        for path in (inside, str(secret), inside.replace("..", "%2e%2e"), f"..%2f{secret}"):
            assert "a secret" not in server.ask(start + path).text
    assert "import streamlit" not in server.ask("/app.py").text


# Messages of a stranger over the websocket


def test_no_message_drops_the_job_queue_or_writes_into_the_checkout(server: Server) -> None:
    files = checkout_files()
    with server.page() as visitor:
        visitor.until("script_finished")  # it has asked for the three presets
        process = psutil.Process(server.process.pid)
        end = time.monotonic() + 120
        while len(before := process.children(recursive=True)) < 2 and time.monotonic() < end:
            time.sleep(0.2)
        journal = sorted((server.home / "jobs").iterdir())
        assert len(before) >= 2
        assert len(journal) == 1
        for _ in range(3):
            visitor.send(clear_cache=True)
            visitor.send(set_run_on_save=True)
            visitor.send(load_git_info=True)
            visitor.send(debug_shutdown_runtime=True)
            visitor.send(debug_disconnect_websocket=True)
            skills = BackendOperationRequest(install_skills=InstallSkillsRequestPayload())
            visitor.send(backend_operation_request=skills)
            visitor.send(stop_script=True)
        visitor.send(rerun_script={"query_string": ""})
        visitor.until("script_finished")
    with server.page() as other:
        other.until("script_finished")
    assert all(child.is_running() for child in before)
    assert sorted((server.home / "jobs").iterdir()) == journal
    assert checkout_files() == files
    record("Closed by default: job queues lost to 21 messages of a stranger", "0")


def checkout_files() -> set[Path]:
    return {
        path
        for path in (*ROOT.glob("*"), *ROOT.glob(".*"), *ROOT.glob(".*/*"), *ROOT.glob(".*/*/*"))
        if ".git" not in path.parts and ".venv" not in path.parts and "cache" not in str(path)
    }


def test_files_of_the_lab_can_be_read_by_their_owner_only(server: Server) -> None:
    with server.page() as visitor:
        visitor.until("script_finished")
    found = [server.home, *server.home.rglob("*")]
    wrong = {str(path): oct(mode(path)) for path in found if mode(path) & 0o077}
    wrong.pop(str(server.home / "secret.txt"), None)
    assert wrong == {}
    record("Closed by default: files and folders of a lab that others can read", "0")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# The password


def cookies_of(server: Server, password: str, path: str = "/") -> requests.Response:
    return server.ask(path, "POST", data={"password": password})


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_answered_without_the_password(locked: Server, path: str) -> None:
    if path == "/_stcore/health":
        assert locked.ask(path).text == "ok"  # for what watches the server
        return
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        for cookies in ({}, {"duet_access": "in"}, {"duet_access": "in.aaaa.bbbb"}):
            answer = locked.ask(path, method, cookies=cookies, data=b"x" * 100)
            assert answer.status_code == 401
            assert answer.headers["Cache-Control"] == "no-store"
            assert not answer.cookies
            assert "streamlit" not in answer.text.lower()


def test_websocket_is_closed_without_the_password(locked: Server) -> None:
    own = f"localhost:{locked.port}"
    assert locked.handshake(Host=own, Origin=f"http://{own}") == 401


def test_password_opens_the_page_asked_for(locked: Server) -> None:
    answer = cookies_of(locked, PASSWORD, "/Train?run=a%20b&x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/Train?run=a%20b&x=1")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    known = dict(answer.cookies)
    assert "streamlit" in locked.ask("/Train", cookies=known).text.lower()
    with locked.page(Cookie=f"duet_access={known['duet_access']}") as visitor:
        visitor.until("new_session")
        assert visitor.session
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["run"] == ["a b"]


@pytest.mark.parametrize("path", [f"//{EVIL}/x", f"/%5c{EVIL}", f"/\\{EVIL}", f"///{EVIL}", "//"])
def test_password_leads_to_no_other_server(locked: Server, path: str) -> None:
    target = cookies_of(locked, PASSWORD, path).headers["Location"]
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\", "/%5c", "/%5C"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of the memory in /proc")
def test_upload_beyond_the_limit_is_not_kept_in_memory(locked: Server) -> None:
    known = dict(cookies_of(locked, PASSWORD).cookies)
    token = locked.ask("/_stcore/health", cookies=known).cookies["_streamlit_xsrf"]
    with locked.page(Cookie=f"duet_access={known['duet_access']}") as visitor:
        visitor.until("script_finished")
        before = peak_mb(locked)
        with contextlib.suppress(requests.ConnectionError):  # it has hung up
            answer = locked.ask(
                f"/_stcore/upload_file/{visitor.session}/file",
                "PUT",
                data=endless_file(UPLOADED),  # a generator: without Content-Length
                cookies=known | {"_streamlit_xsrf": token},
                headers={"X-Xsrftoken": token, "Content-Type": "multipart/form-data; boundary=x"},
            )
            assert answer.status_code == 413
        grown = peak_mb(locked) - before
    assert grown < 64
    record(
        "Closed by default: memory that an upload of 256 MB takes where 1 MB is allowed",
        f"{grown:.0f} MB",
    )


def endless_file(n_bytes: int) -> Iterator[bytes]:
    head = 'Content-Disposition: form-data; name="file"; filename="x.csv"'
    yield f"--x\r\n{head}\r\n\r\n".encode()
    for _ in range(n_bytes >> 16):
        yield bytes(1 << 16)


def peak_mb(server: Server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def test_server_does_not_start_with_a_hash_that_is_none(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.port=0"],
        env={**os.environ, "RECSYS_HOME": str(tmp_path), "RECSYS_PASSWORD_HASH": "hunter2"},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert ended.returncode != 0
    assert "RECSYS_PASSWORD_HASH: not the hash of a password" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_wrong_passwords_are_counted_and_refused(locked: Server) -> None:
    """Last, because it locks this machine out."""
    opened = dict(cookies_of(locked, PASSWORD).cookies)
    answers = [cookies_of(locked, wrong).status_code for wrong in ("", "x" * 10_000, *"abcdefghi")]
    assert answers == [401] * 10 + [429]
    assert cookies_of(locked, PASSWORD).status_code == 429  # the right one is no longer looked at
    assert locked.ask("/", cookies=opened).status_code == 200  # who is in stays in
    record("Closed by default: wrong passwords looked at, of an address in ten minutes", "10")
