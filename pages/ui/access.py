"""Who may use the server: what stands before all that Streamlit answers, websockets included.

A request to a name that is not in `server.allowedHosts` is refused: a foreign page whose name is
made to lead here (DNS rebinding) could otherwise do all that a user can. Where RECSYS_PASSWORD_HASH
is set, nothing is shown, taken or told before the password is given.
"""

import os
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from secrets import token_bytes
from typing import Any
from urllib.parse import parse_qs, quote

import streamlit as st
from itsdangerous import BadSignature, TimestampSigner
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.ui.shell import Shell
from recsys.errors import DuetError
from recsys.home import close_to_others
from recsys.password import check_hash, matches

HASH = "RECSYS_PASSWORD_HASH"
COOKIE = "duet_access"
SESSION_SECONDS = 7 * 24 * 3600  # after which the password is asked for again
HEALTH = "/_stcore/health"  # for whatever watches the server; it says "ok" and nothing else
LONGEST_FORM = 4096  # bytes
# Wrong passwords within TRY_SECONDS, after which none is looked at: from one address, and in all,
# because whoever stands behind a proxy can claim any address.
TRIES, ALL_TRIES, TRY_SECONDS = 10, 100, 600.0
LOGIN = Path(__file__).with_name("login.html")
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
UNKNOWN_NAME = (
    "Duet does not answer to the name in this address. Use localhost, or start the server with "
    "--server.allowedHosts and that name.\n"
)


def middleware() -> list[Middleware]:
    """Return what each request passes before Streamlit sees it.

    Raises:
        SystemExit: RECSYS_PASSWORD_HASH cannot be used. The server must not start without it.
    """
    stack = [Middleware(HostCheck)]
    if hashed := os.environ.get(HASH):
        try:
            stack.append(Middleware(PasswordCheck, hashed=check_hash(hashed)))
        except DuetError as error:
            raise SystemExit(f"{HASH}: {error}") from None
    stack.append(Middleware(Shell))
    return stack


@asynccontextmanager
async def closing(_: Any) -> AsyncIterator[None]:
    """Close the lab's folders to others; start and end the job queue with the server."""
    close_to_others()
    from pages.ui import lab, preload  # now: their caches need a server that runs

    # In threads of their own: the server answers while accepted jobs are read from the disk.
    for work in (lab.start, preload.prepare):
        threading.Thread(target=work, name=f"duet-{work.__name__}", daemon=True).start()
    yield
    lab.close()


class HostCheck:
    """Refuses requests to other names than those in `server.allowedHosts`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        app = self._app
        if scope["type"] in ("http", "websocket"):
            host = HTTPConnection(scope).headers.get("host")
            if not is_host_allowed(host):
                app = PlainTextResponse(UNKNOWN_NAME, 400, NO_STORE)
        await app(scope, receive, send)


class PasswordCheck:
    """Asks for a password; who has given it has a signed cookie until the server is restarted."""

    def __init__(self, app: ASGIApp, hashed: str) -> None:
        self._app = app
        self._hashed = hashed
        self._signer = TimestampSigner(token_bytes(32))
        self._wrong: deque[tuple[float, str]] = deque()  # when, and from which address
        self._health = f"/{(st.get_option('server.baseUrlPath') or '').strip('/')}{HEALTH}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        app = self._app
        if scope["type"] in ("http", "websocket") and not self._may_pass(HTTPConnection(scope)):
            if scope["type"] == "http" and scope["method"] == "POST":
                app = await self._try(Request(scope, receive))
            else:
                app = _login(401)
        await app(scope, receive, send)

    def _may_pass(self, request: HTTPConnection) -> bool:
        if request.url.path == self._health.replace("//", "/"):
            return True
        try:
            cookie = request.cookies.get(COOKIE, "")
            self._signer.unsign(cookie.encode("latin-1"), max_age=SESSION_SECONDS)
        except (BadSignature, ValueError):
            return False
        return True

    async def _try(self, request: Request) -> Response:
        """Return the answer to a password: to the page asked for, or the question again."""
        address = request.client.host if request.client else ""
        if self._too_many(address):
            wait = f"Too many wrong passwords. Try again in {TRY_SECONDS / 60:.0f} minutes."
            return _login(429, wait)
        attempt = (time.monotonic(), address)
        self._wrong.append(attempt)  # before the slow part: tries side by side count too
        if not await run_in_threadpool(matches, await _password(request), self._hashed):
            return _login(401, "This is not the password.")
        self._wrong.remove(attempt)
        # One slash: two would begin the name of another server.
        target = "/" + quote(request.url.path.lstrip("/\\"))
        query = request.url.query
        answer = RedirectResponse(f"{target}?{query}" if query else target, 303, NO_STORE)
        answer.set_cookie(
            COOKIE,
            self._signer.sign("in").decode(),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    def _too_many(self, address: str) -> bool:
        while self._wrong and time.monotonic() - self._wrong[0][0] > TRY_SECONDS:
            self._wrong.popleft()
        from_here = sum(who == address for _, who in self._wrong)
        return from_here >= TRIES or len(self._wrong) >= ALL_TRIES


async def _password(request: Request) -> str:
    """Return the password in a form; an empty one if the form is too long or none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return ""
    try:
        return parse_qs(body.decode(), max_num_fields=4)["password"][0]
    except (ValueError, KeyError):
        return ""


def _login(status: int, problem: str = "") -> Response:
    page = LOGIN.read_text(encoding="utf-8").replace("<!--problem-->", escape(problem))
    return HTMLResponse(page, status, NO_STORE)
