"""Every page on a phone: only its tables may be wider than the window."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from benchmarks.sections import come_near_all
from recsys.config import make_config
from recsys.data.tables import Dataset
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.browser.conftest import Serve
from tests.browser.visits import visit
from tests.pages.small_lab import make_run

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
WIDTHS = """() => [document.scrollingElement.scrollWidth,
    document.querySelector('[data-testid="stMain"]').scrollWidth]"""
PAGES = ("", "Train", "Trade-off", "Compare", "Recommend", "New_user", "Movie_map")


@pytest.fixture
def runs(
    tmp_path: Path, browser_data: Dataset, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str, str]:
    """The ids of three stored runs; the last has all ratios."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    store, ids = RunStore(runs_folder()), []
    for values in ({}, {"rating_weight": 0.3}, {"all_ratios": True}):
        config = make_config({"data": browser_data.name} | values)
        run, scorer = make_run(config, created=f"2026-03-0{len(ids) + 1}T00:00:00+00:00")
        store.save(run, scorer)
        ids.append(run.run_id)
    return ids[0], ids[1], ids[2]


def test_no_page_scrolls_sideways_on_a_phone(
    serve: Serve, page: Page, runs: tuple[str, str, str]
) -> None:
    page.set_viewport_size(PHONE)
    with serve() as address:
        for name in PAGES:
            visit(page, f"{address}/{name}?run={runs[2]}&runs={','.join(runs)}&pin={runs[0]}")
            come_near_all(page)
            if name == "Compare":
                page.wait_for_selector('[data-testid="stVegaLiteChart"] svg')
            page.wait_for_timeout(1500)  # charts take the width after the page has run
            assert page.evaluate(WIDTHS) == [PHONE["width"]] * 2, name
