"""The New user page as a stranger meets it: a few clicks, a list that changes, and a reload."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from recsys.config import make_config
from recsys.data.tables import Dataset
from recsys.experiment import split_for
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.browser.conftest import Line, Serve
from tests.browser.visits import visit
from tests.explanations.pooled_model import pooled_model
from tests.pages.small_lab import make_run

pytestmark = pytest.mark.browser


@pytest.fixture
def pooled_run(tmp_path: Path, browser_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a stored run that can serve a new user."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    config = make_config({"data": browser_data.name})
    run, _ = make_run(config, created="2026-03-01T00:00:00+00:00")
    RunStore(runs_folder()).save(run, pooled_model(split_for(config, browser_data)))
    return run.run_id


def test_ratings_change_the_list_at_once_and_outlast_a_reload(
    serve: Serve, page: Page, line: Line, browser_data: Dataset, pooled_run: str
) -> None:
    with serve() as address:
        link = f"{address}/New_user?run={pooled_run}"
        visit(page, link)
        expect(page.locator(".movie")).to_have_count(10)
        three_clicks_rate_three_movies_and_change_the_list(page)
        a_click_shows_before_the_server_answers(page, line)
        the_next_movie_is_where_the_rated_one_was_for_the_keyboard(page)
        a_movie_can_be_skipped_searched_and_removed(page)
        rated, shown = names(page, ".rating"), names(page, ".movie")
        page.reload()
        expect(page.locator(".rating")).to_have_count(len(rated))
        assert names(page, ".rating") == rated
        assert names(page, ".movie") == shown
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".rating")).to_have_count(0)
        one_step_back_undoes_what_was_just_done(page, rated)
        page.reload()
        expect(page.locator(".movie")).to_have_count(10)
        expect(page.locator(".rating")).to_have_count(0)
        ratings_kept_by_the_browser_come_back(page, link, browser_data.fingerprint)


def test_stars_change_the_predicted_ones_and_the_slider_ranks_by_them(
    serve: Serve, page: Page, pooled_run: str
) -> None:
    with serve() as address:
        visit(page, f"{address}/New_user?run={pooled_run}&rated=3:5")
        expect(page.locator(".rating")).to_have_count(1)
        a_tile_under_a_resting_pointer_does_not_look_rated(page)
        expect(page.locator(".movie .change")).not_to_have_count(0)
        expect(page.locator(".note")).to_contain_text("With the opposite stars")
        slider = page.get_by_role("slider")
        slider.press("End")
        expect(page).to_have_url(re.compile("blend=inf"))
        expect(page.locator(".blend .value")).to_have_text("stars alone")
        shown = [float(text.split()[-2]) for text in page.locator(".predicted").all_inner_texts()]
        assert shown == sorted(shown, reverse=True)
        page.reload()
        expect(page.locator(".blend .value")).to_have_text("stars alone")
        page.go_back()
        expect(page.locator(".blend .value")).to_have_text("retrieval alone")
        expect(slider).to_have_value("0")


def a_tile_under_a_resting_pointer_does_not_look_rated(page: Page) -> None:
    tile, before = page.locator(".tile").nth(1), names(page, ".tile")[1]
    colour = "star => getComputedStyle(star).backgroundColor"
    plain = page.locator(".tile").nth(5).locator(".star").first.evaluate(colour)
    rate(tile, 1)  # the pointer stays where it is
    expect(tile.locator(".title")).not_to_have_text(before)
    expect(page.locator(".sentence")).to_contain_text("your 2 ratings")
    assert tile.locator(".star").first.evaluate(colour) == plain
    tile.locator(".star").nth(1).hover()
    expect(tile).not_to_have_class(re.compile("fresh"))
    page.wait_for_function(
        "([star, plain]) => getComputedStyle(star).backgroundColor !== plain",
        arg=[tile.locator(".star").first.element_handle(), plain],
    )


def test_many_ratings_are_cut_with_a_button_and_a_bad_file_is_told_beside_it(
    serve: Serve, page: Page, pooled_run: str
) -> None:
    rated = ",".join(f"{movie}:{1 + movie % 5}" for movie in range(1, 21))
    with serve() as address:
        visit(page, f"{address}/New_user?run={pooled_run}&rated={rated}")
        expect(page.locator(".rating")).to_have_count(20)
        last = page.locator(".rating").last
        expect(last).not_to_be_in_viewport()
        page.get_by_role("button", name="Show all 20").click()
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()
        page.get_by_role("button", name="Show fewer").click()
        expect(page.get_by_role("button", name="Show all 20")).to_be_visible()
        page.get_by_role("button", name="Upload ratings").click()
        panel = page.get_by_test_id("stPopoverBody")
        upload(panel, "bad.csv", "movie,stars\n1,2\n")
        expect(panel.get_by_role("alert")).to_contain_text("bad.csv line 1")
        expect(panel.get_by_text("bad.csv", exact=True)).to_be_visible()
        expect(page.locator(".rating")).to_have_count(20)
        upload(panel, "good.csv", "movie_id,rating\n30,4\n")
        expect(panel.get_by_role("status")).to_contain_text("Ratings taken from good.csv: 1.")
        expect(page.locator(".rating")).to_have_count(21)


def upload(panel: Locator, name: str, text: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    panel.locator("input[type=file]").set_input_files(file)


def names(page: Page, row: str) -> list[str]:
    return page.locator(f"{row} .title").all_inner_texts()


def rate(tile: Locator, stars: int) -> None:
    tile.locator(".star").nth(stars - 1).click()


def three_clicks_rate_three_movies_and_change_the_list(page: Page) -> None:
    tiles, before = page.locator(".tile"), names(page, ".movie")
    asked = names(page, ".tile")
    for place, stars in ((0, 5), (4, 1), (8, 4)):
        rate(tiles.nth(place), stars)
        expect(page.locator(".tile .title").nth(place)).not_to_have_text(asked[place])
    stayed = [1, 2, 3, 5, 6, 7]
    assert [names(page, ".tile")[place] for place in stayed] == [asked[place] for place in stayed]
    assert names(page, ".rating") == [asked[8], asked[4], asked[0]]
    assert [page.locator(".rating").nth(i).locator(".lit").count() for i in range(3)] == [4, 1, 5]
    expect(page.locator(".sentence")).to_contain_text("your 3 ratings")
    assert names(page, ".movie") != before
    assert not set(names(page, ".movie")) & set(names(page, ".rating"))
    expect(page.locator(".movie .about", has_text="because you")).not_to_have_count(0)
    expect(page.locator(".movie .predicted").first).to_contain_text("★")


def a_click_shows_before_the_server_answers(page: Page, line: Line) -> None:
    with line.held():
        for count in (4, 5):
            rate(page.locator(".tile").first, 3)
            expect(page.locator(".rating")).to_have_count(count)
        expect(page.locator(".tile")).to_have_count(9)
    expect(page.locator(".sentence")).to_contain_text("your 5 ratings")
    expect(page.locator(".rating")).to_have_count(5)


def the_next_movie_is_where_the_rated_one_was_for_the_keyboard(page: Page) -> None:
    tile = page.locator(".tile").nth(2)
    title = tile.locator(".title").inner_text()
    tile.locator(".star").nth(1).focus()
    page.keyboard.press("Enter")
    expect(tile.locator(".title")).not_to_have_text(title)
    expect(tile.locator(".star").first).to_be_focused()
    page.get_by_role("button", name=f"Remove the rating of {title}", exact=True).click()
    expect(page.locator(".rating")).to_have_count(5)


def a_movie_can_be_skipped_searched_and_removed(page: Page) -> None:
    skipped = names(page, ".tile")[1]
    page.locator(".tile").nth(1).get_by_role("button", name="Haven’t seen").click()
    expect(page.locator(".tile .title", has_text=skipped).filter(visible=True)).to_have_count(0)
    rated = names(page, ".rating")[0]
    page.get_by_role("searchbox", name="Search a movie").fill(rated)
    found = page.locator(".tile").filter(has=page.get_by_text(rated, exact=True))
    expect(found.locator(".lit")).to_have_count(3)  # found, with its rating
    rate(found, 1)
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.locator(".rating").first.locator(".lit")).to_have_count(1)
    page.get_by_role("button", name=f"Remove the rating of {rated}", exact=True).click()
    expect(page.locator(".sentence")).to_contain_text("your 4 ratings")


def one_step_back_undoes_what_was_just_done(page: Page, rated: list[str]) -> None:
    page.go_back()
    expect(page.locator(".rating")).to_have_count(len(rated))
    assert names(page, ".rating") == rated
    rate(page.locator(".tile").first, 4)
    expect(page.locator(".rating")).to_have_count(len(rated) + 1)
    expect(page).to_have_url(re.compile(r"rated=.+(%2C|,).*(%3A|:)4(&|$)"))
    page.go_back()
    expect(page.locator(".rating")).to_have_count(len(rated))
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".rating")).to_have_count(0)


def ratings_kept_by_the_browser_come_back(page: Page, link: str, fingerprint: str) -> None:
    """It keeps those that do not fit into a link. What else may be there is left out."""
    kept = '[["5", 5], ["6", 2], ["?", 1], ["7", 99]]'
    page.evaluate(f"localStorage.setItem('duet.rated.{fingerprint}', '{kept}')")
    visit(page, link)
    expect(page.locator(".rating")).to_have_count(2)
    assert names(page, ".rating") == ["Movie 6", "Movie 5"]
