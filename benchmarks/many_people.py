"""Many people at once: a hundred open pages, twenty watch a training, ten are clicked on.

    python -m benchmarks.many_people [--seconds 60]

A server of its own, in a home of its own with some short runs on ML-100K, trains one long run while
the visitors of `visitor.py` are on its pages. No browser: only the server is measured.
"""

import argparse
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, quantiles

import psutil

from benchmarks import app_server, results
from benchmarks.visitor import Visitor
from pages.ui import state

ROOT = Path(__file__).resolve().parents[1]
WATCHERS, CLICKERS, SESSIONS = 20, 10, 100
SECONDS = 60.0  # of measuring, after all pages are open
RUNS = 3  # stored before
EPOCHS = 1000  # of the training that is watched: it outlasts the measurement
PAUSE = 3.0, 8.0  # seconds between an answer and the next click
AT_ONCE = 4  # pages that open at the same time
IDLE_PAGES = ("", "Train", "Compare", "Recommend", "New_user", "Movie_map", "Trade-off")
SLIDER, WEIGHTS = "train.rating_weight", ("0.1", "0.3", "1", "2")


@dataclass
class Measured:
    """What the visitors saw, and what the server took."""

    failures: list[str]
    clicks: list[float]  # seconds
    opened: list[float]  # seconds until a page was complete
    watched: list[float]  # bytes per second of each watching page
    charts: list[float]  # per second, of each watching page
    cpu: float  # cores that the server's own process took
    memory: float  # MB that the server's own process grew by
    finished: bool = False  # whether the training ended before the measurement did


async def measure(
    address: str,
    server: psutil.Process,
    *,
    sessions: int = SESSIONS,
    watchers: int = WATCHERS,
    clickers: int = CLICKERS,
    seconds: float = SECONDS,
    epochs: int = EPOCHS,
) -> Measured:
    """Open the pages, wait, click, and return what was seen.

    Args:
        address: of the server, `http://…`.
        server: its process.
        sessions: pages that are open, watched and clicked ones among them.
        watchers: pages that show a running training.
        clickers: pages that somebody clicks on.
        seconds: of measuring, after all pages are open.
        epochs: of the training that is watched.
    """
    chance = random.Random(0)
    async with contextlib.AsyncExitStack() as pages, _training(address, epochs) as query:
        before = _memory(server)
        door = asyncio.Semaphore(AT_ONCE)
        opened: list[float] = []

        async def open_page(page: str, query: str = "") -> Visitor:
            async with door:
                start = time.perf_counter()
                visitor = await pages.enter_async_context(Visitor(address, page, query))
                opened.append(time.perf_counter() - start)
                return visitor

        watching = [open_page("Train", query) for _ in range(watchers)]
        clicking = [open_page(("Recommend", "Train")[i % 2]) for i in range(clickers)]
        others = sessions - watchers - clickers
        idle = [open_page(IDLE_PAGES[i % len(IDLE_PAGES)]) for i in range(others)]
        everybody = await asyncio.gather(*watching, *clicking, *idle)
        watching_pages, clicked = everybody[:watchers], everybody[watchers:][:clickers]
        started, cpu = time.monotonic(), _cpu(server)
        received = [one.received for one in watching_pages]
        charts = [one.pictures for one in watching_pages]
        end = started + seconds
        clicks = await asyncio.gather(*(_clicks(one, end, chance) for one in clicked))
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        took = time.monotonic() - started
        return Measured(
            failures=[text for one in everybody for text in one.failures],
            clicks=[wait for waits in clicks for wait in waits],
            opened=opened,
            watched=[
                (one.received - first) / took
                for one, first in zip(watching_pages, received, strict=True)
            ],
            charts=[
                (one.pictures - first) / took
                for one, first in zip(watching_pages, charts, strict=True)
            ],
            cpu=(_cpu(server) - cpu) / took,
            memory=_memory(server) - before,
            finished=not watching_pages[0].has("train.stop") if watching_pages else False,
        )


