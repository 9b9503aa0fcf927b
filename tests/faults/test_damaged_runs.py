"""Damaged files of runs: each is named, none is shown as good, and the others are listed."""

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recsys.runs.files import FILES, MANIFEST, RunError, make_files
from recsys.runs.store import RunStore
from tests.faults.results import record
from tests.runs.stored_runs import SCORER, make_run

LONG = os.environ.get("DUET_KILLS") is not None  # `make test-faults`
DAMAGED = 1000 if LONG else 60
GOOD = 20


def run_id(number: int) -> str:
    return f"{number:012x}"


def flip(file: Path, chance: random.Random) -> None:
    """Change one byte that is not a space: spaces in JSON mean nothing."""
    content = bytearray(file.read_bytes())
    place = chance.choice([i for i, byte in enumerate(content) if byte not in b" \n"])
    content[place] ^= chance.randrange(1, 256)
    if file.name == MANIFEST and content[place] in b" \n\t\r":
        content[place] = ord("#")
    file.write_bytes(content)


def cut(file: Path, chance: random.Random) -> None:
    os.truncate(file, chance.randrange(file.stat().st_size))


def extend(file: Path, chance: random.Random) -> None:
    with file.open("ab") as stream:
        stream.write(chance.randbytes(chance.randrange(1, 4000)))


def delete(file: Path, chance: random.Random) -> None:
    file.unlink()


def fill_with_zeros(file: Path, chance: random.Random) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def replace_by_a_folder(file: Path, chance: random.Random) -> None:
    file.unlink()
    file.mkdir()


def replace_by_a_loop_of_links(file: Path, chance: random.Random) -> None:
    file.unlink()
    file.symlink_to(file)


def take_from_another_run(file: Path, chance: random.Random) -> None:
    shutil.copy(file.parent.parent / run_id(DAMAGED + GOOD) / file.name, file)


DAMAGES: tuple[Callable[[Path, random.Random], None], ...] = (
    flip,
    cut,
    extend,
    delete,
    fill_with_zeros,
    replace_by_a_folder,
    replace_by_a_loop_of_links,
    take_from_another_run,
)


def write_runs(folder: Path, n: int) -> list[str]:
    """Write `n` runs that differ in every file, faster than a store does."""
    for number in range(1, n + 1):
        created = f"2026-02-03T04:05:06.{number:06d}+00:00"
        history = tuple(make_run().history[:1]) * (number % 2) or make_run().history
        scorer = SCORER.limited_to(SCORER.tasks)
        object.__setattr__(scorer, "query", SCORER.query + number)
        run = make_run(run_id(number), created=created, history=history, peak_rss_mb=float(number))
        target = folder / run_id(number)
        target.mkdir(parents=True)
        for name, content in make_files(run, scorer).items():
            (target / name).write_bytes(content)
    return [run_id(number) for number in range(1, n + 1)]


def test_each_damaged_run_is_named_and_the_others_are_listed(tmp_path: Path) -> None:
    chance = random.Random(0)
    ids = write_runs(tmp_path, DAMAGED + GOOD)
    before = {id_: {name: (tmp_path / id_ / name).read_bytes() for name in FILES} for id_ in ids}
    for number, id_ in enumerate(ids[:DAMAGED]):
        file = tmp_path / id_ / chance.choice(FILES)
        damage = DAMAGES[number % len(DAMAGES)]
        damage(file, chance)
        if file.is_file() and file.read_bytes() == before[id_][file.name]:
            delete(file, chance)  # the other run had the same file
    store = RunStore(tmp_path)
    shown = {run.run_id for run in store.list()}
    named = dict(store.damaged())
    assert shown == set(ids[DAMAGED:])
    assert set(named) == set(ids[:DAMAGED])
    assert all("\n" not in reason and 10 < len(reason) < 400 for reason in named.values())
    record(
        "Every write may fail: damaged runs",
        f"{len(named)} of {DAMAGED} named, {len(shown & set(ids[:DAMAGED]))} shown as good, "
        f"{len(shown)} of {GOOD} others listed",
    )


def test_change_that_keeps_size_and_time_is_found_by_who_has_read_the_run(tmp_path: Path) -> None:
    chance = random.Random(1)
    ids = write_runs(tmp_path, 20)
    store = RunStore(tmp_path)
    assert len(store.list()) == len(ids)
    for id_ in ids:
        file = tmp_path / id_ / chance.choice(FILES)
        stat = file.stat()
        flip(file, chance)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert file.stat().st_size == stat.st_size
    assert store.list() == []
    assert {name for name, _ in store.damaged()} == set(ids)
    for id_ in ids:
        with pytest.raises(RunError):
            store.scorer(id_)
    record(
        "Every write may fail: changes that keep size and time, in a process that had read the run",
        f"{len(ids)} of {len(ids)} named",
    )


def test_manifest_of_another_format_is_named_but_stays(tmp_path: Path) -> None:
    (id_,) = write_runs(tmp_path, 1)
    manifest = tmp_path / id_ / MANIFEST
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 2}))
    store = RunStore(tmp_path)
    assert store.list() == []
    assert "another version" in dict(store.damaged())[id_]
