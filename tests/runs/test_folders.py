"""The folders of runs: several processes at once, crashes, failed saves."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from recsys.runs import folders
from recsys.runs.files import RunError, RunNotFoundError
from recsys.runs.store import RunStore
from tests.runs.stored_runs import RUN_ID, SCORER, leftovers, make_run, saved_store


@pytest.fixture
def saved(tmp_path):
    return saved_store(tmp_path / "runs")


SAVE_OFTEN = """
import dataclasses, sys
from pathlib import Path
from recsys.runs.store import RunStore
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
    root = Path(__file__).resolve().parents[2]
    savers = [subprocess.Popen([*command, name], cwd=root, **pipes) for name in ("a", "b")]
    for saver in savers:
        assert saver.stdout.readline() == "ready\n"
    for saver in savers:
        saver.stdin.write("go\n")
        saver.stdin.flush()
    for saver in savers:
        saver.communicate(timeout=300)  # a busy machine may take its time
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


@pytest.mark.parametrize("target", ["0123456789ff", RUN_ID])
def test_run_folder_that_is_a_link_is_named_and_not_followed(saved, target):
    (saved.folder / "0123456789ff").symlink_to(target)
    assert [run.run_id for run in saved.list()] == [RUN_ID]
    with pytest.raises(RunError, match="its folder is a link"):
        saved.load("0123456789ff")
    assert [name for name, _ in saved.damaged()] == ["0123456789ff"]
    saved.delete("0123456789ff")
    assert saved.damaged() == []
    assert saved.load(RUN_ID).run_id == RUN_ID
    assert leftovers(saved) == []


def test_save_that_fails_midway_leaves_nothing_behind(saved, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match=r"cannot be written \(No space left on device\)"):
        saved.save(make_run("run-1"), SCORER)
    assert leftovers(saved) == []
    assert [run.run_id for run in saved.list()] == [RUN_ID]


def test_read_error_that_passes_hides_a_good_run_no_longer_than_it_lasts(saved, monkeypatch):
    def fails(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    store = RunStore(saved.folder)
    with monkeypatch.context() as bad:
        bad.setattr(folders, "open_regular", fails)
        assert store.list() == []
        assert store.damaged() == [
            (RUN_ID, f"run {RUN_ID}: config.json cannot be read (Too many open files)")
        ]
        with pytest.raises(RunError, match="Too many open files"):
            store.save(make_run(), SCORER)  # it must not put the good one aside
    assert store.list() == [make_run()]
    assert store.damaged() == []


def test_folder_that_cannot_be_read_is_named_and_not_taken_for_none(saved, monkeypatch):
    def fails(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(folders.os, "scandir", fails)
    ((run_id, reason),) = saved.damaged()
    assert (run_id, reason) == (
        RUN_ID,
        f"run {RUN_ID}: its folder cannot be read (Permission denied)",
    )
    with pytest.raises(RunError, match="cannot be read"):
        saved.load(RUN_ID)
