"""The Recommend page under fast hands: a box in its plot, and a key held on a slider."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Serve
from tests.browser.visits import settle, visit

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("trained_presets")
def test_box_in_the_plot_and_a_key_held_on_a_slider(serve: Serve, page: Page) -> None:
    with serve() as address:
        a_key_held_on_a_slider_leaves_the_page_alive(page, f"{address}/Recommend?user=7")
        address = f"{address}/Recommend?user=7&view=scatter"
        a_box_filters_the_list(page, address, ".tile")
        a_box_filters_the_list(
            page, f"{address}&beside=baseline:most popular", ".row[data-list='0']"
        )


def a_key_held_on_a_slider_leaves_the_page_alive(page: Page, address: str) -> None:
    """The server is asked faster than it answers: what it refers to must still be there."""
    for _ in range(3):
        visit(page, address)
        # The newest run may be one of all ratios, whose first slider is that of the weights.
        slider = page.get_by_role("slider", name="retrieval to stars")
        slider.focus()
        for key in ("ArrowRight", "ArrowLeft"):
            for _ in range(40):
                page.keyboard.press(key)
        settle(page)
        expect(page.get_by_text("Connection error")).to_have_count(0)
        expect(slider).to_have_value("0")
    for _ in range(12):  # the answer to an earlier key must not take back a later one
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    settle(page)
    expect(slider).to_have_value("12")


def a_box_filters_the_list(page: Page, address: str, movies: str) -> None:
    visit(page, address)
    chart = page.get_by_test_id("stVegaLiteChart").and_(page.locator('[aria-label^="Scatter"]'))
    clear = page.get_by_role("button", name="Clear the box")
    shown = page.locator(movies)
    expect(shown.first).to_be_visible()
    everything = shown.all_inner_texts()
    for take_away in (clear.click, lambda: double_click(page, chart)):
        expect(clear).to_have_count(0)
        draw_box(page, chart)
        expect(clear).to_be_visible()
        expect(shown).not_to_have_count(len(everything))
        assert shown.count() < len(everything)
        take_away()
        expect(clear).to_have_count(0)
        expect(shown).to_have_count(len(everything))
        settle(page)
        assert shown.all_inner_texts() == everything


def draw_box(page: Page, chart: Locator) -> None:
    """Drag over the upper half of a plot: fewer movies are in it than in the list."""
    expect(chart.locator("svg, canvas").first).to_be_visible()
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.4 * box["height"], steps=12)
    page.mouse.up()


def double_click(page: Page, chart: Locator) -> None:
    """Click twice below the box."""
    box = chart.bounding_box()
    assert box
    page.mouse.dblclick(box["x"] + 0.3 * box["width"], box["y"] + 0.7 * box["height"])
