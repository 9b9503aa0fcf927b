"""Runs from one lab to another: equal, all or none, and nothing hostile."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recsys.config import make_config, run_id
from recsys.line import LineScorer, StoredScorer
from recsys.runs import bundle as bundles
from recsys.runs import files as runfiles
from recsys.runs.bundle import import_bundle, pack_bundle
from recsys.runs.files import RunError
from recsys.runs.records import Run, read_history
from recsys.runs.store import RunStore
from tests.runs.stored_runs import HISTORY, SCORER, make_run
from tests.runs.test_files import reseal_files

FINGERPRINT = "ab" * 32


def real_run(seed: int = 0, **changes: Any) -> Run:
    """Return a run as Duet writes it; its data set is not in this lab."""
    config = make_config({"epochs": 2, "seed": seed, "data": "mine-ab"})
    seconds = {"load": 0.1, "fit": 2.0, "evaluate": 0.2, "total": 2.3}
    id_ = run_id(config, FINGERPRINT)
    return replace(make_run(id_, config=config, dataset="mine-ab", seconds=seconds), **changes)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def other(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "other")


def saved(store: RunStore, *runs: Run, scorer: StoredScorer = SCORER) -> list[str]:
    for run in runs:
        store.save(run, scorer)
    return [run.run_id for run in runs]


def test_one_run_arrives_equal(store: RunStore, other: RunStore) -> None:
    run = real_run()
    content = pack_bundle(store, saved(store, run))
    assert import_bundle(other, content) == [(run, True)]
    assert np.array_equal(other.scorer(run.run_id).query, SCORER.query)
    assert import_bundle(other, content) == [(run, False)]


def test_several_runs_arrive_in_one_file(store: RunStore, other: RunStore) -> None:
    first, second = real_run(1), real_run(2)
    content = pack_bundle(store, saved(store, first, second))
    saved(other, second)
    assert import_bundle(other, content) == [(first, True), (second, False)]


def test_stopped_run_arrives(store: RunStore, other: RunStore) -> None:
    run = real_run()
    stopped = replace(run, run_id=f"{run.run_id}-stopped-7", status="stopped")
    assert import_bundle(other, pack_bundle(store, saved(store, stopped))) == [(stopped, True)]


def test_run_that_was_trained_here_too_is_kept_and_the_others_arrive(
    store: RunStore, other: RunStore
) -> None:
    own = real_run(1, metrics={"holdout": {"rmse": 0.5}})
    saved(other, own)
    content = pack_bundle(store, saved(store, real_run(2), real_run(1)))
    found = import_bundle(other, content)
    assert [(run.run_id, is_new) for run, is_new in found] == [
        (real_run(2).run_id, True),
        (own.run_id, False),
    ]
    assert other.load(own.run_id) == own


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"run_id": "0123456789ab"}, "not that of its settings"),
        ({"status": "stopped"}, "not that of its settings"),
        ({"created": "yesterday"}, "not a time"),
        ({"created": "2026-01-01T00:00:00"}, "not a time"),  # without a zone
        ({"dataset": "100k"}, "another data set"),
        ({"metrics": {"holdout": {"<b>": 1.0}}}, "unknown metrics"),
        ({"metrics": {"all": {}}}, "unknown metrics"),
        ({"baselines": {"<b>": {}}}, "unknown baselines"),
        ({"seconds": {"total": 1.0}}, "seconds"),
        ({"history": make_run().history * 2}, "more epochs"),
        (
            {"history": (replace(HISTORY[0], validation_metrics={"<b>": 1.0}),)},
            "unknown metrics",
        ),
    ],
)
def test_run_that_duet_would_not_write_is_refused(
    store: RunStore, other: RunStore, changes: dict[str, Any], reason: str
) -> None:
    content = pack_bundle(store, saved(store, real_run(**changes)))
    with pytest.raises(RunError, match=reason):
        import_bundle(other, content)
    assert other.list() == []


def test_model_of_other_data_is_refused(
    store: RunStore, other: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = pack_bundle(store, saved(store, real_run()))
    monkeypatch.setattr(bundles, "MAX_ENTITIES", 3)
    with pytest.raises(RunError, match="of 3 users and 4 movies, but at most 3"):
        import_bundle(other, content)


def test_model_of_another_size_than_the_data_set_is_refused(
    store: RunStore, other: RunStore, movielens_100k: Any
) -> None:
    config, data = make_config({"epochs": 2}), movielens_100k.fingerprint
    run = real_run(config=config, fingerprint=data, dataset="100k", run_id=run_id(config, data))
    with pytest.raises(RunError, match="of 3 users and 4 movies, but 100k has 943 and 1682"):
        import_bundle(other, pack_bundle(store, saved(store, run)))


def test_model_of_another_kind_than_the_settings_is_refused(
    store: RunStore, other: RunStore
) -> None:
    content = pack_bundle(store, saved(store, real_run(), scorer=LineScorer(*[SCORER] * 3)))
    with pytest.raises(RunError, match="its model is not that of its settings"):
        import_bundle(other, content)


@pytest.mark.parametrize("n", [0, 101])
def test_bundle_of_no_or_too_many_runs_is_not_made(store: RunStore, n: int) -> None:
    with pytest.raises(RunError, match="1 to 100 runs"):
        pack_bundle(store, ["a"] * n)


# Hostile files


def zipped(
    files: dict[str, bytes], kind: int = zipfile.ZIP_STORED, twice: str | None = None
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if twice:
            archive.writestr(twice, b"")
    return buffer.getvalue()


@pytest.fixture
def parts(store: RunStore) -> dict[str, bytes]:
    """The five files of a run."""
    return runfiles.read_archive(pack_bundle(store, saved(store, real_run())))[1]


def resealed(parts: dict[str, bytes], **changes: bytes) -> dict[str, bytes]:
    """Return the files with changes, under a manifest that matches them, as a forger would."""
    files = parts | changes
    reseal_files(files, real_run().run_id)
    return files


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def endless_history() -> bytes:
    """A Parquet file with two million equal rows, which takes few bytes."""
    buffer = io.BytesIO()
    pq.write_table(pa.table({"epoch": np.zeros(2_000_000, np.int32)}), buffer)
    return buffer.getvalue()


def huge_shape() -> bytes:
    header = io.BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": (1 << 40, 1 << 10)}
    np.lib.format.write_array_header_1_0(header, about)
    return zipped({"query.npy": header.getvalue()})


Make = Callable[[dict[str, bytes]], bytes]
HOSTILE: dict[str, tuple[Make, str]] = {
    "nothing": (lambda _: b"", "not a bundle"),
    "text": (lambda _: b"user_id,movie_id\n" * 99, "not a bundle"),
    "no member": (lambda _: zipped({}), "1 to 100 runs"),
    "other names": (lambda _: zipped({"../evil.txt": b"x"}), "not a run"),
    "path as a run": (lambda p: zipped({"../evil.zip": zipped(p)}), "not the id of a run"),
    "run twice": (lambda p: zipped({"a.zip": zipped(p)}, twice="a.zip"), "each once"),
    "run twice by two names": (
        lambda p: zipped({"a.zip": zipped(p), "b.zip": zipped(p)}),
        "a run twice",
    ),
    "file twice": (lambda p: zipped(p, twice="config.json"), "exactly"),
    "one file more": (lambda p: zipped(p | {"/etc/evil": b"x"}), "exactly"),
    "bundle in a bundle": (
        lambda p: zipped({"a.zip": zipped({"b.zip": zipped(p)})}),
        "not a packed run",
    ),
    "deflated": (lambda p: zipped(p, zipfile.ZIP_DEFLATED), "is compressed"),
    "lzma": (lambda p: zipped(p, zipfile.ZIP_LZMA), "is compressed"),
    "deflated runs": (
        lambda p: zipped({"a.zip": zipped(p)}, zipfile.ZIP_DEFLATED),
        "is compressed",
    ),
    "deflated arrays": (
        lambda p: zipped(resealed(p, **{"scorer.npz": npz(query=np.zeros((2, 2), "f4"))})),
        "is compressed",
    ),
    "array of any shape": (
        lambda p: zipped(resealed(p, **{"scorer.npz": huge_shape()})),
        "scorer.npz is not readable",
    ),
    "endless history": (
        lambda p: zipped(resealed(p, **{"history.parquet": endless_history()})),
        "history.parquet is not readable",
    ),
    "deep config": (
        lambda p: zipped(resealed(p, **{"config.json": b"[" * 200_000})),
        "another version of Duet",
    ),
    "deep manifest": (lambda p: zipped(p | {"manifest.json": b"[" * 200_000}), "not a packed run"),
    "large config": (
        lambda p: zipped(resealed(p, **{"config.json": b" " * (5 << 20)})),
        "config.json is larger than 4 MB",
    ),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_one_line_and_leaves_nothing(
    parts: dict[str, bytes], other: RunStore, tmp_path: Path, name: str
) -> None:
    make, reason = HOSTILE[name]
    with pytest.raises(RunError, match=reason) as raised:
        import_bundle(other, make(parts))
    assert len(str(raised.value)) < 600
    assert "\n" not in str(raised.value)
    assert not other.folder.exists()
    assert not list(tmp_path.rglob("evil*"))


def test_overlapping_members_are_refused(parts: dict[str, bytes], other: RunStore) -> None:
    content = bytearray(zipped({"aa.zip": b"x" * 1000, "bb.zip": b"x" * 1000}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        archive.infolist()[1].header_offset = 0
        with pytest.raises(ValueError, match="overlap"):
            runfiles.not_compressed(archive, 1500)


def test_any_damaged_byte_is_refused_in_one_line(
    parts: dict[str, bytes], other: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also inside the files, where the manifest was made to match."""
    dice = random.Random(0)
    # Not the history: test_foreign_history has it.
    names = [name for name in runfiles.FILES if name != runfiles.HISTORY]

    def read_here(contents: list[bytes]) -> list[Any]:  # without a process: faster
        return [read_history(one) for one in contents]

    monkeypatch.setattr(bundles, "read_foreign_histories", read_here)
    for _ in range(200):
        name = dice.choice(names)
        content = bytearray(parts[name])
        for _ in range(dice.choice((1, 8))):
            content[dice.randrange(len(content))] = dice.randrange(256)
        changed = {name: bytes(content)}
        files = parts | changed if name == "manifest.json" else resealed(parts, **changed)
        refused = ""
        try:
            [(run, _)] = import_bundle(other, zipped(files))
        except RunError as error:
            refused = str(error)
        else:  # a changed figure, or a byte that means nothing
            json.dumps(run.metrics)
            other.scorer(run.run_id)
            other.delete(run.run_id)
        assert "\n" not in refused
