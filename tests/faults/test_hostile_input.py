"""Hostile files and options: one line that says what is wrong, and no path outside the home."""

import contextlib
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import recsys.__main__
from recsys.config import make_config
from recsys.data.library import load_dataset
from recsys.data.tables import DataError
from recsys.errors import DuetError
from recsys.jobs.journal import Accepted, Journal
from recsys.runs import bundle as bundles
from recsys.runs.bundle import import_bundle, pack_bundle
from recsys.runs.files import HISTORY, RunError, make_files, read_archive, seal
from recsys.runs.records import read_history
from recsys.runs.store import RunStore
from tests.cli.command_line import run
from tests.faults import hostile
from tests.faults.results import record
from tests.faults.watched import Seen, watched
from tests.jobs.tiny_lab import keep_tiny_data
from tests.runs.stored_runs import SCORER, make_run
from tests.runs.test_bundle import real_run

LONG = os.environ.get("DUET_KILLS") is not None  # `make test-faults`
EXAMPLES = 2000 if LONG else 50
LONGEST_LINE = 1_100  # characters of an error
REACHED = "the training would begin"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return the home folder and a folder outside of it, with a file `secret`."""
    home, outside = tmp_path / "lab" / "home", tmp_path / "outside"
    for folder in (home, outside):
        folder.mkdir(parents=True)
    (outside / "secret").write_text("secret")
    monkeypatch.setenv("RECSYS_HOME", str(home))
    monkeypatch.chdir(tmp_path / "lab")
    return home, outside


@pytest.fixture
def _no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*arguments: object, **options: object) -> None:
        raise DuetError(REACHED)

    monkeypatch.setattr(recsys.__main__, "train_with_bar", train)


def check_command(example: object, *arguments: object) -> None:
    """Check that a command says in one line what is wrong, or would train."""
    try:
        result = run(*arguments)
    except Exception as error:
        raise AssertionError(f"{example!r}"[:2000]) from error
    shown = f"{example!r}"[:2000], result
    assert result.code == 2, shown
    assert len(result.err.strip().splitlines()) == 1, shown
    assert len(result.err) < LONGEST_LINE, shown
    assert "Traceback" not in result.err, shown
    assert result.out == "", shown


@pytest.mark.usefixtures("_no_training")
def test_csv_files(places: tuple[Path, Path], tmp_path: Path) -> None:
    chance, seen = random.Random(0), Seen()
    ratings, movies = tmp_path / "lab" / "ratings.csv", tmp_path / "lab" / "movies.csv"
    for _ in range(EXAMPLES):
        content, titles = hostile.csv_file(chance), hostile.movies_file(chance)
        ratings.write_bytes(content)
        movies.write_bytes(titles)
        more = ["--movies", movies] if chance.random() < 0.3 else []
        with watched(seen, places[1], tmp_path / "lab"):
            check_command((content, titles), "train", "--data", ratings, *more)
    assert seen.touched == set()
    record("Hostile input: CSV", seen.figure)


@pytest.mark.usefixtures("_no_training")
def test_config_files(places: tuple[Path, Path], tmp_path: Path) -> None:
    chance, seen, file = random.Random(1), Seen(), tmp_path / "lab" / "config.yaml"
    for _ in range(EXAMPLES):
        content = hostile.config_file(chance)
        file.write_bytes(content)
        with watched(seen, places[1], tmp_path / "lab"):
            check_command(content, "train", "--config", file)
    assert seen.touched == set()
    record("Hostile input: YAML config", seen.figure)


@pytest.mark.usefixtures("_no_training")
def test_options(places: tuple[Path, Path], tmp_path: Path) -> None:
    chance, seen = random.Random(2), Seen()
    for _ in range(EXAMPLES):
        options = ["--set", hostile.assignment(chance)]
        if chance.random() < 0.3:
            option = chance.choice(["--config", "--data", "--movies", "--holdout", "--preset"])
            options = [option, hostile.path_argument(chance)]
        with watched(seen, places[1], tmp_path / "lab"):
            check_command(options, "train", *options)
    assert seen.touched == set()
    record("Hostile input: --set and file names", seen.figure)


def problem_of(call: Callable[[], object]) -> str:
    """Return the error of a call for the user; "" if there is none."""
    try:
        call()
    except RunError as error:
        return str(error)
    return ""


def test_bundles(
    places: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, seen, (home, outside) = random.Random(3), Seen(), places
    other = RunStore(tmp_path / "other")
    other.save(real_run(), SCORER)
    run_id, good = read_archive(pack_bundle(other, [real_run().run_id]))
    real = bundles.read_foreign_histories

    def read(contents: list[bytes]) -> list:
        # A process of its own takes a second: only for histories that could do harm.
        if all(content == good[HISTORY] for content in contents):
            return [read_history(content) for content in contents]
        return real(contents)

    monkeypatch.setattr(bundles, "read_foreign_histories", read)
    store = RunStore(home / "runs")
    for _ in range(EXAMPLES):
        content = hostile.bundle(good, lambda files: seal(run_id, files), chance)
        with watched(seen, outside, tmp_path / "lab"):
            problem = problem_of(lambda content=content: import_bundle(store, content))
        assert "\n" not in problem
        assert len(problem) < LONGEST_LINE
        assert store.damaged() == []
    assert seen.touched == set()
    assert [one.name for one in outside.iterdir()] == ["secret"]
    record("Hostile input: bundles", seen.figure)


def test_run_folders(places: tuple[Path, Path], tmp_path: Path) -> None:
    chance, seen, (home, outside) = random.Random(4), Seen(), places
    good = make_files(make_run(), SCORER)
    for number in range(EXAMPLES):
        folder = home / "runs" / make_run().run_id
        folder.mkdir(parents=True)
        for name, content in good.items():
            (folder / name).write_bytes(content)
        hostile.damage_run_folder(folder, outside, chance)
        before = {path: path.lstat().st_mtime_ns for path in outside.rglob("*")}
        with watched(seen, outside, tmp_path / "lab"):
            store = RunStore(home / "runs")
            assert store.list() == [], number
            (named,) = store.damaged()
            assert "\n" not in named[1]
            for call in (store.load, store.scorer, store.pack):
                with pytest.raises(RunError):
                    call(folder.name)
            with contextlib.suppress(RunError):
                store.delete(folder.name)
        assert {path: path.lstat().st_mtime_ns for path in outside.rglob("*")} == before
        shutil.rmtree(home / "runs")
        shutil.rmtree(outside / folder.name, ignore_errors=True)
    assert seen.touched == set()
    record("Hostile input: run folders", seen.figure)


def test_kept_data_and_jobs_that_are_links_are_not_followed(
    places: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, (home, outside) = Seen(), places
    monkeypatch.setenv("RECSYS_HOME", str(home))
    keep_tiny_data()
    ratings = home / "data" / "tiny" / "ratings.parquet"
    ratings.rename(outside / "ratings.parquet")
    ratings.symlink_to(outside / "ratings.parquet")
    (home / "data" / "other").symlink_to(outside)
    job = Accepted("a" * 12, make_config({}), "0" * 64)
    journal = Journal(home / "jobs")
    journal.add(1, job)
    journal.close()  # its server ends, and the job is left
    (file,) = (home / "jobs").glob("*/*.json")
    file.rename(outside / file.name)
    file.symlink_to(outside / file.name)
    (home / "jobs" / "0-linked").symlink_to(outside)
    with watched(seen, outside, tmp_path / "lab"):
        for name in ("tiny", "other"):
            with pytest.raises(DataError):
                load_dataset(name)
        assert list(Journal(home / "jobs").abandoned()) == []
    assert seen.touched == set()
    assert len(list(outside.iterdir())) == 3


def test_names_and_layouts_that_are_links_are_not_followed(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    seen, (home, outside) = Seen(), places
    store = RunStore(home / "runs")
    store.save(make_run(name="mine"), SCORER)
    run_id = make_run().run_id
    (home / "runs" / "names" / run_id).unlink()
    (home / "runs" / "names" / run_id).symlink_to(outside / "secret")
    (home / "runs" / "layouts").mkdir()
    (home / "runs" / "layouts" / run_id).symlink_to(outside)
    with watched(seen, outside, tmp_path / "lab"):
        assert store.load(run_id).name == ""
        assert store.layouts.load(run_id, "0" * 16) is None
        RunStore(home / "runs").list()
        store.delete(run_id)
    assert seen.touched == set()
    assert [one.name for one in outside.iterdir()] == ["secret"]
