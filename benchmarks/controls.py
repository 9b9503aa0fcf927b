"""How long every control takes, and how long pages take, in a lab with many stored runs.

    python -m benchmarks.controls [--times 8] [--pages Train,Compare] [--few-only]

A warm server holds 16 runs on ML-100K, another one 200 (25 sweeps of 8 ratios). Each control of
each page is used in headless Chromium, from the press of the mouse or the key until the page is at
rest.
Where no Chromium or Chrome is installed, this says so and writes nothing.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, Locator, Page

from benchmarks import app_server, many_runs, results
from benchmarks.pages import (
    ROOT,
    TITLES,
    later_visits,
    page_name,
    painted,
    running_browser,
    warm_up,
    window,
)
from benchmarks.sections import AT_REST, come_near_all
from pages.ui import state

TIMES = 8
QUIET = 250  # ms without a change, after which a page is at rest
PATIENCE = 10_000  # ms
SCROLLS = 300  # ms
FAR = 2_000  # ms after which a section that is far from the screen has said so
NEW_SERVERS = 3
WORKER_STARTS = 30  # seconds
# Buttons that start a training, delete something, open a dialog or save a file are not pressed.
PRESSED = (
    *(state.HOME_ANOTHER, state.RECOMMEND_RANDOM, state.RECOMMEND_NEXT, state.RECOMMEND_PREVIOUS),
    state.COMPARE_ADD_SEEDS,
)

# From the next press on: milliseconds until the last change of the page and the end of its script,
# once both are QUIET ms ago; null if that does not happen. What stands inside a canvas is not seen:
# a table keeps its text there for screen readers, and writes it anew 200 ms after it is drawn.
WATCH = f"""() => {{
    const main = document.querySelector('[data-testid=stMain]');
    const app = document.querySelector('[data-test-script-state]');
    window.waited = new Promise(resolve => {{
        let start = null, last = null;
        const now = () => performance.now();
        const seen = one => !(one.closest ? one : one.parentElement)?.closest('canvas');
        const changes = new MutationObserver(records => {{
            if (records.some(record => seen(record.target))) last = now();
        }});
        const began = () => {{
            if (start !== null) return;
            start = last = now();
            changes.observe(main, {{subtree: true, childList: true, characterData: true}});
            changes.observe(app, {{attributes: true, attributeFilter: ['data-test-script-state']}});
            look();
        }};
        const look = () => {{
            const running = app.dataset.testScriptState !== 'notRunning';
            if (!running && now() - last > {QUIET}) resolve(last - start);
            else if (now() - start > {PATIENCE}) resolve(null);
            else {{ requestAnimationFrame(look); return; }}
            changes.disconnect();
        }};
        addEventListener('pointerdown', began, {{capture: true, once: true}});
        addEventListener('keydown', began, {{capture: true, once: true}});
    }});
}}"""


class Control(NamedTuple):
    """One kind of Streamlit control, and how it is used once."""

    test_id: str
    use: Callable[[Page, Locator, int], None]


class Waits(NamedTuple):
    """Milliseconds that a control took."""

    page: str
    name: str
    milliseconds: list[float]


def _press_key(page: Page, control: Locator, time: int) -> None:
    control.get_by_role("slider").first.focus()
    _watch(page)
    page.keyboard.press("ArrowLeft" if time % 2 else "ArrowRight")


def _choose_button(page: Page, control: Locator, time: int) -> None:
    options = control.locator("button[data-variant]")
    chosen = options.nth((time + 1) % options.count())
    _watch(page)
    chosen.click()


def _click(page: Page, control: Locator, time: int) -> None:
    _watch(page)
    control.locator("[data-testid^=stBaseButton], label").first.click()


def _step(page: Page, control: Locator, time: int) -> None:
    steps = control.get_by_test_id("stNumberInputStepDown" if time % 2 else "stNumberInputStepUp")
    if steps.is_disabled():
        steps = control.get_by_test_id(
            "stNumberInputStepUp" if time % 2 else "stNumberInputStepDown"
        )
    _watch(page)
    steps.click()


def _choose_option(page: Page, control: Locator, time: int) -> None:
    control.scroll_into_view_if_needed()
    page.wait_for_timeout(SCROLLS)  # a list that opens while the page still scrolls closes again
    control.locator("input").first.click()
    options = page.get_by_role("option")
    options.first.wait_for()
    chosen = options.nth((time + 1) % min(options.count(), 4))
    _watch(page)
    chosen.click()


CONTROLS = (
    Control("stSlider", _press_key),
    Control("stButtonGroup", _choose_button),
    Control("stCheckbox", _click),
    Control("stNumberInput", _step),
    Control("stSelectbox", _choose_option),
    Control("stMultiSelect", _choose_option),
    Control("stButton", _click),
)


def main() -> None:
    options = _arguments()
    pages = options.pages.split(",") if options.pages else list(TITLES)
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        if browser is None:
            return
        home = Path(folder)
        many_runs.train_few(home)
        few = measure(browser, home, pages, options.times)
        opened = [new_server_seconds(browser, home) for _ in range(NEW_SERVERS)]
        if options.few_only:
            for one in few:
                print(one.page, one.name, f"{median(one.milliseconds):.0f} ms")
            print("Compare in a new server", opened)
            return
        many_runs.copy_to_many(home)
        many = measure(browser, home, pages, options.times)
    print(results.save("controls", list(rows(few, many, opened)), _notes(options.times)))


def rows(few: list[Waits], many: list[Waits], opened: list[float]) -> Iterator[results.Row]:
    """Yield the row of each control and page, and those of Compare in a new server."""
    by_name = {(one.page, one.name): median(one.milliseconds) for one in many}
    for page, name, milliseconds in few:
        value, other = median(milliseconds), by_name.get((page, name))
        yield {
            "page": page,
            "what": name,
            "value": value,
            "unit": "ms",
            "must": "≤ 450" if name == VISIT else "≤ 300",
            "goal": None,
            "with 200 runs, ms": other,
            "ratio": other / value if other else None,
        }
    yield {
        "page": "Compare",
        "what": "the first visit of a new server whose worker is ready",
        "value": 1000 * median(opened),
        "unit": "ms",
        "must": "≤ 1000",
        "goal": None,
    }


VISIT = "a later visit: the complete page"


def measure(browser: Browser, home: Path, pages: list[str], times: int) -> list[Waits]:
    """Return the waits of all controls of these pages, and of later visits to them."""
    found = []
    with serve(home) as address:
        warm_up(browser, address)
        for name in pages:
            visits = later_visits(browser, f"{address}/{name}", TITLES[name], times)
            found.append(Waits(page_name(name), VISIT, [1000 * visit.complete for visit in visits]))
        for name in pages:
            found += control_waits(browser, f"{address}/{name}", name, times)
    return found


def control_waits(browser: Browser, address: str, name: str, times: int) -> Iterator[Waits]:
    """Yield the waits of each control of a page, which is opened again for each."""
    with window(browser) as page:
        for kind, key in _controls(page, address, name):
            _open(page, address, name)
            come_near_all(page)
            place = page.locator(f".{key}")
            _go_to(page, place)
            control = place.get_by_test_id(kind.test_id).first
            waits = []
            for time in range(times):
                if not control.is_visible() or not control.is_enabled():
                    break
                kind.use(page, control, time)
                waited = page.evaluate("window.waited")
                if waited:  # 0: what was chosen is chosen already
                    waits.append(waited)
            if waits:
                yield Waits(page_name(name), _label(key), waits)


def _controls(page: Page, address: str, name: str) -> list[tuple[Control, str]]:
    """Return each control of a page, with the class of its container that is made of its key."""
    _open(page, address, name)
    come_near_all(page)
    main = page.get_by_test_id("stMain")
    kinds = [(one, main.get_by_test_id(one.test_id)) for one in CONTROLS]
    keys = [(kind, key) for kind, found in kinds for key in map(_key, found.all()) if key]
    pressed = set(map(_css, PRESSED))
    return [(kind, key) for kind, key in keys if kind.test_id != "stButton" or key in pressed]


def _open(page: Page, address: str, name: str) -> None:
    """Go to a page and open all that is closed on it."""
    painted(page, address, TITLES[name])
    page.wait_for_timeout(2_000)  # Streamlit fetches the code of its inputs after the page is there
    page.wait_for_selector(AT_REST)
    # What is in a closed expander is drawn once it is open, and cannot be used before.
    closed = page.get_by_test_id("stMain").locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()
        page.wait_for_timeout(500)
        page.wait_for_selector(AT_REST)


def _go_to(page: Page, control: Locator) -> None:
    """Go to a control, and wait until the sections that are far from it have heard so."""
    control.first.scroll_into_view_if_needed()
    page.wait_for_timeout(FAR)
    page.wait_for_selector(AT_REST)


def _key(control: Locator) -> str:
    """Return the class of a control's container that is made of its key."""
    found: str = control.evaluate(
        "one => one.closest('[class*=st-key-]')?.className.match(/st-key-[^ ]+/)[0] ?? ''"
    )
    return found


