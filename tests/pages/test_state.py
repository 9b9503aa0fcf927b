"""What a page remembers."""

from typing import Any

import pytest

from pages.ui import state


class Recorded(dict[str, Any]):
    """A session state that knows what was set."""

    def __init__(self, **values: Any) -> None:
        super().__init__(values)
        self.set: list[str] = []

    def __setitem__(self, key: str, value: Any) -> None:
        self.set.append(key)
        super().__setitem__(key, value)


def test_a_value_that_a_widget_has_already_is_not_set_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Recorded()
    monkeypatch.setattr(state.st, "session_state", session)
    for value in (3, 3, 4, 4):
        state.hold("slider", value)
    state.hold("another", 5)
    # What is set again, the browser would take for news, and undo later keys.
    assert [key for key in session.set if key in ("slider", "another")] == [
        "slider", "slider", "another",
    ]  # fmt: skip
    assert (session["slider"], session["another"]) == (4, 5)


def test_a_widget_of_another_page_gets_its_value_though_the_key_had_it_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Recorded()
    monkeypatch.setattr(state.st, "session_state", session)
    for page in ("Recommend", "Movie map", "Movie map"):
        state.enter(page)
        state.hold("weights", "1 : 1")
    assert session.set.count("weights") == 2  # else it would stand at its first place


def test_slider_with_other_ends_is_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Recorded()
    monkeypatch.setattr(state.st, "session_state", session)
    for ends in ((1930, 1998), (1930, 1998), (1902, 2016)):
        state.hold("years", (1990, 1995), ends)
    assert session.set.count("years") == 2


class Query(dict[str, str]):
    """The query parameters as the server got them; it counts what it tells the browser."""

    told = 0

    def __setitem__(self, key: str, value: str) -> None:
        self.told += 1
        super().__setitem__(key, value)

    def update(self, *_: object) -> None:  # type: ignore[override]
        self.told += 1


@pytest.mark.parametrize(("in_browser", "chosen"), [({"at": "0.6"}, "0.6"), ({}, None)])
def test_what_is_selected_is_told_to_a_browser_whose_url_lags_behind(
    monkeypatch: pytest.MonkeyPatch, in_browser: dict[str, str], chosen: str | None
) -> None:
    """On its way down a slider passes what its URL of the way up says: it is not there to stay."""
    query = Query(in_browser)
    monkeypatch.setattr(state.st, "session_state", {})
    monkeypatch.setattr(state.st, "query_params", query)
    state.select(state.AT, chosen)
    assert query.told == 1
    assert query.get(state.AT) == chosen
