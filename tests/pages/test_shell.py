"""What is added to the HTML of a page."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from pages.ui import layout, shell
from tests.faults import own_loop

PAGE = '<head><title>x</title><script type="module" src="./a.js"></script></head><body>ü</body>'


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Asks a server in this process."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        scope |= {"query_string": b"", "root_path": "", "http_version": "1.1"}
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        own_loop.run(self._app(scope, receive, send))
        start, *parts = messages
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], names, b"".join(part.get("body", b"") for part in parts))


@pytest.fixture
def client() -> Client:
    """A server with Home, a page and something that is none, behind the shell."""

    async def page(request: object) -> Response:
        return HTMLResponse(PAGE, headers={"etag": '"1"', "last-modified": "yesterday"})

    async def sent_headers(request: Any) -> Response:
        return JSONResponse(dict(request.headers))

    routes = [Route("/", page), Route("/Compare", page), Route("/other", page)]
    app = Starlette(routes=[*routes, Route("/Train", sent_headers)])
    app.add_middleware(shell.Shell)
    return Client(app)


def test_streamlit_has_all_kinds_of_elements_that_are_named() -> None:
    for name, kinds in shell.ELEMENTS.items():
        for kind in (*shell.ALL, *kinds):
            assert shell.scripts([kind]) or f"/{kind}." in index(), (name, kind)


def test_every_page_of_the_lab_is_named_as_in_its_address() -> None:
    files = [file.rpartition("/")[2] for file, _, _ in layout.PAGES]
    names = [re.sub(r"^\d+_|\.py$", "", file) for file in files]
    assert list(shell.ELEMENTS) == ["" if name == "app" else name for name in names]


def test_scripts_are_those_of_the_elements_with_all_that_they_import() -> None:
    found = shell.scripts(["DataFrame"])
    assert found[0].startswith("DataFrame.")
    assert len(found) == len(set(found)) > 5
    known = set(found) | set(re.findall(r"js/([\w.-]+\.js)", index()))
    for name in found:
        assert f"/{name}" not in index()
        text = (shell.SCRIPTS / name).read_text(encoding="utf-8")
        assert set(re.findall(r'from"\./([\w.-]+\.js)"', text)) <= known


def test_scripts_of_an_element_that_streamlit_does_not_have_are_none() -> None:
    assert shell.scripts(["Hologram"]) == []


def test_page_gets_its_head_before_the_first_script(client: Client) -> None:
    answer = client.ask("/Compare")
    head = shell.head("Compare").decode()
    assert answer.text == PAGE.replace("<script", head + "<script")
    assert 'name = "Compare"' in head
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_home_is_where_the_server_is(client: Client) -> None:
    assert "BACKEND_BASE_URL" not in client.ask("/").text
    assert "modulepreload" in client.ask("/").text


def test_what_the_browser_has_of_a_page_is_not_taken_for_the_whole(client: Client) -> None:
    assert not {"etag", "last-modified"} & set(client.ask("/Compare").headers)
    asked = json.loads(client.ask("/Train", if_none_match='"1"', x_own="kept").body)
    assert asked["x-own"] == "kept"
    assert not {"if-none-match", "accept-encoding"} & set(asked)


def test_everything_else_is_as_it_was(client: Client) -> None:
    other = client.ask("/other")
    assert other.text == PAGE
    assert other.headers["etag"] == '"1"'
    assert client.ask("/Compare", "HEAD").headers["content-length"] == str(len(PAGE.encode()))
    assert client.ask("/Compare/nothing").status == 404


def index() -> str:
    return (shell.STATIC / "index.html").read_text(encoding="utf-8")