@contextlib.asynccontextmanager
async def _training(address: str, epochs: int) -> AsyncIterator[str]:
    """Start a training from the page; give the query of the page that shows it; stop it."""
    async with Visitor(address, "Train") as starter:
        await starter.open(state.TRAIN_MODEL)
        await starter.enter("train.epochs", epochs)
        await starter.press("train.start")
        yield starter.query
        if starter.has("train.stop"):
            await starter.press("train.stop")


async def _clicks(page: Visitor, end: float, chance: random.Random) -> list[float]:
    """Click until `end`; return the seconds that each click took."""
    waits = []
    await asyncio.sleep(chance.uniform(0, PAUSE[1]))
    while time.monotonic() < end:
        waits.append(await _click(page, chance))
        await asyncio.sleep(chance.uniform(*PAUSE))
    return waits


async def _click(page: Visitor, chance: random.Random) -> float:
    if page.has("recommend.random"):
        return await page.press("recommend.random")
    return await page.choose(SLIDER, chance.choice(WEIGHTS))


def _memory(server: psutil.Process) -> float:
    return float(server.memory_info().rss / 1e6)


def _cpu(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--watchers", type=int, default=WATCHERS)
    parser.add_argument("--clickers", type=int, default=CLICKERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--home", help="that has some runs; default: a new one")
    options = vars(parser.parse_args())
    given = options.pop("home")
    with tempfile.TemporaryDirectory() as new:
        environment = os.environ | {"RECSYS_HOME": given or new, "RECSYS_DATA": "100k"}
        if not given:
            store_runs(environment)
        with app_server.running(ROOT / "app.py", environment) as served:
            measured = asyncio.run(
                measure(served.address, psutil.Process(served.process.pid), **options)
            )
    for text in sorted(set(measured.failures)):
        print(f"{measured.failures.count(text)} × {text}")
    for line in rows(measured):
        print(f"{line['what']}: {line['value']:.3g} {line['unit']}")
    sessions, watchers, clickers = (options[one] for one in ("sessions", "watchers", "clickers"))
    note = (
        f"{sessions} pages were open, {watchers} of them on a running training of "
        f"{options['epochs']} epochs on ML-100K, and on {clickers} somebody clicked, "
        f"{PAUSE[0]:g} to {PAUSE[1]:g} s after each answer, for {options['seconds']:g} s. "
        "Server, worker and visitors shared the machine."
    )
    results.save("many_people", rows(measured), [note])


def store_runs(environment: dict[str, str], runs: int = RUNS) -> None:
    """Train some short runs, so that the pages have something to show. None is a preset."""
    for seed in range(1, runs + 1):
        settings = ["--set", "epochs=2", "--set", f"seed={seed}"]
        command = [sys.executable, "-m", "recsys", "train", *settings]
        quiet = subprocess.DEVNULL
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=quiet, stderr=quiet)


def rows(measured: Measured) -> list[results.Row]:
    """Return the rows of the report."""
    p95 = quantiles(measured.clicks, n=20)[-1]
    found = [
        ("failures", len(measured.failures), "", "≤ 0"),
        ("clicks", len(measured.clicks), "", None),
        ("from a click to the complete page, median", median(measured.clicks), "s", None),
        ("from a click to the complete page, p95", p95, "s", "≤ 1"),
        ("from a click to the complete page, longest", max(measured.clicks), "s", None),
        ("opening a page, median", median(measured.opened), "s", None),
        ("memory growth of the server", measured.memory, "MB", "≤ 200"),
        ("traffic of a watching page", mean(measured.watched) / 1000, "KB/s", "≤ 20"),
        ("traffic of the watching page with most", max(measured.watched) / 1000, "KB/s", None),
        ("charts sent to a watching page", mean(measured.charts), "/s", None),
        ("cores that the server took", measured.cpu, "", None),
        ("training ended too early", measured.finished, "", "≤ 0"),
    ]
    return [
        {"what": what, "value": float(value), "unit": unit, "must": must, "goal": None}
        for what, value, unit, must in found
    ]


if __name__ == "__main__":
    main()
