"""The run store: what comes back, what is refused, and what happens when things go wrong."""

import dataclasses
import errno
import hashlib
import io
import json
import math
import os
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys import runfiles
from recsys.config import make_config
from recsys.records import read_history, write_history
from recsys.runs import DamagedRunError, EpochRecord, Run, RunError, RunNotFoundError, RunStore
from recsys.scorer import TwoTowerScorer

RUN_ID = "0123456789ab"
HISTORY = tuple(
    EpochRecord(
        epoch=epoch,
        retrieval_loss=1.0 / epoch,
        rating_loss=0.9,
        total_loss=0.9 + 1.0 / epoch,
        validation_retrieval_loss=0.95,
        validation_rating_loss=0.93,
        validation_metrics={"rmse": 1.01, "recall@20": 0.1 * epoch},
        seconds=0.5 * epoch,
    )
    for epoch in (1, 2)
)
SCORER = TwoTowerScorer(
    query=np.arange(6, dtype=np.float32).reshape(3, 2),
    candidate=np.ones((4, 2), np.float32),
    candidate_bias=np.array([0.5, 0, 0, 0], np.float32),
)


def make_run(run_id=RUN_ID, **changes):
    run = Run(
        run_id=run_id,
        config=make_config({"epochs": 2, "rating_weight": 0.5}),
        dataset="100k",
        fingerprint="ab" * 32,
        status="finished",
        created="2026-02-03T04:05:06+00:00",
        history=HISTORY,
        metrics={"holdout": {"rmse": 0.94, "ndcg@20": 0.4}, "validation": {}},
        baselines={"most popular": {"holdout": {"ndcg@20": 0.2}}},
        seconds={"fit": 3.5, "total": 5.0},
        peak_rss_mb=900.5,
    )
    return dataclasses.replace(run, **changes)


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs")


@pytest.fixture
def saved(store):
    store.save(make_run(), SCORER)
    return store


