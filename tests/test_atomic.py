import os
import time
from pathlib import Path

import pytest

from recsys.atomic import remove_folder, remove_leftovers, temporary_file, temporary_folder


def test_file_appears_at_the_end_of_the_block_and_replaces_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file.txt"
    for content in ("first", "second"):
        before = target.read_text() if target.exists() else None
        with temporary_file(target) as file:
            file.write_text(content)
            assert (target.read_text() if target.exists() else None) == before
        assert target.read_text() == content
    assert list(target.parent.iterdir()) == [target]


def test_failed_file_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "file.txt"
    target.write_text("old")

    def fail_midway() -> None:
        with temporary_file(target) as file:
            file.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail_midway()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_folder_that_is_renamed_stays(tmp_path: Path) -> None:
    with temporary_folder(tmp_path / "new") as folder:
        (folder / "file.txt").write_text("content")
        folder.rename(tmp_path / "new" / "target")
    assert (tmp_path / "new" / "target" / "file.txt").read_text() == "content"
    assert list((tmp_path / "new").iterdir()) == [tmp_path / "new" / "target"]


def test_folder_that_is_not_renamed_leaves_nothing(tmp_path: Path) -> None:
    def fail_midway() -> None:
        with temporary_folder(tmp_path) as folder:
            (folder / "file.txt").write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail_midway()
    with temporary_folder(tmp_path) as folder:
        (folder / "file.txt").write_text("unused")
    assert list(tmp_path.iterdir()) == []


def test_removed_folder_is_gone_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file.txt").write_text("content")
    remove_folder(tmp_path / "folder")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        remove_folder(tmp_path / "folder")


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    old, fresh, other = (tmp_path / name for name in (".tmp-old", ".tmp-fresh", "other"))
    for folder in (old, fresh, other):
        folder.mkdir()
        (folder / "file.txt").write_text("content")
    (tmp_path / ".tmp-file").write_text("content")
    two_hours_ago = time.time() - 7200
    for path in (old, other, tmp_path / ".tmp-file"):
        os.utime(path, (two_hours_ago, two_hours_ago))
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == [fresh, other]
    remove_leftovers(tmp_path / "missing")  # nothing to do
