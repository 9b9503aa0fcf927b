"""Sections of a long page in a real browser: drawn when one comes near, and the page's HTML."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, expect

from recsys.config import make_config
from recsys.data.tables import Dataset
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.browser.conftest import Serve
from tests.browser.visits import heading, settle, visit
from tests.pages.small_lab import make_run

pytestmark = pytest.mark.browser

FAR = 2_000  # ms after which a section has said that it is far from the screen


@pytest.fixture
def two_runs(tmp_path: Path, browser_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    for weight in (1.0, 0.3):
        config = make_config({"data": browser_data.name, "rating_weight": weight})
        RunStore(runs_folder()).save(*make_run(config, created="2026-03-01T00:00:00+00:00"))


def test_charts_of_compare_are_drawn_near_them_and_not_for_a_click_far_above(
    serve: Serve, page: Page, two_runs: None
) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})  # the charts begin far below
    chart = page.get_by_test_id("stVegaLiteChart")
    top, charts = heading(page, "Compare"), heading(page, "Charts")
    with serve() as address:
        visit(page, f"{address}/Compare")
        expect(charts).to_be_attached()
        page.wait_for_timeout(FAR)
        expect(chart).to_have_count(0)

        charts.evaluate("one => one.scrollIntoView()")
        expect(chart).to_be_visible()
        page.mouse.move(700, 450)
        page.mouse.wheel(0, 1000)  # above what is seen, the section goes on
        page.wait_for_timeout(FAR)
        expect(chart).to_be_visible()

        top.scroll_into_view_if_needed()
        page.wait_for_timeout(FAR)
        expect(chart).to_have_count(1)  # whoever scrolls back finds it
        page.get_by_text("Validation", exact=True).click()
        expect(page.get_by_text(re.compile("^On validation"))).not_to_have_count(0)
        settle(page)
        expect(chart).to_have_count(0)
        charts.evaluate("one => one.scrollIntoView()")
        expect(chart).to_be_visible()


def test_no_page_asks_for_the_server_where_it_is_not(
    serve: Serve, page: Page, two_runs: None
) -> None:
    failed: list[str] = []

    def note(answer: Response) -> None:
        if answer.status >= 400:
            failed.append(answer.url)

    page.on("response", note)
    with serve() as address:
        for name, title in (("", "Duet"), ("Compare", "Compare"), ("New_user", "New user")):
            visit(page, f"{address}/{name}")
            expect(heading(page, title)).to_be_visible()
        page.get_by_role("link", name="Train", exact=True).first.click()
        expect(heading(page, "Train")).to_be_visible()
        expect(page).to_have_url(re.compile(f"^{address}/Train"))
    assert failed == []
