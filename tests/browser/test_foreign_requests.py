"""What a person or a link supplies is shown as typed: it never makes the browser fetch anything."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from recsys.config import make_config
from recsys.data.tables import Dataset
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.browser.conftest import Serve
from tests.browser.test_lab import visit
from tests.pages.small_lab import make_run

pytestmark = pytest.mark.browser

# A code span that ends at once, then images in Markdown and in HTML.
HOSTILE = "a`b ![x](http://foreign.invalid/q) <img src=http://foreign.invalid/r>"
LINKS = {
    "": ("run",),
    "Train": ("run",),
    "Trade-off": ("run", "base", "x", "part", "sharing"),
    "Compare": ("run", "runs", "pin", "where", "on", "metrics", "curves", "unfold"),
    "Recommend": ("run", "user"),
    "New_user": ("run", "beside", "rated"),
    "Movie_map": ("run", "other", "user", "movie", "colour", "top"),
}


@pytest.fixture
def named_run(tmp_path: Path, browser_data: Dataset, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a stored run with a hostile name."""
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    config = make_config({"data": browser_data.name})
    run, scorer = make_run(config, created="2026-03-01T00:00:00+00:00")
    store = RunStore(runs_folder())
    store.save(run, scorer)
    store.rename(run.run_id, HOSTILE)
    return run.run_id


def test_names_and_links_are_shown_as_typed_and_nothing_is_fetched_from_elsewhere(
    serve: Serve, page: Page, named_run: str
) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    with serve() as address:
        for path, parameters in LINKS.items():
            visit(page, f"{address}/{path}?{urlencode(dict.fromkeys(parameters, HOSTILE))}")
            own = {name: named_run for name in parameters if name in ("run", "runs", "pin", "base")}
            visit(page, f"{address}/{path}?{urlencode(own)}")
            page.wait_for_load_state("networkidle")
        visit(page, f"{address}/Train?run={named_run}")
        expect(page.get_by_role("heading", name=HOSTILE, exact=True)).to_be_visible()
    # A blob is made in the page: the script of a component.
    hosts = {urlsplit(url.removeprefix("blob:")).hostname for url in requested}
    assert hosts == {"localhost"}
