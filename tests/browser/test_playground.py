"""The playground on Home as a new user meets it: from an empty lab to a list that changes."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Serve
from tests.browser.visits import LONG, settle, visit

pytestmark = pytest.mark.browser


def test_playground_from_an_empty_lab_to_lists_that_change(serve: Serve, page: Page) -> None:
    with serve() as address:
        visit(page, address)
        expect(weights(page)).to_be_enabled(timeout=LONG)  # the line of the first training
        wait_for_all_trainings(page)
        point_and_figures_follow_the_drag_and_the_list_follows_the_release(page)
        other_sharing_shows_other_figures_and_another_list(page)
        list_and_figures_of_all_users_follow_the_serving_blend(page)
        another_person_is_one_click_away(page)
        address_holds_person_and_weights_and_back_takes_the_weights_back(page)
        click_in_the_plot_of_the_tradeoff_shows_figures_without_scrolling(page, address)


def weights(page: Page) -> Locator:
    return page.get_by_role("slider", name="Ratio of the loss weights")


def blend(page: Page) -> Locator:
    return page.get_by_role("slider", name="Serving blend")


def titles(page: Page) -> list[str]:
    return page.locator(".movie .title").all_inner_texts()


def drag(page: Page, slider: Locator, start: float, end: float) -> None:
    """Drag the thumb from one place to another (0 to 1), and keep holding it."""
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    thumb, y = 22, box["y"] + box["height"] / 2
    at = lambda part: box["x"] + thumb / 2 + part * (box["width"] - thumb)  # noqa: E731
    page.mouse.move(at(start), y)
    page.mouse.down()
    page.mouse.move(at(end), y, steps=5)


def wait_for_all_trainings(page: Page) -> None:
    for name in ("tied vectors", "mapped vectors", "own and shared vectors"):
        expect(page.get_by_role("button", name=name)).to_be_enabled(timeout=LONG)
    expect(page.get_by_test_id("stProgress")).to_have_count(0, timeout=LONG)


def point_and_figures_follow_the_drag_and_the_list_follows_the_release(page: Page) -> None:
    dot = page.locator(".plot .dot")
    figure = page.locator(".figure-y .value")
    middle, list_before = figure.inner_text(), titles(page)
    place = dot.get_attribute("cx")
    drag(page, weights(page), 0.5, 1.0)
    # Nothing is released: what has changed has changed in the browser.
    assert weights(page).get_attribute("aria-valuetext") == "retrieval : rating 0.033 : 1"
    assert figure.inner_text() != middle
    assert dot.get_attribute("cx") != place
    assert titles(page) == list_before
    expect(page.locator(".list.old")).to_have_count(1)  # it is the list of another place
    page.mouse.up()
    expect(page.locator(".movie .new").first).to_be_visible()
    assert titles(page) != list_before
    expect(page.locator(".left")).to_contain_text("No longer shown")
    expect(page.locator(".list.old")).to_have_count(0)
    drag(page, weights(page), 1.0, 0.6)
    expect(page.locator(".list.old")).to_have_count(1)
    expect(page.locator(".all-users:not(.waiting)")).to_have_count(1)  # the server has answered
    expect(page.locator(".list.old")).to_have_count(1)
    drag(page, weights(page), 0.6, 1.0)  # back, without a release in between
    expect(page.locator(".list.old")).to_have_count(0)
    page.mouse.up()


def other_sharing_shows_other_figures_and_another_list(page: Page) -> None:
    figure = page.locator(".figure-x .value")
    before = figure.inner_text()
    other = page.get_by_role("button", name="own and shared vectors")
    other.click()
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(figure).not_to_have_text(before)
    expect(page.locator(".movie .new").first).to_be_visible()


def another_person_is_one_click_away(page: Page) -> None:
    who = page.locator(".list .who")
    before = who.inner_text()
    page.get_by_role("button", name="Another person").click()
    expect(who).not_to_have_text(before)
    expect(page.locator(".movie .new")).to_have_count(0)


def address_holds_person_and_weights_and_back_takes_the_weights_back(page: Page) -> None:
    settle(page)
    ratio, who = page.locator(".rail .ratio"), page.locator(".list .who")
    before, person, at_first = ratio.inner_text(), who.inner_text(), page.url
    assert "person=" in at_first
    weights(page).press("ArrowLeft")
    expect(page).not_to_have_url(at_first)
    expect(page).to_have_url(re.compile("at="))
    expect(page.locator(".list.old")).to_have_count(0)
    settle(page)
    now = ratio.inner_text()
    assert now != before
    with_weights = page.url
    blend(page).press("ArrowRight")
    expect(page).to_have_url(re.compile(r"blend=0\.222"))
    settle(page)
    movies = titles(page)
    page.reload()
    settle(page)
    expect(blend(page)).to_have_value("1")
    expect(ratio).to_have_text(now)
    expect(who).to_have_text(person)
    assert titles(page) == movies
    page.go_back()
    expect(page).to_have_url(with_weights)
    expect(blend(page)).to_have_value("0")
    page.go_back()
    expect(page).to_have_url(at_first)
    expect(ratio).to_have_text(before)


def list_and_figures_of_all_users_follow_the_serving_blend(page: Page) -> None:
    settle(page)  # the list of the other sharing is there, and so are its figures
    expect(page.locator(".all-users.waiting")).to_have_count(0)
    expect(page.locator(".all-users .value")).to_have_count(3)
    figures, list_before = page.locator(".all-users .value").all_inner_texts(), titles(page)
    drag(page, blend(page), 0.0, 1.0)
    assert titles(page) != list_before  # while dragging
    expect(page.locator(".all-users .value").first).not_to_have_text(figures[0])
    page.mouse.up()
    moved = titles(page)
    weights(page).press("ArrowRight")  # another model, at the same blend
    expect(blend(page)).to_have_attribute("aria-valuetext", "stars alone")
    expect(page.locator(".all-users.waiting")).to_have_count(0)
    blend(page).press("Home")
    assert titles(page) != moved


def click_in_the_plot_of_the_tradeoff_shows_figures_without_scrolling(
    page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    visit(page, f"{address}/Trade-off")
    main = page.get_by_test_id("stMain")
    expect(main.get_by_text("Click a ratio in the plot")).to_be_in_viewport()
    plot = page.get_by_test_id("stVegaLiteChart").first
    expect(plot.locator("svg, canvas").first).to_be_visible()
    box = plot.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # the nearest one
    expect(page).to_have_url(re.compile("run=[0-9a-f]{12}"))
    expect(page).to_have_url(re.compile("at="))
    expect(main.get_by_text("one training for all ratios", exact=True)).to_be_in_viewport()
    expect(main.get_by_test_id("stMetric").nth(1)).to_be_in_viewport()
