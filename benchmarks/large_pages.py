"""How long the pages take to answer on a catalogue as large as MovieLens 25M, in a real browser.

    python -m benchmarks.large_pages [FOLDER] [--pages Recommend,New_user,Movie_map]

FOLDER is the home of a lab of `benchmarks.large_lab`, which is made if it is empty; without it,
one is made and removed again. Where no Chromium or Chrome is installed, this says so and writes
nothing.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, Locator, Page

from benchmarks import results
from benchmarks.large_lab import NAME, make_lab
from benchmarks.pages import GLIDE, ROOT, TITLES, painted, running_browser, server, window
from benchmarks.synthetic import SIZES
from recsys.runs.records import Run
from recsys.runs.store import RunStore

SIZE = SIZES["25m"]
TIMES = 7
PLACES = (0.2, 0.4, 0.6, 0.3, 0.5, 0.7, 0.1)  # on a slider, 0 to 1
GENRES = ("Drama", "War", "Comedy", "Crime", "Horror")
COLOURS = ("Year", "Popularity", "Mean rating", "Genre") * 2
SOMEBODY = 91_676  # user id
FIRST_SECONDS = 180  # more than a first visit takes, which loads the data
PATIENCE_SECONDS = 20
READY = 2_500  # ms after a page is complete in which Streamlit fetches the code of its inputs
BREATH = 150  # ms between two actions
ENDED = '[data-test-script-state="notRunning"]'

# From the next press of the mouse or a key on: milliseconds until the text of an element is another
# one, and until the page's script has ended; null if it does not run.
WATCH = """one => {
    const app = document.querySelector('[data-test-script-state]');
    const ended = () => app.dataset.testScriptState === 'notRunning';
    const before = one.textContent;
    window.waited = new Promise(resolve => {
        let start = null, changed = null, ran = false;
        const begin = () => {
            if (start !== null) return;
            start = performance.now();
            new MutationObserver(() => { ran ||= !ended(); }).observe(app, { attributes: true });
            look();
        };
        const look = () => {
            const waited = performance.now() - start;
            if (one.textContent !== before) changed ??= waited;
            if (ran && ended()) resolve([changed ?? waited, waited]);
            else if (waited > 20000) resolve(null);
            else requestAnimationFrame(look);
        };
        for (const kind of ['pointerup', 'keyup', 'input'])
            addEventListener(kind, begin, { capture: true, once: true });
    });
}"""
# Goes over a map until the pointer has been on so many movies: the place of the last one.
MOVIE = """(canvas, wanted) => {
    const box = canvas.getBoundingClientRect();
    let found = 0;
    for (let y = 60; y < box.height - 60; y += 17) for (let x = 60; x < box.width - 60; x += 17) {
        const place = { clientX: box.left + x, clientY: box.top + y, pointerType: "mouse" };
        canvas.dispatchEvent(new PointerEvent("pointermove", place));
        if (canvas.classList.contains("near") && found++ === wanted) return { x, y };
    }
    return null;
}"""


class Wait(NamedTuple):
    """Seconds from an action until the first change is seen, and until the script has ended."""

    answer: float
    complete: float


Waits = Sequence[Wait | None]  # None: the page did not react
Measured = Iterator[tuple[str, Waits]]


def main() -> None:
    arguments = _arguments()
    with home_of(arguments.folder) as folder, running_browser() as browser:
        if browser is None:
            return
        environment = os.environ | {"RECSYS_HOME": str(folder), "RECSYS_DATA": NAME}
        with server(ROOT / "app.py", environment) as address:
            rows = measure(browser, address, runs_of(folder), arguments.pages.split(","))
        notes = [
            f"Headless Chromium {browser.version} on the same machine as the server; synthetic "
            f"data with {SIZE.n_ratings:,} ratings, {SIZE.n_users:,} users and "
            f"{SIZE.n_movies:,} movies; one run with equal weights and one of all ratios.",
            "Seconds from the click or key until the answer is seen, and until the page's script "
            f"has ended; medians of {min(TIMES, len(GENRES))} or more. Each user, movie and "
            "place of a slider is a new one.",
            "The pages were opened in this order on one new server. The first load of each loads "
            "what it still needs of the data, the split, the models, and the modules of the page.",
        ]
        print(results.save("large_pages", rows, notes))


@contextmanager
def home_of(folder: Path | None) -> Iterator[Path]:
    """Give the home of a large lab: this one, or one that is made for the time being."""
    with tempfile.TemporaryDirectory() as made:
        home = folder or Path(made)
        if not (home / "runs").exists():
            make_lab(home, SIZE)
        yield home


def runs_of(folder: Path) -> tuple[Run, Run]:
    """Return the run with equal weights and the one of all ratios."""
    runs = RunStore(folder / "runs").list()
    return next(run for run in runs if not run.line), next(run for run in runs if run.line)


def measure(
    browser: Browser, address: str, runs: tuple[Run, Run], pages: Sequence[str]
) -> list[results.Row]:
    """Return the rows of the report, measured on a new server at `address`."""
    rows = []
    for name in pages:
        title = TITLES[name]
        with window(browser) as page:
            page.set_default_timeout(1000 * FIRST_SECONDS)
            first = painted(page, f"{address}/{name}?run={runs[0].run_id}", title).complete
            rows.append(_row(f"{title}: first load", "", first, None))
            page.wait_for_timeout(READY)
            page.set_default_timeout(1000 * PATIENCE_SECONDS)
            for what, waits in PAGES[name](page, f"{address}/{name}", *runs):
                rows.append(wait_row(f"{title}: {what}", waits))
                print(rows[-1], flush=True)
        rows.append(_row(f"{title}: memory of the server afterwards, MB", held_mb(), "", None))
    return rows


def recommend(page: Page, address: str, run: Run, line: Run) -> Measured:
    """Measure what one does on Recommend."""
    person, board = page.get_by_test_id("stMain"), page.locator(".board")
    answer, tiles = page.locator(".answer"), page.locator(".tile")
    random = page.get_by_role("button", name="shuffle").first
    yield "another user", [wait(page, random.click, person) for _ in range(TIMES)]
    yield "why a movie", [wait(page, tiles.nth(n + 1).click, answer) for n in range(TIMES)]
    yield "another user, the first movie explained", list(_first_movies(page, random, answer))
    search = page.get_by_role("searchbox", name="Search a movie to explain")
    found = page.locator(".found")
    yield "a search for a movie", _searches(page, search, found)
    yield "why not a movie found", list(_why_not(page, search, found, answer))
    search.fill("")
    page.wait_for_timeout(READY)
    for label in ("Serving blend", "Diversity"):
        slider = page.get_by_role("group", name=label)
        yield label.lower(), [wait(page, _slide(page, slider, to), board) for to in PLACES]
    busy = page.get_by_text("Most active", exact=True)
    visit(page, f"{address}?run={run.run_id}")
    yield "the most active user", [wait(page, busy.click, person)]
    yield (
        "why, the most active user",
        [wait(page, tiles.nth(n + 1).click, answer) for n in range(TIMES)],
    )
    visit(page, f"{address}?run={run.run_id}")
    yield "a filter", list(_filters(page, board))
    visit(page, f"{address}?run={run.run_id}&view=scatter")
    yield "another user, with the plot", [wait(page, random.click, person) for _ in range(TIMES)]
    visit(page, f"{address}?run={run.run_id}&beside={line.run_id}")
    yield "another user, two models", [wait(page, random.click, person) for _ in range(TIMES)]
    visit(page, f"{address}?run={line.run_id}")
    slider = page.get_by_role("group", name="Weights, retrieval : rating")
    yield "weights of all ratios", [wait(page, _slide(page, slider, to), board) for to in PLACES]


def new_user(page: Page, address: str, run: Run, line: Run) -> Measured:
    """Measure what one does on New user."""
    lists, tiles = page.locator(".lists"), page.locator(".tile")
    search = page.get_by_role("searchbox", name="Search a movie")

    def stars(movies: int) -> Iterator[Wait | None]:
        for n in range(2 * TIMES):
            star = tiles.nth(n % movies).locator(".star").nth(4 - n % 4)
            yield wait(page, star.click, lists)
            page.wait_for_timeout(GLIDE)

    yield "a star", list(stars(9))
    yield "a search", _searches(page, search, page.locator(".tiles"))
    visit(page, f"{address}?run={run.run_id}&beside={line.run_id}")
    yield "a star, two models", list(stars(4))


def movie_map(page: Page, address: str, run: Run, line: Run) -> Measured:
    """Measure what one does on the Movie map."""
    canvas, shown = page.locator("canvas.over").first, page.locator(".list")
    legend, stage = page.locator(".legend"), page.locator(".stage")
    yield "a click on a movie", list(_clicks(page, canvas, shown))
    near = page.locator(".neighbour")
    yield "a click on a neighbour", [wait(page, near.nth(n).click, shown) for n in range(TIMES)]
    yield "another colour", list(_options(page, "Colour", COLOURS, legend))
    visit(page, f"{address}?run={run.run_id}&user={SOMEBODY}")
    theirs = ("Predicted stars", "Predicted rank") * 3
    yield "a colour of the user", list(_options(page, "Colour", theirs, legend))
    yield "another user", list(_people(page, legend))
    visit(page, f"{address}?run={line.run_id}")
    yield "a second map", list(_second_maps(page, stage))
    yield "a click on a movie, two maps", list(_clicks(page, canvas, shown))


PAGES = {"Recommend": recommend, "New_user": new_user, "Movie_map": movie_map}


def wait(page: Page, act: Callable[[], object], watched: Locator) -> Wait | None:
    """Return how long an action takes to be answered: until the text of `watched` changes.

    Raises:
        RuntimeError: the answer is an exception.
    """
    page.wait_for_selector(ENDED)
    page.wait_for_timeout(BREATH)
    page.evaluate(WATCH, watched.element_handle())
    act()
    waited = page.evaluate("window.waited")
    if page.get_by_test_id("stException").count():
        raise RuntimeError(f"{page.url} shows an exception")
    return None if waited is None else Wait(*(value / 1000 for value in waited))


def visit(page: Page, address: str) -> None:
    """Go to a page, and wait until its inputs are there."""
    painted(page, address, TITLES[address.split("?")[0].rsplit("/", 1)[1]])
    page.wait_for_timeout(READY)


def _first_movies(page: Page, random: Locator, answer: Locator) -> Iterator[Wait | None]:
    """Show other users: the first movie of each is explained by what it would take to change it."""
    for _ in range(TIMES):
        page.evaluate("history.replaceState(null, '', location.pathname)")
        yield wait(page, random.click, answer)


def _searches(page: Page, search: Locator, found: Locator) -> Waits:
    return [wait(page, partial(search.fill, f"the {n}"), found) for n in range(11, 11 + TIMES)]


def _why_not(page: Page, search: Locator, found: Locator, answer: Locator) -> Iterator[Wait | None]:
    for n in range(31, 31 + TIMES):
        wait(page, partial(search.fill, f"the {n}"), found)
        yield wait(page, found.locator("button").nth(5).click, answer)


def _filters(page: Page, board: Locator) -> Iterator[Wait | None]:
    page.locator(".st-key-recommend-filters button").first.click()
    for name in GENRES:
        page.get_by_role("combobox", name="Genres").fill(name)
        yield wait(page, page.get_by_role("option", name=name).first.click, board)


def _clicks(page: Page, canvas: Locator, shown: Locator) -> Iterator[Wait | None]:
    page.wait_for_function("() => window.duetMovieMap?.points && window.duetMovieMap.shown")
    for n in range(TIMES):
        place = canvas.evaluate(MOVIE, 9 * (n + 3))
        yield wait(page, partial(canvas.click, position=place), shown)


def _options(
    page: Page, label: str, names: Sequence[str], watched: Locator
) -> Iterator[Wait | None]:
    for name in names:
        page.get_by_role("combobox", name=label).click()
        yield wait(page, page.get_by_role("option", name=name, exact=True).click, watched)


def _people(page: Page, watched: Locator) -> Iterator[Wait | None]:
    for n in range(TIMES):
        page.get_by_role("combobox", name="Person").click()
        yield wait(page, page.get_by_role("option").nth(n + 1).click, watched)


def _second_maps(page: Page, stage: Locator) -> Iterator[Wait | None]:
    for n in range(TIMES):
        page.get_by_role("combobox", name="Compare with").click()
        yield wait(page, page.get_by_role("option").nth(n + 1).click, stage)


def _slide(page: Page, slider: Locator, place: float) -> Callable[[], object]:
    page.wait_for_selector(ENDED)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    x, y = box["x"] + place * box["width"], box["y"] + box["height"] / 2
    return partial(page.mouse.click, x, y)


def wait_row(what: str, waits: Waits) -> results.Row:
    """Return the medians of these waits, with their bound."""
    known = [one for one in waits if one is not None]
    answer, complete = (median(values) for values in zip(*known, strict=True))
    return _row(what, answer, complete, "≤ 1")


def _row(what: str, value: object, complete: object, must: str | None) -> results.Row:
    return {"what": what, "value": value, "complete": complete, "must": must}


def held_mb() -> float:
    """Return the memory that the server, a child of this process, holds: MB of 10^6 bytes."""
    servers = [one for one in psutil.Process().children() if "streamlit" in one.cmdline()]
    return float(sum(one.memory_info().rss for one in servers) / 1e6)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_pages", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="home of the lab")
    parser.add_argument("--pages", default=",".join(PAGES), help=f"among {', '.join(PAGES)}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