def reseal(folder: Path) -> None:
    """Make the manifest match the files again, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["sha256"]:
        manifest["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def leftovers(store: RunStore) -> list[str]:
    return [path.name for path in store.folder.iterdir() if path.name.startswith(".")]


# What comes back


def test_saved_run_loads_equal_in_another_store_object(saved):
    again = RunStore(saved.folder)
    assert again.load(RUN_ID) == make_run()
    assert RUN_ID in again
    assert sorted(path.name for path in (saved.folder / RUN_ID).iterdir()) == [
        "config.json",
        "history.parquet",
        "manifest.json",
        "metrics.json",
        "scorer.npz",
    ]


def test_saved_scorer_loads_with_equal_scores(saved):
    users = np.array([2, 0])
    assert np.array_equal(saved.scorer(RUN_ID).scores(users), SCORER.scores(users))


def test_history_without_validation_keeps_none_and_no_metrics(store):
    history = (EpochRecord(1, 1.0, 1.0, 2.0, seconds=0.25),)
    store.save(make_run(history=history, metrics={"holdout": {}}), SCORER)
    assert RunStore(store.folder).load(RUN_ID).history == history


def test_run_stopped_before_its_first_epoch_has_an_empty_history(store):
    run = make_run(f"{RUN_ID}-stopped-0", status="stopped", history=())
    store.save(run, SCORER)
    assert RunStore(store.folder).list() == [run]


numbers = st.floats(allow_nan=True, allow_infinity=True)
records = st.builds(
    EpochRecord,
    epoch=st.integers(1, 1000),
    retrieval_loss=numbers,
    rating_loss=numbers,
    total_loss=numbers,
    validation_retrieval_loss=st.none() | numbers,
    validation_rating_loss=st.none() | numbers,
    validation_metrics=st.dictionaries(st.sampled_from(["rmse", "recall@20", "ndcg@20"]), numbers),
    seconds=st.floats(0, 1e6),
)


@given(st.lists(records, max_size=5))
def test_any_history_survives_parquet(history):
    def comparable(record):  # NaN is not equal to itself, and metrics have no order
        metrics = sorted(record.validation_metrics.items())
        return repr((dataclasses.replace(record, validation_metrics={}), metrics))

    read = read_history(write_history(history))
    assert [comparable(record) for record in read] == [comparable(record) for record in history]


def test_numpy_numbers_in_metrics_load_as_plain_floats(store):
    store.save(
        make_run(metrics={"holdout": {"rmse": np.float32(0.5), "mae": np.float64(1)}}), SCORER
    )
    metrics = RunStore(store.folder).load(RUN_ID).metrics["holdout"]
    assert metrics == {"rmse": 0.5, "mae": 1.0}
    assert {type(value) for value in metrics.values()} == {float}


def test_list_returns_newest_first_and_nothing_else(saved):
    for i, day in enumerate(["05", "01", "09"]):
        saved.save(make_run(f"run-{i}", created=f"2026-02-{day}T00:00:00+00:00"), SCORER)
    (saved.folder / "notes.txt").write_text("not a run")
    assert [run.run_id for run in saved.list()] == ["run-2", "run-0", RUN_ID, "run-1"]


def test_empty_store_lists_nothing_and_creates_nothing(store):
    assert store.list() == []
    assert store.damaged() == []
    assert not store.folder.exists()


def test_repeated_list_of_a_hundred_runs_is_quick(store):
    files = runfiles.make_files(make_run("run-0"), SCORER)
    for i in range(100):
        folder = store.folder / f"run-{i}"
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content.replace(b"run-0", f"run-{i}".encode()))
        reseal(folder)
    assert len(store.list()) == 100
    start = time.perf_counter()
    assert len(store.list()) == 100
    assert time.perf_counter() - start < 0.3


# What is refused


def test_saving_again_keeps_the_first(saved):
    saved.save(make_run(created="2027-01-01T00:00:00+00:00"), SCORER)
    assert saved.load(RUN_ID).created == "2026-02-03T04:05:06+00:00"
    assert leftovers(saved) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_metric_that_is_not_finite_is_refused_and_leaves_nothing(store, value):
    with pytest.raises(RunError, match=r"0123456789ab cannot be stored: .*rmse"):
        store.save(make_run(metrics={"holdout": {"rmse": value}}), SCORER)
    assert store.list() == []


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", "../x", "a/b", "/etc", "a\\b", "A", "a b", "a\n", "names", "damaged", "a" * 65],
)
def test_id_that_is_no_folder_name_is_never_used(store, run_id):
    assert run_id not in store
    for call in (store.load, store.scorer, store.delete, store.pack):
        with pytest.raises(RunNotFoundError, match="not the id of a run"):
            call(run_id)
    with pytest.raises(RunNotFoundError):
        store.save(make_run(run_id), SCORER)
    with pytest.raises(RunNotFoundError):
        store.rename(run_id, "x")


def test_missing_run_is_not_found_by_every_method(store):
    assert RUN_ID not in store
    for call in (store.load, store.scorer, store.delete, store.pack):
        with pytest.raises(RunNotFoundError, match="no run 0123456789ab"):
            call(RUN_ID)


def test_store_that_cannot_be_written_says_where(tmp_path):
    (tmp_path / "file").write_text("")
    store = RunStore(tmp_path / "file" / "runs")
    with pytest.raises(RunError, match="file/runs: cannot be written"):
        store.save(make_run(), SCORER)


# Damage


@pytest.mark.parametrize("name", runfiles.FILES)
@pytest.mark.parametrize("damage", ["changed", "truncated", "missing"])
def test_damaged_file_sets_the_run_aside_and_names_it(saved, name, damage):
    path = saved.folder / RUN_ID / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        middle = len(content) // 2
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes(changed if damage == "changed" else content[:middle])
    assert saved.list() == []
    assert RUN_ID not in saved
    [(run_id, reason)] = saved.damaged()
    assert run_id == RUN_ID
    assert name in reason or name == "manifest.json"
    assert (saved.folder / "damaged" / RUN_ID).is_dir()
    saved.save(make_run(), SCORER)  # trained again
    assert saved.load(RUN_ID) == make_run()


def test_damaged_run_raises_what_is_wrong(saved):
    (saved.folder / RUN_ID / "metrics.json").write_text("{}")
    with pytest.raises(DamagedRunError, match=r"metrics\.json does not match its SHA-256"):
        saved.load(RUN_ID)
    with pytest.raises(RunNotFoundError):
        saved.load(RUN_ID)


def test_scorer_changed_behind_an_unchanged_time_stamp_is_not_returned(saved):
    path = saved.folder / RUN_ID / "scorer.npz"
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(DamagedRunError, match=r"scorer\.npz"):
        saved.scorer(RUN_ID)


def test_second_damaged_run_of_one_id_is_kept_beside_the_first(saved):
    for _ in range(2):
        (saved.folder / RUN_ID / "metrics.json").write_text("{}")
        assert RUN_ID not in saved
        saved.save(make_run(), SCORER)
    assert len(saved.damaged()) == 2
    assert RUN_ID in saved


def test_folder_of_another_run_is_damaged(saved):
    (saved.folder / RUN_ID).rename(saved.folder / "abc")
    with pytest.raises(DamagedRunError, match="belong to run '0123456789ab'"):
        saved.load("abc")


def test_run_of_a_later_version_is_named_and_stays_where_it_is(saved):
    path = saved.folder / RUN_ID / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"new_field": 1}))
    reseal(path.parent)
    with pytest.raises(RunError, match="another version of Duet: unknown field 'new_field'"):
        saved.load(RUN_ID)
    assert saved.list() == []
    assert [run_id for run_id, _ in saved.damaged()] == [RUN_ID]
    assert path.exists()


class Explosive:
    def __reduce__(self):
        return (os.mkdir, ("exploded",))


def test_pickle_in_the_scorer_is_not_run(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arrays = SCORER.to_arrays() | {"query": np.array([Explosive()], dtype=object)}
    np.savez(saved.folder / RUN_ID / "scorer.npz", **arrays)
    reseal(saved.folder / RUN_ID)
    with pytest.raises(RunError, match="allow_pickle"):
        saved.scorer(RUN_ID)
    assert not (tmp_path / "exploded").exists()


# Labels


def test_label_is_one_trimmed_line_outside_the_run(saved):
    before = (saved.folder / RUN_ID / "manifest.json").read_bytes()
    saved.rename(RUN_ID, "  heavy\nratings \x00 é ")
    assert RunStore(saved.folder).load(RUN_ID).name == "heavy ratings é"
    assert saved.list()[0].name == "heavy ratings é"
    assert (saved.folder / RUN_ID / "manifest.json").read_bytes() == before


def test_empty_label_takes_the_label_away(saved):
    saved.rename(RUN_ID, "x")
    saved.rename(RUN_ID, " ")
    saved.rename(RUN_ID, "")
    assert saved.load(RUN_ID).name == ""


def test_label_that_is_too_long_is_refused(saved):
    with pytest.raises(RunError, match="at most 80 characters, not 81"):
        saved.rename(RUN_ID, "x" * 81)


def test_deleted_run_takes_its_label_with_it(saved):
    saved.rename(RUN_ID, "x")
    saved.delete(RUN_ID)
    assert saved.list() == []
    assert leftovers(saved) == []
    saved.save(make_run(), SCORER)
    assert saved.load(RUN_ID).name == ""


def test_run_saved_with_a_name_keeps_it(store):
    store.save(make_run(name="mine"), SCORER)
    assert store.load(RUN_ID).name == "mine"


# From one machine to another


def test_packed_run_unpacks_equal_in_another_store(saved, tmp_path):
    other = RunStore(tmp_path / "other")
    assert other.unpack(saved.pack(RUN_ID)) == make_run()
    assert np.array_equal(other.scorer(RUN_ID).query, SCORER.query)


def repack(content: bytes, change) -> bytes:
    files = {name: zipfile.ZipFile(io.BytesIO(content)).read(name) for name in runfiles.FILES}
    change(files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def reseal_files(files, run_id):
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in runfiles.CONTENT}
    manifest = {"format": 1, "run_id": run_id, "sha256": hashes}
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda files: files.update({"../evil": b""}), "exactly"),
        (lambda files: files.pop("metrics.json"), "exactly"),
        (lambda files: files.update({"metrics.json": b"{}"}), "metrics.json does not match"),
        (lambda files: files.update({"scorer.npz": b"PK"}), "scorer.npz is not readable"),
        (lambda files: files.update({"manifest.json": b"[]"}), "not a packed run"),
        (lambda files: reseal_files(files, "../evil"), "not the id of a run"),
        (lambda files: reseal_files(files, "abc"), "belong to run '0123456789ab'"),
    ],
)
def test_forged_pack_is_refused_and_leaves_nothing(saved, tmp_path, change, reason):
    other = RunStore(tmp_path / "other")
    with pytest.raises(RunError, match=reason):
        other.unpack(repack(saved.pack(RUN_ID), change))
    assert not (tmp_path / "other").exists()
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("keep", [0, 10, 1000, -30])
def test_truncated_pack_is_refused(saved, tmp_path, keep):
    with pytest.raises(DamagedRunError, match="not a packed run"):
        RunStore(tmp_path / "other").unpack(saved.pack(RUN_ID)[:keep])


def test_pack_that_unpacks_too_large_is_refused(saved, tmp_path, monkeypatch):
    monkeypatch.setattr(runfiles, "MAX_BYTES", 1000)
    with pytest.raises(DamagedRunError, match="larger than"):
        RunStore(tmp_path / "other").unpack(saved.pack(RUN_ID))


# Several processes, crashes


SAVE_OFTEN = """
import dataclasses, sys
from pathlib import Path
from recsys.runs import RunStore
template, store = RunStore(Path(sys.argv[1])), RunStore(Path(sys.argv[2]))
run, scorer = template.load("0123456789ab"), template.scorer("0123456789ab")
print("ready", flush=True)
sys.stdin.readline()
for i in range(50):
    store.save(dataclasses.replace(run, run_id=f"run-{i}", created=sys.argv[3]), scorer)