def _css(key: str) -> str:
    return f"st-key-{key}".replace(".", "-")


def _label(key: str) -> str:
    return key.removeprefix("st-key-").partition("-")[2].replace("_", " ").replace("-", " ")


def _watch(page: Page) -> None:
    page.evaluate(WATCH)


def new_server_seconds(browser: Browser, home: Path) -> float:
    """Return the seconds to Compare, the first page that a new server shows.

    The browser has Streamlit's code already, from another server at the same address.
    """
    port = app_server.free_port()
    with window(browser) as page:
        with serve(home, port) as address:
            painted(page, address, TITLES[""])
        with serve(home, port) as address:
            page.wait_for_timeout(1000 * WORKER_STARTS)
            return painted(page, f"{address}/Compare", TITLES["Compare"]).complete


@contextmanager
def serve(home: Path, port: int | None = None) -> Iterator[str]:
    """Start the lab in `home`; give its address."""
    environment = os.environ | {"RECSYS_HOME": str(home), "RECSYS_DATA": "100k"}
    with app_server.running(ROOT / "app.py", environment, port=port) as served:
        yield served.address


def _notes(times: int) -> list[str]:
    return [
        f"A warm server on ML-100K with {many_runs.FEW} stored runs, and one with "
        f"{many_runs.MANY}; headless Chromium on the same machine. Medians of {times} uses of "
        "each control, from the press of the mouse or key until the page's script has ended and "
        f"nothing has changed on it for {QUIET} ms (which do not count).",
        "All sections of a page were drawn before, and then the page scrolled to the control.",
        "Left out: controls that start a training, delete, open a dialog or save a file. The "
        "boards of Home, Recommend, New user and Movie map: see Pages and Playground.",
        f"A new server: {WORKER_STARTS} s after its start, in which its worker has imported "
        f"TensorFlow, the first page that anyone opens; median of {NEW_SERVERS} servers.",
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.controls", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--pages", default="", help="by default all")
    parser.add_argument("--few-only", action="store_true", help="print, and write nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
