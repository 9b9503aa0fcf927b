"""Links with anything in them: each page shows something, and never a traceback."""

import os
import random
import time
from urllib.parse import quote

import psutil
import pytest

from tests.faults.results import record
from tests.hostile_lab import PAGES, PARAMETERS
from tests.hostile_texts import TEXTS, URL
from tests.pages.conftest import filled_home, lab, open_page, own_main, queue  # noqa: F401
from tests.pages.small_lab import Lab, OpenPage

EXAMPLES = int(os.environ.get("DUET_EXAMPLES", "50"))  # `make test-faults` sets more
NUMBERS = ("0", "-1", "1e999", "nan", "inf", "-0.0", "9" * 400, "0x10", "1_000", "٣", "1,5", " 1 ")
NOISE = ("", *"\0%\n\r\t'\"", "é", "\ufffd", "🙂")
LONG = ("", " ", "\x00", "a" * 100_000, "," * 1000, "🙂" * 500, quote(URL))
RIGHT = (
    *("1", "25", "yes", "no", "1:5,2:3", "rmse", "ndcg@20", "holdout", "validation", "tied"),
    *("umap", "genre", "table", "search", "1990-2000", "@0.5", "0.5", "-1.2", "Comedy|Drama"),
)
KINDS = ("markdown", "caption", "title", "subheader", "warning", "error", "info", "success")


def value(chance: random.Random, known: list[str]) -> str:
    """Return what a query parameter may hold: a text, a number, a list, or almost what is right."""
    kind = chance.randrange(8)
    if kind < 3:
        return chance.choice(TEXTS)
    if kind == 3:
        return chance.choice(NUMBERS)
    if kind == 4:
        return chance.choice(",|:;@-/ ").join(value(chance, known) for _ in range(3))
    if kind == 5:
        right = chance.choice(known)
        at = chance.randrange(len(right) + 1)
        return right[:at] + chance.choice(NOISE) + right[at + 1 :]
    if kind == 6:
        return chance.choice(LONG)
    return chance.choice(known)


@pytest.fixture(autouse=True)
def components_are_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit would look through all installed packages, for each page anew."""
    search = "streamlit.components.v2.manifest_scanner.scan_component_manifests"
    monkeypatch.setattr(search, list)


def test_no_link_gives_a_traceback(lab: Lab, open_page: OpenPage) -> None:  # noqa: F811
    chance = random.Random(0)
    known = [*lab.runs, lab.data, *RIGHT]
    slowest, process = 0.0, psutil.Process()
    memory = process.memory_info().rss
    for number in range(EXAMPLES):
        page = list(PAGES.values())[number % len(PAGES)]
        names = chance.sample(PARAMETERS, chance.randint(1, len(PARAMETERS)))
        link = {name: value(chance, known) for name in names}
        start = time.perf_counter()
        app = open_page(page, **link)  # fails on an exception
        slowest = max(slowest, time.perf_counter() - start)
        for kind in KINDS:
            for element in app.get(kind):
                assert URL not in element.value, (page, link)
    grown = (process.memory_info().rss - memory) / 2**20
    record("Hostile input: links of random values without a traceback", f"all {EXAMPLES:,}")
    figure = f"{slowest:.1f} s, {grown:+.0f} MB"
    record("Hostile input: slowest page of such a link, and memory after all", figure)
