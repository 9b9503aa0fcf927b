"""How long a person waits in a real browser: for a page, for another user, for a rating to count.

    python -m benchmarks.pages [--once]

`--once` measures each thing once or twice and writes nothing: whether the pages still have what
is measured.
Headless Chromium and a warm server, in a home of its own that holds one short run on ML-100K.
Where no Chromium or Chrome is installed, this says so and writes nothing.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import app_server, live, results
from pages.ui import state

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
TITLES = {  # by path
    "": "Duet",
    "Train": "Train",
    "Trade-off": "Trade-off",
    "Compare": "Compare",
    "Recommend": "Recommend",
    "New_user": "New user",
    "Movie_map": "Movie map",
}
EMPTY = "Empty"
EPOCHS = 2  # of the run that is shown: what it learnt is not measured here
VISITS, CHANGES = 8, 8
WORKER_SECONDS = 300  # until the worker has imported TensorFlow, also on a busy machine
PLACES = (0.2, 0.4, 0.6, 0.3, 0.5, 0.7, 0.35, 0.45)  # on the slider of the serving blend, 0 to 1
RATINGS = (5, 4, 2, 5, 1, 4, 5, 3)  # stars given on New user
GLIDE = 500  # ms in which movies move to their new places
START_SECONDS = 60

# All are timed by the page's own clock, so that nothing of the driver counts.
# Milliseconds since navigation started: of the browser's first paint and first contentful paint,
# and of now, once the title is shown and the script has ended.
PAINTED = """title => [...document.querySelectorAll('[data-testid=stMain] h1')]
        .some(one => one.innerText === title && one.checkVisibility())
    && document.querySelector('[data-test-script-state=notRunning]')
    && performance.getEntriesByName('first-contentful-paint').length
    && [performance.getEntriesByName('first-paint')[0].startTime,
        performance.getEntriesByName('first-contentful-paint')[0].startTime,
        performance.now()]"""
# Gives a movie stars: milliseconds until the list is another one; null if it stays as it is. The
# movies are taken in turn, so that they are of several genres.
OTHER_LIST = """(board, [stars, patience]) => new Promise(resolve => {
    const list = () => board.querySelector('.lists').textContent;
    const tiles = board.querySelectorAll('.tile');
    const tile = tiles[board.querySelectorAll('.rating').length % tiles.length];
    const before = list(), start = performance.now();
    tile.querySelectorAll('.star')[stars - 1].click();
    const look = () => {
        const waited = performance.now() - start;
        if (list() !== before) resolve(waited);
        else if (waited > patience) resolve(null);
        else requestAnimationFrame(look);
    };
    look();
})"""
# Clicks a movie: milliseconds until it is the one that is explained.
EXPLAINED = """(tile, [answer, patience]) => new Promise(resolve => {
    const title = tile.querySelector('.title').textContent, start = performance.now();
    tile.click();
    const look = () => {
        const waited = performance.now() - start;
        if (answer.querySelector('.heading')?.textContent === title) resolve(waited);
        else if (waited > patience) resolve(null);
        else requestAnimationFrame(look);
    };
    look();
})"""
# Clicks the button for another user: milliseconds until the list is theirs; null if nobody comes.
ANOTHER_USER = """patience => new Promise(resolve => {
    const person = () => [...document.querySelectorAll('[data-testid=stMain] strong')]
        .map(one => one.innerText).find(text => text.startsWith('User '));
    const button = document.querySelector('.RANDOM button');
    const before = person(), start = performance.now();
    const look = () => {
        const waited = performance.now() - start, now = person();
        if (now && now !== before) resolve(waited);
        else if (waited > patience) resolve(null);
        else requestAnimationFrame(look);
    };
    button.click();
    look();
})"""
# From the release of the mouse on the slider: milliseconds until the figures of all users change.
OTHER_FIGURES = """patience => new Promise(resolve => addEventListener('pointerup', () => {
    const figures = () => [...document.querySelectorAll('[data-testid=stMetricValue]')]
        .map(one => one.innerText).join();
    const before = figures(), start = performance.now();
    const look = () => {
        const waited = performance.now() - start;
        if (figures() !== before) resolve(waited);
        else if (waited > patience) resolve(null);
        else requestAnimationFrame(look);
    };
    look();
}, {once: true}))"""
# The container of a widget has a class that is made of its key.
RANDOM = f"st-key-{state.RECOMMEND_RANDOM}".replace(".", "-")
ALL_USERS = f"st-key-{state.RECOMMEND_ALL_USERS}".replace(".", "-")
PATIENCE = 10_000  # ms


class Visit(NamedTuple):
    """Seconds to the first paint, to the first contentful one, and until the page is complete."""

    paint: float
    contentful: float
    complete: float


class Place(NamedTuple):
    """A page: what the report calls it, where it is, and its title."""

    name: str
    address: str
    title: str


class Times(NamedTuple):
    """How often a page is visited, and how often something on it is changed."""

    visits: int
    changes: int


ALL = Times(VISITS, CHANGES)


def main(arguments: Sequence[str] = ()) -> None:
    once = _arguments(arguments).once
    times = Times(1, 2) if once else ALL
    with tempfile.TemporaryDirectory() as home, running_browser() as browser:
        if browser is None:
            return
        with serve(Path(home)) as address, serve_empty(Path(home)) as empty:
            rows = measure(browser, address, empty, times)
        version = browser.version
    rows += live.measure()
    if once:
        for one in rows:
            print(f"{one['what']}: {one['value']:.3f} {one['unit']}")
        return
    notes = [
        live.NOTE,
        f"Headless Chromium {version} on the same machine as the server, which had shown each "
        "page once, whose worker had started, and which held one run on ML-100K.",
        "First paint and first contentful paint: the browser's own. Complete: the title is shown "
        "and the page's script has ended. All from the start of the navigation, medians of "
        f"{VISITS}. "
        "Later visits are made in turns, one of each page and one of an app of nothing but a "
        "title: the speed of a machine changes within minutes. The aim is a complete page in 1.5 "
        "times the time of that app, or in 0.45 s.",
        "On a first visit the browser has nothing cached and loads and compiles all of Streamlit's "
        "code; on a later one it has that code cached. An app of nothing but a title shows what "
        "Streamlit itself takes. The limit of 1 s is on the first paint, as the aim has it: the "
        "complete page of that empty app already takes about as long.",
        "Another user: from the click on the button until the page names them; the median of "
        f"{CHANGES}.",
        "Why: from the click to the panel that explains the movie clicked.",
        "Serving blend: from the release of the mouse on the slider until the figures of all users "
        f"have changed, the run's curve having been computed; the median of {len(PLACES)}.",
    ]
    print(results.save("pages", rows, notes))


def ratings_given(browser: Browser, address: str, times: Times) -> list[float]:
    """Return the seconds from each click on a movie's stars to the list's change."""
    with window(browser) as page:
        painted(page, f"{address}/New_user", TITLES["New_user"])
        board = page.locator(".board")
        waits = []
        for stars in RATINGS[: times.changes]:
            waits.append(board.evaluate(OTHER_LIST, [stars, PATIENCE]))
            page.wait_for_selector('[data-test-script-state="notRunning"]')
            page.wait_for_timeout(GLIDE)
        return in_seconds(waits)


@contextlib.contextmanager
def running_browser() -> Iterator[Browser | None]:
    """Give a browser; None, after saying so, where no Chromium or Chrome is installed."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        print("Not measured: no Chromium or Chrome is installed (README, Development).")
        yield None
        return
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=QUIET) as browser,
    ):
        yield browser


