"""The HTML that a page begins as: Streamlit's own, with what brings the page sooner.

Streamlit's code in the browser fetches the code of each kind of element when it is to draw the
first one, and of what that imports after it. And on any page but Home it first asks for the server
below the page's own address, and above only once the answer was no. Here the HTML names both.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Kinds of elements on the first screen of each page, by its name in the address: the names of
# Streamlit's files.
ALL = ("BidiComponent", "Button", "PageLink")
INPUTS = ("ButtonGroup", "Selectbox")
ELEMENTS = {
    "": ("DataFrame",),
    "Train": (*INPUTS, "Checkbox", "Slider"),
    "Trade-off": INPUTS,
    "Compare": (*INPUTS, "Checkbox", "DataFrame", "DownloadButton"),
    "Recommend": (*INPUTS, "DownloadButton", "Multiselect", "Slider"),
    "New_user": ("DownloadButton", "Multiselect", "Selectbox"),
    "Movie_map": INPUTS,
}
STATIC = Path(st.__file__).with_name("static")
SCRIPTS = STATIC / "static" / "js"
IMPORT = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
START = b'<script type="module"'  # of Streamlit's code
# The server is one level above the page. `__streamlit` is what Streamlit reads for an app whose
# server is elsewhere; it waits for no answer to find out.
SERVER = """<script>{{
  const {{ origin, pathname }} = location, name = {name};
  if (pathname.endsWith("/" + name))
    window.__streamlit = {{ BACKEND_BASE_URL: origin + pathname.slice(0, -name.length) }};
}}</script>
"""
CONDITIONS = (b"if-none-match", b"if-modified-since", b"accept-encoding")
VALIDATORS = ("etag", "last-modified")


class Shell:
    """Adds to the HTML of each page of the lab; passes on everything else as it is."""

    def __init__(self, app: ASGIApp) -> None:
        """Read Streamlit's files, once."""
        self._app = app
        self._heads = {name: head(name) for name in ELEMENTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add to the answer if it is a page."""
        name = scope["path"].rstrip("/").rpartition("/")[2] if scope["type"] == "http" else None
        if name not in self._heads or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        # The whole file, as it is: what the browser has of it may lack what is added here.
        headers = [pair for pair in scope["headers"] if pair[0] not in CONDITIONS]
        answer = _Answer(self._heads[name], send)
        await self._app({**scope, "headers": headers}, receive, answer.send)


class _Answer:
    """An answer that is sent on once all of it is there, with the head added."""

    def __init__(self, added: bytes, send: Send) -> None:
        self._added, self._send = added, send
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body" or not self._is_page():
            await self._send_start()
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._body.replace(START, self._added + START, 1)
        headers = MutableHeaders(raw=list(self._start["headers"]))
        headers["content-length"] = str(len(body))
        for name in VALIDATORS:
            if name in headers:
                del headers[name]
        self._start = {**self._start, "headers": headers.raw}
        await self._send_start()
        await self._send({"type": "http.response.body", "body": body})

    def _is_page(self) -> bool:
        headers = Headers(raw=self._start.get("headers", []))
        is_html = headers.get("content-type", "").startswith("text/html")
        return is_html and "content-encoding" not in headers

    async def _send_start(self) -> None:
        start, self._start = self._start, {}
        if start:
            await self._send(start)


def head(page: str) -> bytes:
    """Return what is added to the HTML of a page, named as in the address; "" is Home."""
    links = [
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">'
        for name in scripts((*ALL, *ELEMENTS[page]))
    ]
    server = SERVER.format(name=json.dumps(page)) if page else ""
    return (server + "\n".join(links) + "\n").encode()


def scripts(elements: Iterable[str]) -> list[str]:
    """Return the files of these kinds of elements, and those that they import.

    Without what Streamlit's HTML names already, and without kinds that Streamlit does not have.
    """
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    found: list[str] = []
    for element in elements:
        for file in sorted(SCRIPTS.glob(f"{element}.*.js")):
            found += [name for name in _with_imports(file.name) if name not in page]
    return list(dict.fromkeys(found))


def _with_imports(name: str) -> Iterator[str]:
    to_read, known = [name], {name}
    while to_read:
        file = to_read.pop()
        yield file
        imported = _imports(file)
        to_read += [one for one in imported if one not in known]
        known.update(imported)


@cache
def _imports(file: str) -> tuple[str, ...]:
    text = (SCRIPTS / file).read_text(encoding="utf-8")
    return tuple(dict.fromkeys(IMPORT.findall(text)))
