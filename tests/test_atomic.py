import os
import stat
import time
from pathlib import Path

import pytest

from recsys.atomic import (
    make_private,
    remove_folder,
    remove_leftovers,
    replace_folder,
    reserve,
    temporary_file,
    temporary_folder,
)


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


def test_replaced_folder_is_there_again_if_the_new_one_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("new", "folder"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file.txt").write_text(name)
    rename = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError("input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="input/output"):
        replace_folder(tmp_path / "new", tmp_path / "folder")
    assert (tmp_path / "folder" / "file.txt").read_text() == "folder"
    monkeypatch.undo()
    replace_folder(tmp_path / "new", tmp_path / "folder")
    assert (tmp_path / "folder" / "file.txt").read_text() == "new"
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_room_is_reserved_or_refused(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        reserve(file, 100_000)
        assert (tmp_path / "file").stat().st_size == 100_000
        with pytest.raises(OSError):  # noqa: PT011 - too large for the file system, or for the disk
            reserve(file, 1 << 60)


def test_what_another_process_is_writing_is_no_leftover(tmp_path: Path) -> None:
    long_ago = time.time() - 7200
    with temporary_folder(tmp_path) as folder, temporary_file(tmp_path / "file.txt") as file:
        for path in (folder, file):
            os.utime(path, (long_ago, long_ago))
        remove_leftovers(tmp_path)
        assert folder.is_dir()
        file.write_text("content")
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    old, fresh, other = (tmp_path / name for name in (".tmp-old", ".tmp-fresh", "other"))
    for folder in (old, fresh, other):
        folder.mkdir()
        (folder / "file.txt").write_text("content")
    (tmp_path / ".tmp-file").write_text("content")
    a_minute_ago = time.time() - 60
    for path in (old, other, tmp_path / ".tmp-file"):
        os.utime(path, (a_minute_ago, a_minute_ago))
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == [fresh, other]
    remove_leftovers(tmp_path / "missing")  # nothing to do


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_reads_what_is_private_whatever_the_umask(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        with temporary_file(tmp_path / "new" / "deep" / "file") as file:
            file.write_text("content")
            assert modes(file) == [0o600]
        with temporary_folder(tmp_path / "new" / "folders") as folder:
            (folder / "file").write_text("content")
            (folder / "folder").mkdir()
            make_private(folder)
            folder.rename(tmp_path / "new" / "folder")
        with temporary_file(tmp_path / "public" / "file", private=False) as file:
            file.write_text("content")
    finally:
        os.umask(before)
    private = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    assert modes(*private) == [0o700 if path.is_dir() else 0o600 for path in private]
    assert modes(tmp_path / "public" / "file") == [0o666 & ~umask]


def modes(*paths: Path) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in paths]