def measure(browser: Browser, address: str, empty: str, times: Times) -> list[results.Row]:
    """Return the rows of the report.

    Args:
        browser: visits the pages.
        address: of the server of the lab.
        empty: of the server of an app that is nothing but a title: what Streamlit itself takes.
        times: how often each page is visited, and something on it changed.
    """
    warm_up(browser, address)
    with window(browser) as page:
        painted(page, empty, EMPTY)
    lab = [Place(page_name(path), f"{address}/{path}", title) for path, title in TITLES.items()]
    places = [*lab, Place("an empty Streamlit app", empty, EMPTY)]
    rows = []
    for place in places:
        first = first_visits(browser, place.address, place.title, times.visits)
        rows += visit_rows(place, "first", first)
    later = visits_in_turns(browser, places, times.visits)
    base = median(visit.complete for visit in later[-1])
    for place, visits in zip(places, later, strict=True):
        rows += visit_rows(place, "later", visits)
        if place in lab:
            ratio = median(visit.complete for visit in visits) / base
            what = "… complete, later visit, as a multiple of that of an empty app"
            rows.append(
                {"what": what, "value": ratio, "unit": "times", "must": "≤ 1.5", "goal": None}
            )
    rows.append(
        row("choosing another user on Recommend", user_changes(browser, address, times), "≤ 0.3")
    )
    moves = blend_moves(browser, address, times)
    rows.append(row("moving the serving blend on Recommend", moves, "≤ 0.3"))
    whys = explanations(browser, address, times)
    rows.append(row("clicking a movie on Recommend: why it is recommended", whys, "≤ 0.3"))
    ratings = ratings_given(browser, address, times)
    rows.append(row("rating a movie on New user: the list changes", ratings, "≤ 0.3"))
    return rows


