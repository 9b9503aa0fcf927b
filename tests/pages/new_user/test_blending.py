import pytest
import streamlit as st

from pages.ui import blend_places, state
from pages.ui.new_user import blending
from recsys.blend import POSITIONS, STEPS


@pytest.fixture(autouse=True)
def url(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The query parameters of a session without a browser."""
    found: dict[str, str] = {}
    monkeypatch.setattr(st, "query_params", found)
    monkeypatch.setattr(st, "session_state", {})
    return found


def test_every_step_comes_back_from_the_url(url: dict[str, str]) -> None:
    for step in range(len(POSITIONS)):
        blending.take(step)
        assert blend_places.in_view() == step
        assert (state.BLEND in url) == (step > 0)


def test_weight_of_a_link_is_the_nearest_step(url: dict[str, str]) -> None:
    url[state.BLEND] = "2.01"
    assert blend_places.in_view() == STEPS // 2
    blending.take(STEPS // 2)  # the browser says what it was told: the link stays as it is
    assert url[state.BLEND] == "2.01"


@pytest.mark.parametrize("asked", ["x", "-1", "nan"])
def test_wrong_weight_is_retrieval_alone_and_named(url: dict[str, str], asked: str) -> None:
    url[state.BLEND] = asked
    assert blend_places.in_view() == blend_places.RETRIEVAL_ALONE
    assert state.BLEND in st.session_state[state.LINK_REFUSED]


@pytest.mark.parametrize("step", [None, -1, STEPS + 1, "5", 2.5])
def test_step_that_makes_no_sense_changes_nothing(url: dict[str, str], step: object) -> None:
    blending.take(7)
    before = dict(url)
    blending.take(step)
    assert url == before


def test_ends_of_the_slider_are_named() -> None:
    assert blending.slider(0)["value"] == "retrieval alone"
    assert blending.slider(STEPS)["value"] == "stars alone"
