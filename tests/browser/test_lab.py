"""The lab as a person uses it: a cold deep link to each page, and one journey through all."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.sections import come_near_all
from tests.browser.conftest import Serve
from tests.browser.visits import (
    LONG,
    PRESETS,
    heading,
    presets_train_by_themselves,
    settle,
    visit,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("", "Duet"),
        ("Train", "Train"),
        ("Compare", "Compare"),
        ("Recommend", "Recommend"),
        ("New_user", "New user"),
        ("Movie_map", "Movie map"),
    ],
)
def test_deep_link_on_a_cold_server_opens_the_page_and_starts_the_presets(
    serve: Serve, page: Page, path: str, title: str
) -> None:
    with serve() as address:
        visit(page, f"{address}/{path}")
        expect(heading(page, title)).to_be_visible()
        sidebar = page.get_by_test_id("stSidebar")
        for preset in PRESETS:  # the last ones of the queue are folded up
            expect(sidebar.get_by_text(preset)).to_be_attached()


def test_journey_from_first_start_to_recommendations(serve: Serve, page: Page) -> None:
    with serve() as address:
        presets_train_by_themselves(page, address)
        run_id = a_training_is_watched_and_survives_reloads(page, address)
        runs_are_compared(page, run_id)
        a_user_is_shown_movies(page, address, run_id)
        one_step_back_leads_to_the_page_before(page, address)


def a_training_is_watched_and_survives_reloads(page: Page, address: str) -> str:
    visit(page, f"{address}/Train")
    page.get_by_test_id("stExpander").get_by_text("Model and optimiser").click()
    # Long enough to be watched, on data as small as this.
    for label, value in (("Epochs", "1000"), ("Batch size", "1"), ("Embedding dimension", "512")):
        field = page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")
        settle(page)
    before = page.url  # it already names the run of the default settings
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).not_to_have_url(before)
    run_id = re.search(r"run=([0-9a-f]{12})", page.url).group(1)

    first = epoch_in_progress(page, 0)
    page.reload()
    settle(page)
    second = epoch_in_progress(page, first)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    visit(page, f"{address}/Compare")  # away and back
    visit(page, f"{address}/Train?run={run_id}")
    epoch_in_progress(page, second)

    page.get_by_role("button", name="Stop").click()
    expect(page).to_have_url(re.compile(rf"run={run_id}-stopped-\d+"), timeout=LONG)
    stopped = re.search(r"run=([0-9a-z-]+)", page.url).group(1)
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    return stopped


def epoch_in_progress(page: Page, above: int) -> int:
    """Wait until the progress bar tells of a later epoch than `above`; return it."""
    page.wait_for_function(
        """above => [...document.querySelectorAll('[data-testid=stMain] [data-testid=stProgress]')]
            .some(bar => Number((bar.innerText.match(/Epoch (\\d+) of/) ?? [])[1]) > above)""",
        arg=above,
        timeout=LONG,
    )
    text = page.get_by_test_id("stMain").get_by_test_id("stProgress").inner_text()
    return int(re.search(r"Epoch (\d+) of", text).group(1))


def runs_are_compared(page: Page, run_id: str) -> None:
    page.get_by_role("link", name="Compare").first.click()
    settle(page)
    expect(heading(page, "Compare")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    come_near_all(page)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    page.reload()
    settle(page)
    come_near_all(page)
    board = page.get_by_test_id("stVegaLiteChart").first
    expect(board).to_be_visible()
    a_run_is_pointed_at(page, board)


def a_run_is_pointed_at(page: Page, board: Locator) -> None:
    """Point at the first name of the legend: what belongs to others fades in every chart."""
    faded = board.locator('[opacity="0.12"]')
    expect(board.locator("svg")).to_be_visible()
    expect(faded).to_have_count(0)
    board.get_by_text("multi-task").first.hover()
    expect(faded.first).to_be_attached()
    assert faded.count() > 20
    page.mouse.move(0, 0)
    expect(faded).to_have_count(0)


def a_user_is_shown_movies(page: Page, address: str, run_id: str) -> None:
    visit(page, f"{address}/Recommend?run={run_id}&user=7")
    expect(heading(page, "Recommend")).to_be_visible()
    expect(page.get_by_test_id("stMain").get_by_text("User 7").first).to_be_visible()
    a_movie_is_explained(page)
    before = page.url
    page.get_by_role("button", name=re.compile("shuffle", re.IGNORECASE)).click()
    expect(page).not_to_have_url(before)  # chance draws another user
    settle(page)
    expect(page).to_have_url(re.compile(r"user=\d+"))
    chosen = page.url
    page.reload()
    settle(page)
    assert page.url == chosen
    expect(page.locator(".tile").first).to_be_visible()


def one_step_back_leads_to_the_page_before(page: Page, address: str) -> None:
    visit(page, address)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Recommend").click()
    expect(page.locator(".tile").first).to_be_visible()
    expect(page).to_have_url(re.compile("user="))  # the page writes what it shows into the URL
    settle(page)
    at_first = page.url
    page.locator(".tile").nth(1).click()  # what a person does is a step of its own
    expect(page).to_have_url(re.compile("movie="))
    settle(page)
    page.go_back()
    expect(page).to_have_url(at_first)
    settle(page)
    page.go_back()
    expect(heading(page, "Duet")).to_be_visible()


def a_movie_is_explained(page: Page) -> None:
    tile = page.locator(".tile").nth(1)
    title = tile.locator(".title").inner_text()
    tile.click()
    panel = page.locator(".panel")
    expect(panel.locator(".heading")).to_have_text(title)
    expect(panel.locator(".fact .value").first).to_have_text("2")
    assert panel.locator(".bar").count() > 0
    expect(panel.locator(".sum.total")).to_contain_text("above the list's mean")
    page.reload()
    settle(page)
    expect(panel.locator(".heading")).to_have_text(title)  # the URL names it
    panel.get_by_role("button", name="Stars").click()
    expect(panel.locator(".sum.total")).to_contain_text("predicted stars")
    # Any movie is found by a part of its title.
    panel.locator(".query").fill(title[1:6])
    panel.locator(".found button").first.click()
    expect(panel.locator(".query")).to_have_value("")