def visit_rows(place: Place, which: str, visits: Sequence[Visit]) -> list[results.Row]:
    """Return the rows of `first` or `later` visits to a page; only the lab's own have a bound."""
    paints, contentful, completions = zip(*visits, strict=True)
    must = None if place.title == EMPTY else "≤ 1"
    return [
        row(f"{place.name}: first paint, {which} visit", paints, must),
        row(f"… first contentful paint, {which} visit", contentful, None),
        row(f"… complete, {which} visit", completions, None),
    ]


def warm_up(browser: Browser, address: str) -> None:
    """Open each page once, and wait for the server's worker: its start takes a core for a while."""
    with window(browser) as page:
        for name, title in TITLES.items():
            painted(page, f"{address}/{name}", title)
        ready = page.get_by_test_id("stSidebar").get_by_text("Worker is ready")
        ready.wait_for(timeout=1000 * WORKER_SECONDS)


def first_visits(browser: Browser, address: str, title: str, times: int) -> list[Visit]:
    """Return the seconds of visits in windows that have nothing cached."""
    visits = []
    for _ in range(times):
        with window(browser) as page:
            visits.append(painted(page, address, title))
    return visits


def later_visits(browser: Browser, address: str, title: str, times: int) -> list[Visit]:
    """Return the seconds of visits in a window that has been there before."""
    with window(browser) as page:
        painted(page, address, title)
        return [painted(page, address, title) for _ in range(times)]


def visits_in_turns(
    browser: Browser, places: Sequence[Place], times: int
) -> list[tuple[Visit, ...]]:
    """Return the visits to each place in windows that have been there before, made in turns."""
    with contextlib.ExitStack() as windows:
        pages = [windows.enter_context(window(browser)) for _ in places]

        def visit_each() -> list[Visit]:
            visits = []
            for page, place in zip(pages, places, strict=True):
                visits.append(painted(page, place.address, place.title))
                page.goto("about:blank")  # an open page looks for news
            return visits

        visit_each()
        return list(zip(*(visit_each() for _ in range(times)), strict=True))


def user_changes(browser: Browser, address: str, times: Times) -> list[float]:
    """Return the seconds from each click for another user to the name of another user."""
    with window(browser) as page:
        painted(page, f"{address}/Recommend", TITLES["Recommend"])
        # Streamlit fetches the code of its inputs after the page is there.
        page.locator(f".{RANDOM} button").first.wait_for()
        waits = []
        for _ in range(times.changes):
            waits.append(page.evaluate(ANOTHER_USER.replace("RANDOM", RANDOM), PATIENCE))
            page.wait_for_selector('[data-test-script-state="notRunning"]')
        return in_seconds(waits)


