"""How long a new user of the playground waits: until something moves, and for another list.

    python -m benchmarks.playground

Headless Chromium, and a new server in an empty home for each start. Where no Chromium or Chrome is
installed, this says so and writes nothing.
"""

import os
import tempfile
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Locator, Page

from benchmarks import results
from benchmarks.pages import PATIENCE, ROOT, row, running_browser, server, window

STARTS = 3
PLACES = (0.1, 0.9, 0.3, 0.7, 0.05, 0.6, 0.2, 0.95, 0.5)  # of the weights, 0 to 1
TRAINING_SECONDS = 300  # more than all trainings of a new lab take
THUMB = 22  # pixels

# From the change of a slider on: milliseconds until other movies are shown; null if none are.
OTHER_MOVIES = """([slider, movies, patience]) => new Promise(resolve =>
    slider.addEventListener('change', () => {
        const titles = () => [...movies.children].map(one => one.dataset.id).join();
        const before = titles(), start = performance.now();
        const look = () => {
            const waited = performance.now() - start;
            if (titles() !== before) resolve(waited);
            else if (waited > patience) resolve(null);
            else requestAnimationFrame(look);
        };
        look();
    }, {once: true}))"""
NOW = "() => performance.now() / 1000"  # seconds since the navigation started


def main() -> None:
    with running_browser() as browser:
        if browser is None:
            return
        starts = [measure_start(browser) for _ in range(STARTS)]
        version = browser.version
    moved, listed, trained, waits = zip(*starts, strict=True)
    rows = [
        row("empty lab: the weights can be moved", moved, "≤ 20"),
        row("… the list is that of a trained model", listed, None),
        row("… all six trainings have ended", trained, None),
        row("moving the weights: another list", list(chain.from_iterable(waits)), "≤ 0.3"),
    ]
    notes = [
        f"Headless Chromium {version} on the same machine as the server, which was started in an "
        "empty home and had shown no page. The first three rows are from opening Home on; medians "
        f"of {STARTS} starts.",
        "Another list: from the release of the slider until other movies are shown, once all "
        f"trainings have ended; the median of up to {STARTS * len(PLACES)} moves that change the "
        "list.",
    ]
    print(results.save("playground", rows, notes))


class Start(NamedTuple):
    """Seconds of one start of a new lab, from opening Home on.

    Attributes:
        moved: until the weights can be moved.
        listed: until the list is that of a trained model.
        trained: until all trainings have ended.
        waits: from each move of the weights until another list is shown.
    """

    moved: float
    listed: float
    trained: float
    waits: list[float]


def measure_start(browser: Browser, app: Path = ROOT / "app.py", *, moves: bool = True) -> Start:
    """Return the seconds of one start of a new lab; without `moves`, the weights stay alone."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"RECSYS_HOME": home, "RECSYS_DATA": "100k"}
        with server(app, environment) as address, window(browser) as page:
            page.set_default_timeout(1000 * TRAINING_SECONDS)
            page.goto(address, wait_until="commit")
            page.locator(".instrument:not(.empty)").wait_for()
            moved = page.evaluate(NOW)
            page.locator(".all-users .value").first.wait_for()
            listed = page.evaluate(NOW)
            page.wait_for_selector(
                "[data-testid=stSidebar] [data-testid=stProgress]", state="hidden"
            )
            trained = page.evaluate(NOW)
            return Start(moved, listed, trained, list_waits(page) if moves else [])


def list_waits(page: Page) -> list[float]:
    """Return the seconds from each release of the weights to another list, if it changes."""
    slider = page.get_by_role("slider", name="Ratio of the loss weights")
    movies = page.locator(".movies")
    slider.scroll_into_view_if_needed()
    waits = []
    for place in PLACES:
        page.wait_for_selector('[data-test-script-state="notRunning"]')
        page.wait_for_selector(".all-users:not(.waiting)")
        handles = [slider.element_handle(), movies.element_handle(), PATIENCE]
        # In braces, so that Playwright does not wait for it before it drags.
        page.evaluate(f"given => {{ window.waited = ({OTHER_MOVIES})(given) }}", handles)
        drag(page, slider, place)
        waits.append(page.evaluate("window.waited"))
    return [wait / 1000 for wait in waits if wait is not None]


def drag(page: Page, slider: Locator, place: float) -> None:
    """Drag the thumb of a slider from where it is to a place, 0 to 1, and release it."""
    box = slider.bounding_box()
    assert box
    left, width, y = box["x"] + THUMB / 2, box["width"] - THUMB, box["y"] + box["height"] / 2
    at = slider.evaluate("one => one.value / one.max")
    page.mouse.move(left + at * width, y)
    page.mouse.down()
    page.mouse.move(left + place * width, y, steps=6)
    page.mouse.up()


if __name__ == "__main__":
    main()
