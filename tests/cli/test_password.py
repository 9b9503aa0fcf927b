import io

import pytest

from recsys.password import matches
from tests.cli.command_line import run


def test_password_from_a_pipe_becomes_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a password \n"))
    assert matches("a password ", run("password").out.strip())


def test_password_typed_at_a_terminal_is_asked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter(["a password", "a password", "a password", "another one"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert matches("a password", run("password", "--json").json["hash"])
    refused = run("password")
    assert (refused.code, refused.out) == (2, "")
    assert "the two passwords differ" in refused.err
