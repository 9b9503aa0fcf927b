"""A real server and a real browser. Without a browser these tests are skipped, or fail where
DUET_REQUIRE_BROWSER is set."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect, sync_playwright

from recsys.data.library import import_csv
from recsys.data.tables import Dataset
from tests.browser.visits import presets_train_by_themselves
from tests.pages.small_lab import write_csv

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 180
PATIENCE = 120_000  # ms that a page may take on a busy machine

Serve = Callable[[], contextlib.AbstractContextManager[str]]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium or Chrome."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        reason = "no browser is installed: on Debian or Ubuntu, `apt-get install chromium`"
        if os.environ.get("DUET_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A running browser."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new window, in which no error of a page goes unseen."""
    faults: list[str] = []
    with _patient_window(browser) as window:
        window.on("pageerror", lambda error: faults.append(str(error)))
        yield window
    assert not faults, faults


@contextlib.contextmanager
def _patient_window(browser: Browser) -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


class Line:
    """The line from the server to a page. Held, it stands for a machine that answers slowly."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: list[tuple[WebSocketRoute, str | bytes]] | None = None
        page.route_web_socket(lambda url: "_stcore/stream" in url, self._connect)

    def _connect(self, receiver: WebSocketRoute) -> None:
        def answer(message: str | bytes) -> None:
            if self._held is None:
                receiver.send(message)
            else:
                self._held.append((receiver, message))

        receiver.connect_to_server().on_message(answer)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let the page send, but hear nothing until the end of this block."""
        self._held = []
        yield
        held, self._held = self._held, None
        for receiver, message in held:
            receiver.send(message)

    def wait_for(self, text: str) -> None:
        """Wait until an answer with this text is held."""
        end = time.monotonic() + PATIENCE / 1000
        while not any(text.encode() in message for _, message in self._held):
            assert time.monotonic() < end, f"no answer with {text}"
            self._page.wait_for_timeout(50)


@pytest.fixture
def line(page: Page) -> Line:
    """The line to the pages opened after this."""
    return Line(page)


@pytest.fixture
def browser_data(tmp_path: Path) -> Dataset:
    """The small data set in the home of `serve`."""
    return _import_data(tmp_path)


@pytest.fixture
def serve(tmp_path: Path, browser_data: Dataset) -> Serve:
    """Start a server on a home of its own with a small data set: `with serve() as address:`."""
    return lambda: _served(tmp_path, browser_data)


@pytest.fixture(scope="session")
def home_with_presets(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """A home in which a new lab has trained all that it trains by itself."""
    folder = tmp_path_factory.mktemp("presets")
    with _served(folder, _import_data(folder)) as address, _patient_window(browser) as window:
        presets_train_by_themselves(window, address)
    return folder / "home"


@pytest.fixture
def trained_presets(home_with_presets: Path, tmp_path: Path, browser_data: Dataset) -> None:
    """In the home of `serve` all is trained that a new lab trains by itself."""
    shutil.copytree(home_with_presets, tmp_path / "home", dirs_exist_ok=True)


def _import_data(folder: Path) -> Dataset:
    """Take a small data set into the lab at `folder`/home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(folder / "home"))
        ratings, movies = write_csv(folder)
        return import_csv(ratings, movies=movies)


@contextlib.contextmanager
def _served(folder: Path, data: Dataset) -> Iterator[str]:
    """Start a server on the lab at `folder`/home; give its address."""
    environment = {"RECSYS_HOME": str(folder / "home"), "RECSYS_DATA": data.name}
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    log = folder / f"server-{port}.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://localhost:{port}/_stcore/health", server, log)
        yield f"http://localhost:{port}"
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        server.terminate()
        server.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
            return
        time.sleep(0.1)
    pytest.fail(f"the server did not start:\n{log.read_text()}")
