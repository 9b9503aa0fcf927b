"""The Movie map as a stranger meets it: a click on a movie, its neighbours, and a reload."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.ui.movie_map.scene import LEAST_RATINGS
from recsys.config import make_config
from recsys.data.tables import Dataset
from recsys.experiment import split_for
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.browser.conftest import Serve
from tests.browser.visits import visit
from tests.pages.small_lab import make_run

pytestmark = pytest.mark.browser

NEIGHBOURS = 10
# Goes over the map until the pointer is on a movie: its place on the screen.
MOVIE_ON_SCREEN = """canvas => {
    const box = canvas.getBoundingClientRect();
    for (let y = 40; y < box.height - 60; y += 6) for (let x = 40; x < box.width - 60; x += 6) {
        const place = { clientX: box.left + x, clientY: box.top + y, pointerType: "mouse" };
        canvas.dispatchEvent(new PointerEvent("pointermove", place));
        if (canvas.classList.contains("near")) return { x, y };
    }
    return null;
}"""


@pytest.fixture
def two_runs(
    tmp_path: Path, browser_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    """The ids of two stored runs."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    store, ids = RunStore(runs_folder()), []
    for seed in (1, 2):
        config = make_config({"data": browser_data.name, "seed": seed})
        run, scorer = make_run(config, created=f"2026-03-0{seed}T00:00:00+00:00")
        store.save(run, scorer)
        ids.append(run.run_id)
    return ids[0], ids[1]


def test_clicked_movie_shows_its_neighbours_and_outlasts_a_reload(
    serve: Serve, page: Page, two_runs: tuple[str, str]
) -> None:
    run, other = two_runs
    with serve() as address:
        visit(page, f"{address}/Movie_map?run={run}")
        title = click_a_movie(page, page.locator("canvas.over"))
        expect(page.locator(".heading")).to_contain_text(title)
        expect(page.locator(".neighbour")).to_have_count(NEIGHBOURS)
        expect(page).to_have_url(re.compile("movie="))
        page.reload()
        expect(page.locator(".heading")).to_contain_text(title)
        expect(page.locator(".neighbour")).to_have_count(NEIGHBOURS)
        a_neighbour_in_the_list_and_a_title_in_the_search_can_be_chosen(page)
        visit(page, f"{address}/Movie_map?run={run}&other={other}&movie=7")
        two_maps_list_the_neighbours_of_both(page)


def test_map_is_in_sight_on_a_phone_and_a_rare_movie_is_said(
    serve: Serve, page: Page, two_runs: tuple[str, str], browser_data: Dataset
) -> None:
    counts = split_for(make_config({"data": browser_data.name}), browser_data).movie_counts
    rare = int(counts.argmin())
    assert counts[rare] < LEAST_RATINGS
    id_, title = browser_data.movies[["movie_id", "title"]].iloc[rare]
    with serve() as address:
        page.set_viewport_size({"width": 390, "height": 844})
        visit(page, f"{address}/Movie_map?run={two_runs[0]}&movie={id_}")
        frame = page.locator(".frame").filter(has=page.locator("canvas.over"))
        expect(frame).to_be_visible()
        box = frame.bounding_box()
        assert box is not None
        assert box["y"] + 0.8 * box["height"] < 844  # most of it without scrolling
        expect(page.locator(".away")).to_contain_text(title)
        expect(page.locator(".away")).to_contain_text("not on the map")
        page.set_viewport_size({"width": 1280, "height": 900})
        visit(page, f"{address}/Movie_map?run={two_runs[0]}&other={two_runs[1]}")
        two_maps_fill_the_width_of_the_page(page)


def two_maps_fill_the_width_of_the_page(page: Page) -> None:
    expect(page.locator("canvas.over")).to_have_count(2)
    boxes = [canvas.bounding_box() for canvas in page.locator("canvas.over").all()]
    title = page.get_by_role("heading", name="Movie map").bounding_box()
    assert title is not None
    assert all(0.8 < box["width"] / box["height"] < 1.25 for box in boxes if box)
    assert sum(box["width"] for box in boxes if box) > 0.9 * title["width"]


def click_a_movie(page: Page, canvas: Locator) -> str:
    """Click a movie on the map; return its title."""
    expect(canvas).to_have_attribute("aria-label", re.compile(r"\d+ movies"))
    page.wait_for_function("() => window.duetMovieMap?.points && window.duetMovieMap.shown")
    place = canvas.evaluate(MOVIE_ON_SCREEN)
    assert place, "there is no movie on the map"
    canvas.hover(position=place)
    title = page.locator(".tip b").inner_text()
    canvas.click(position=place)
    return title


def a_neighbour_in_the_list_and_a_title_in_the_search_can_be_chosen(page: Page) -> None:
    nearest = page.locator(".neighbour .title").first.inner_text()
    page.locator(".neighbour").first.click()
    expect(page.locator(".heading")).to_have_text(nearest)
    page.get_by_role("searchbox", name="Find a movie").fill("movie 12")
    page.get_by_role("searchbox", name="Find a movie").press("Enter")
    expect(page.locator(".heading")).to_contain_text("Movie 12")
    expect(page).to_have_url(re.compile("movie=12(&|$)"))
    page.get_by_role("button", name="Highlight no movie").click()
    expect(page.locator(".neighbour")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("movie="))


def two_maps_list_the_neighbours_of_both(page: Page) -> None:
    expect(page.locator("canvas.over")).to_have_count(2)
    expect(page.locator(".neighbour")).to_have_count(2 * NEIGHBOURS)
    click_a_movie(page, page.locator("canvas.over").last)
    expect(page.locator(".neighbour")).to_have_count(2 * NEIGHBOURS)
