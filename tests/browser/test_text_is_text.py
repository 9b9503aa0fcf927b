"""What a person or a link supplies is shown as typed, and makes the browser do nothing."""

import csv
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from recsys.experiment import split_for
from recsys.export.html_report import run_report
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.browser import elements
from tests.browser.hostile_pages import Seen, visit_all
from tests.browser.visits import settle
from tests.faults.results import record
from tests.hostile_lab import PAGES, HostileLab, fill, good_link
from tests.hostile_texts import TEXTS, marked, shown
from tests.outside import ROOT, started

NO_STATISTICS = "--browser.gatherUsageStats=false"

pytestmark = pytest.mark.browser

LOOKS = int(os.environ.get("DUET_LOOKS", "1"))  # at each page; `make test-faults` sets more


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HostileLab:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    return fill(tmp_path / "home", len(TEXTS) if LOOKS > 1 else 24)


@pytest.fixture
def address(lab: HostileLab) -> Iterator[str]:
    with started(lab.home, env={"RECSYS_DATA": lab.data.name}) as server:
        yield f"http://localhost:{server.port}"
        log = lab.home.with_suffix(".log").read_text()
        assert "Traceback" not in log, log


def test_texts_on_every_page_are_text(address: str, lab: HostileLab, page: Page) -> None:
    seen = Seen()
    seen.watch(page)
    step = len(TEXTS) / LOOKS
    visit_all(page, address, lab, seen, list(PAGES), [int(look * step) for look in range(LOOKS)])
    seen.assert_text_is_text()
    assert len(seen.pairs) > 100
    page.goto(f"{address}/Compare")
    settle(page)
    page.get_by_test_id("stDataFrame").first.hover()
    expect(page.get_by_label("Fullscreen").first).to_be_visible()
    # The table's own button would write formulas as they are.
    expect(page.get_by_label("Download as CSV")).to_have_count(0)
    figure = f"{len(seen.pairs):,} in {seen.loads} page loads, of {len(TEXTS)} texts"
    record("Text is text: pairs of text and place seen in the browser, pages", figure)
    record("Text is text: requests to other machines, dialogs, texts changed", "0, 0, 0")


def test_text_as_typed_is_text_in_every_kind_of_element(tmp_path: Path, page: Page) -> None:
    seen = Seen()
    seen.watch(page)
    kinds = list(elements.KINDS)[:: 1 if LOOKS > 1 else 4]
    texts = {number: {marked(text, number)} for number, text in enumerate(TEXTS)}
    script, environment = Path(elements.__file__), {"PYTHONPATH": str(ROOT)}
    flags = ("--server.address=127.0.0.1", "--server.headless=true", NO_STATISTICS)
    with started(tmp_path / "home", *flags, env=environment, script=script) as server:
        address = f"http://localhost:{server.port}/"
        for kind in kinds:
            page.goto(f"{address}?{urlencode({'kind': kind})}")
            page.get_by_text(f"z{len(TEXTS) - 1}z").first.wait_for()
            settle(page)
            # Some widgets are named, for those who cannot see, by the Markdown of their label.
            seen.look(page, kind, texts, attributes=())
        # Whole lines: what an end of its own would keep from being a rule, or an arrow.
        page.goto(f"{address}?kind=alone&alone")
        settle(page)
        lines = page.get_by_test_id("stMarkdown").all_inner_texts()
    seen.assert_text_is_text()
    assert len(seen.pairs) == len(kinds) * len(TEXTS)
    assert [shown(line) for line in lines] == [shown(text) for text in TEXTS]
    record(
        "Text is text: pairs of text and kind of element seen in the browser",
        f"{len(seen.pairs):,}: {len(TEXTS)} texts in {len(kinds)} kinds",
    )


def test_texts_in_a_report_are_text(lab: HostileLab, page: Page) -> None:
    seen = Seen()
    seen.watch(page)
    store = RunStore(runs_folder())
    split = split_for(lab.runs[0].config, lab.data)
    for run in lab.runs[:: max(1, len(lab.runs) // 30)]:
        file = lab.home / "report.html"
        file.write_text(run_report(run, store.scorer(run.run_id), lab.data, split))
        page.goto(file.as_uri())
        seen.loads += 1
        seen.look(page, "report", lab.texts)
    seen.foreign = [url for url in seen.foreign if not url.startswith("file:")]
    seen.assert_text_is_text()
    assert len(seen.pairs) > 20
    record(
        "Text is text: pairs of text and place seen in the browser, reports", f"{len(seen.pairs)}"
    )


def test_no_cell_of_a_downloaded_table_is_a_formula(
    address: str, lab: HostileLab, page: Page
) -> None:
    first = TEXTS.index("=1+1")
    cells, formulas, files = 0, [], 0
    for path in ("Compare", "Recommend", "New_user"):
        page.goto(f"{address}/{path}?{urlencode(good_link(lab, path, first))}")
        page.get_by_test_id("stDownloadButton").first.wait_for()  # before that, it may not run yet
        settle(page)
        for button in page.get_by_test_id("stDownloadButton").get_by_role("button").all():
            with page.expect_download() as download:
                button.click()
            if not download.value.suggested_filename.endswith(".csv"):
                continue
            files += 1
            with download.value.path().open(newline="", encoding="utf-8") as stream:
                found = [cell for row in csv.reader(stream) for cell in row]
            cells += len(found)
            formulas += [cell for cell in found if _is_formula(cell)]
    assert files >= 3
    assert formulas == []
    record("Text is text: formulas in downloaded tables", f"0 of {cells:,} cells in {files} files")


def _is_formula(cell: str) -> bool:
    with suppress(ValueError):
        float(cell)
        return False
    return cell[:1] in tuple("=+-@\t\r\n")
