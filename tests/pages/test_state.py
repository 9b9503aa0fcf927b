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
    session = Recorded(slider=3)
    monkeypatch.setattr(state.st, "session_state", session)
    state.hold("slider", 3)
    assert session.set == []  # the browser would take it for news, and undo later keys
    state.hold("slider", 4)
    state.hold("another", 5)
    assert session.set == ["slider", "another"]
    assert session == {"slider": 4, "another": 5}
