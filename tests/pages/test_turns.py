import threading
from collections.abc import Callable

import pytest

from pages.ui.turns import Turns

LONG = 60.0  # seconds: nothing here waits for so long


class Rerun:
    """A view that reruns in a thread of its own."""

    def __init__(self, turns: Turns, still_wanted: Callable[[], None] = lambda: None) -> None:
        self.began = threading.Event()
        self.end = threading.Event()
        self.left = threading.Event()
        self._turns, self._still_wanted = turns, still_wanted
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            with self._turns.view(self._still_wanted):
                self.began.set()
                self.end.wait(LONG)
        except InterruptedError:
            pass
        self.left.set()


def test_view_waits_until_what_was_asked_for_is_done() -> None:
    turns = Turns(patience=LONG)
    with turns.asked():
        with turns.asked():
            view = Rerun(turns)
        assert not view.began.wait(0.2)
    assert view.began.wait(LONG)
    view.end.set()


def test_no_more_views_rerun_than_may_at_once() -> None:
    turns = Turns(at_once=2, patience=LONG)
    first, second = Rerun(turns), Rerun(turns)
    assert first.began.wait(LONG)
    assert second.began.wait(LONG)
    third = Rerun(turns)
    assert not third.began.wait(0.2)
    first.end.set()
    assert third.began.wait(LONG)
    for one in (second, third):
        one.end.set()
        assert one.left.wait(LONG)
    with turns.asked():  # all have given their turns back
        pass
    assert Rerun(turns).began.wait(LONG)


def test_view_reruns_in_any_case_after_some_time() -> None:
    turns = Turns(patience=0.1)
    with turns.asked():
        view = Rerun(turns)
        assert view.began.wait(LONG)
    view.end.set()


def test_view_that_is_not_wanted_any_more_leaves_its_place() -> None:
    def gone() -> None:
        raise InterruptedError

    turns = Turns(at_once=1, patience=LONG)
    with turns.asked():
        view = Rerun(turns, gone)
        assert view.left.wait(LONG)
        assert not view.began.is_set()
    assert Rerun(turns).began.wait(LONG)


def test_what_is_asked_for_does_not_wait_for_views_and_an_error_ends_its_turn() -> None:
    turns = Turns(at_once=1, patience=LONG)
    view = Rerun(turns)
    assert view.began.wait(LONG)
    with pytest.raises(KeyError), turns.asked():
        raise KeyError
    view.end.set()
    assert Rerun(turns).began.wait(LONG)
