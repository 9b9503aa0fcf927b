"""Fixtures of the page tests: each test has its own small lab."""

import dataclasses
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from recsys.config import PRESETS, make_config
from recsys.data.library import import_csv
from recsys.home import runs_folder
from recsys.runs.store import RunStore
from tests.pages.small_lab import APP, Lab, OpenPage, StillQueue, make_run, write_csv

# Expanders whose content the tests use.
OPENED = (
    state.TRAIN_MODEL,
    state.TRAIN_SPLIT,
    state.TRADEOFF_RATIOS,
    state.TRADEOFF_TRIALS,
    state.RECOMMEND_ALL_USERS,
)
TIMEOUT = 120  # seconds; ends a page that hangs, also while the machine is busy


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `__main__` back after the test: AppTest leaves its page there, and a process that is
    spawned later would run it.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def near_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw all sections of a page: without a browser nobody comes near one."""
    monkeypatch.setattr("pages.ui.near.is_near", lambda key: True)


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    """A home with a small data set and four runs: the presets, and a stopped tutorial run."""
    home = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(home))
        ratings, movies = write_csv(home)
        data = import_csv(ratings, movies=movies).name
        made = [
            make_run(
                make_config(
                    {"data": data, "retrieval_weight": weights[0]} | {"rating_weight": weights[1]}
                ),
                created=f"2026-01-01T00:0{minute}:00+00:00",
            )
            for minute, weights in enumerate(PRESETS.values())
        ]
        stopped = make_config({"data": data, "architecture": "tutorial", "rating_weight": 0.5})
        made.append(
            make_run(stopped, created="2026-01-01T00:09:00+00:00", epochs_done=2, name="half way")
        )
        store = RunStore(runs_folder())
        for run, scorer in made:
            store.save(run, scorer)
    return home, data, [run.run_id for run, _ in made]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> StillQueue:
    """The queue that the pages get for the lab of this test."""
    still = StillQueue()
    monkeypatch.setattr("pages.ui.lab.JobQueue", lambda store, **options: still)
    return still


@pytest.fixture
def lab(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    filled_home: tuple[Path, str, list[str]],
    queue: StillQueue,
) -> Lab:
    """A lab with a data set and runs, used by one test only."""
    home, data, runs = filled_home
    shutil.copytree(home, tmp_path / "home")
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RECSYS_DATA", data)
    return Lab(tmp_path / "home", data, runs)


@pytest.fixture
def empty_lab(lab: Lab) -> Lab:
    """A lab with the data set, but without runs."""
    shutil.rmtree(lab.home / "runs")
    return dataclasses.replace(lab, runs=[])


@pytest.fixture
def open_page(lab: Lab) -> Iterator[OpenPage]:
    """Open a page: `open_page("pages/1_Train.py", run="…")`. It has run once."""

    def open_(page: str = "app.py", **params: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=TIMEOUT)
        for key in OPENED:
            app.session_state[key] = True
        for name, value in params.items():
            app.query_params[name] = value
        if page != "app.py":
            app.switch_page(page)
        app.run()
        assert not app.exception, app.exception
        return app

    return open_