"""


def test_two_processes_saving_the_same_runs_leave_each_run_whole(saved, tmp_path):
    both = RunStore(tmp_path / "both")
    command = [sys.executable, "-c", SAVE_OFTEN, str(saved.folder), str(both.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    root = Path(__file__).parent.parent
    savers = [subprocess.Popen([*command, name], cwd=root, **pipes) for name in ("a", "b")]
    for saver in savers:
        assert saver.stdout.readline() == "ready\n"
    for saver in savers:
        saver.stdin.write("go\n")
        saver.stdin.flush()
    for saver in savers:
        saver.communicate(timeout=60)
        assert saver.returncode == 0
    assert len(both.list()) == 50
    assert both.damaged() == []
    assert leftovers(both) == []


def test_reader_of_a_run_that_comes_and_goes_sees_it_whole_or_not_at_all(saved):
    reader, seen, stop = RunStore(saved.folder), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                assert reader.load(RUN_ID) == make_run()
                assert reader.scorer(RUN_ID).n_users == 3
                seen.append("whole")
            except RunNotFoundError:
                seen.append("gone")
            except BaseException as error:
                seen.append(repr(error))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(60):
        time.sleep(0.005)
        saved.delete(RUN_ID)
        saved.save(make_run(), SCORER)
    time.sleep(0.1)
    stop.set()
    thread.join()
    assert set(seen) <= {"whole", "gone"}
    assert "whole" in seen
    assert saved.damaged() == []


def test_old_leftovers_of_crashes_are_removed_and_fresh_ones_stay(saved):
    old, fresh = saved.folder / ".tmp-old", saved.folder / ".tmp-fresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "config.json").write_text("{")
    (saved.folder / "names").mkdir()
    (saved.folder / "names" / ".tmp-name").write_text("x")
    two_hours_ago = time.time() - 7200
    for path in (old, saved.folder / "names" / ".tmp-name"):
        os.utime(path, (two_hours_ago, two_hours_ago))
    assert len(RunStore(saved.folder).list()) == 1
    assert not old.exists()
    assert fresh.exists()
    assert list((saved.folder / "names").iterdir()) == []


def test_run_folder_that_is_a_loop_of_links_is_no_run(saved):
    (saved.folder / "0123456789ff").symlink_to("0123456789ff")
    assert [run.run_id for run in saved.list()] == [RUN_ID]
    with pytest.raises(RunNotFoundError):
        saved.load("0123456789ff")


def test_store_that_cannot_be_written_says_so_before_anything_is_trained(tmp_path):
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(RunError, match="runs: cannot be written"):
        RunStore(tmp_path / "runs").check_writable()
    RunStore(tmp_path / "new").check_writable()


def test_save_that_fails_midway_leaves_nothing_behind(saved, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"cannot be written \(No space left on device\)"):
        saved.save(make_run("run-1"), SCORER)
    assert leftovers(saved) == []
    assert [run.run_id for run in saved.list()] == [RUN_ID]
