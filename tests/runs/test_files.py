"""The files of a run: damaged, forged, and packed for another machine."""

import hashlib
import io
import json
import os
import zipfile

import numpy as np
import pytest

from recsys.runs import files as runfiles
from recsys.runs.files import DamagedRunError, RunError, RunNotFoundError
from recsys.runs.store import RunStore
from tests.runs.stored_runs import RUN_ID, SCORER, make_run, reseal, saved_store


@pytest.fixture
def saved(tmp_path):
    return saved_store(tmp_path / "runs")


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
