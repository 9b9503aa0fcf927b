"""Sections that are drawn when one comes near them; `tests/browser/test_near.py` scrolls."""

import pytest

from pages.ui import near
from tests.pages.small_lab import OpenPage

IS_NEAR = near.is_near  # the fixtures of these tests replace it


@pytest.fixture(autouse=True)
def nobody_near(near_sections: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.near.is_near", IS_NEAR)


@pytest.mark.parametrize(
    ("page", "drawn", "far"),
    [
        ("app.py", "Three presets, on the holdout", "Latest runs"),
        ("pages/3_Compare.py", "Charts", "Best and last epoch"),
    ],
)
def test_page_begins_without_what_is_below_the_screen(
    open_page: OpenPage, page: str, drawn: str, far: str
) -> None:
    shown = [heading.value for heading in open_page(page).subheader]
    assert drawn in shown
    assert far not in shown


def test_what_a_link_asks_of_a_section_that_is_not_drawn_is_checked(open_page: OpenPage) -> None:
    app = open_page("pages/4_Recommend.py", ratings="nonsense")
    assert any("nonsense" in caption.value for caption in app.caption)