def blend_moves(browser: Browser, address: str, times: Times) -> list[float]:
    """Return the seconds from each move of the serving blend to new figures of all users."""
    with window(browser) as page:
        painted(page, f"{address}/Recommend", TITLES["Recommend"])
        page.locator(f".{ALL_USERS} summary").click()
        page.get_by_text("Differences to retrieval alone").wait_for()  # the curve is there
        slider = page.get_by_role("group", name="Serving blend")
        slider.scroll_into_view_if_needed()
        waits = []
        for place in PLACES[: times.changes]:
            box = slider.bounding_box()
            assert box
            # In braces, so that Playwright does not wait for it before it clicks.
            page.evaluate(f"() => {{ window.waited = ({OTHER_FIGURES})({PATIENCE}) }}")
            page.mouse.click(box["x"] + place * box["width"], box["y"] + box["height"] / 2)
            waits.append(page.evaluate("window.waited"))
            page.wait_for_selector('[data-test-script-state="notRunning"]')
        return in_seconds(waits)


def explanations(browser: Browser, address: str, times: Times) -> list[float]:
    """Return the seconds from each click on a movie to the explanation of it."""
    with window(browser) as page:
        painted(page, f"{address}/Recommend", TITLES["Recommend"])
        tiles, waits = page.locator(".tile"), []
        tiles.first.wait_for()
        answer = page.locator(".answer").element_handle()
        for place in range(1, times.changes + 1):  # the first is explained already
            waits.append(tiles.nth(place).evaluate(EXPLAINED, [answer, PATIENCE]))
            page.wait_for_selector('[data-test-script-state="notRunning"]')
        return in_seconds(waits)


def in_seconds(waits: Sequence[float | None]) -> list[float]:
    """Return waits, in milliseconds, as seconds.

    Raises:
        RuntimeError: one is None: the page has not answered.
    """
    if any(wait is None for wait in waits):
        raise RuntimeError(f"the page has not answered within {PATIENCE / 1000:g} s")
    return [wait / 1000 for wait in waits if wait is not None]


def page_name(path: str) -> str:
    """Return the name of the page at a path."""
    return path.replace("_", " ") or "Home"


@contextlib.contextmanager
def window(browser: Browser) -> Iterator[Page]:
    """Open a new window, with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(1000 * START_SECONDS)
    yield context.new_page()
    context.close()


def painted(page: Page, address: str, title: str) -> Visit:
    """Go to a page; return the seconds from the start of the navigation.

    Raises:
        RuntimeError: what is there is an exception, or a dialog says that there is no such page.
    """
    page.goto(address, wait_until="commit")
    milliseconds = page.wait_for_function(PAINTED, arg=title).json_value()
    for test_id in ("stException", "stDialog"):
        if page.get_by_test_id(test_id).count():
            raise RuntimeError(f"{address} shows {page.get_by_test_id(test_id).inner_text()}")
    return Visit(*(value / 1000 for value in milliseconds))


@contextlib.contextmanager
def serve(home: Path) -> Iterator[str]:
    """Start the lab in `home` with one short run in it; give its address.

    That run is no preset, so the lab does not begin by training the presets.
    """
    environment = os.environ | {"RECSYS_HOME": str(home), "RECSYS_DATA": "100k"}
    training = [sys.executable, "-m", "recsys", "train", "--set", f"epochs={EPOCHS}"]
    quiet = subprocess.DEVNULL
    subprocess.run(training, cwd=ROOT, env=environment, check=True, stdout=quiet, stderr=quiet)
    with server(ROOT / "app.py", environment) as address:
        yield address


@contextlib.contextmanager
def serve_empty(folder: Path) -> Iterator[str]:
    """Start an app that is nothing but a title: what Streamlit itself takes."""
    script = folder / "empty.py"
    script.write_text(f'import streamlit as st\nst.title("{EMPTY}")\n')
    with server(script, dict(os.environ)) as address:
        yield address


@contextlib.contextmanager
def server(script: Path, environment: dict[str, str]) -> Iterator[str]:
    """Serve an app; give its address."""
    with app_server.running(script, environment) as served:
        yield served.address


def row(what: str, seconds: Sequence[float], must: str | None) -> results.Row:
    """Return a row of the report: the median of these seconds, and its bound."""
    return {"what": what, "value": median(seconds), "unit": "s", "must": must, "goal": None}


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--once", action="store_true", help="measure once, write nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
