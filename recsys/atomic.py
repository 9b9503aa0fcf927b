"""Atomic writes: files and folders are written under a temporary name first, then renamed.

No thread or process ever sees half of one, and a write that fails leaves nothing behind. What a
process leaves behind that is killed meanwhile is told by its lock, which is then free. Only their
owner can read them, unless they are meant for others.
"""

import contextlib
import fcntl
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

TEMPORARY = ".tmp-"  # how the temporary names start
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
UNLOCKED_SECONDS = 10.0  # a temporary file is not locked yet in the moment after it is created
LEFTOVER_SECONDS = 3600.0  # on a disk without locks, one this old was left behind by a crash


@contextlib.contextmanager
def temporary_file(target: Path, *, private: bool = True) -> Iterator[Path]:
    """Yield a path to write to. At the end of the block the file there replaces `target`.

    If the block raises an error, the file is deleted and `target` stays as it was. The folder of
    `target` is created if it does not exist. A private file can be read by its owner only, as a
    folder made for it.
    """
    temporary = _temporary_path(target.parent)
    make_folder(target.parent, private=private)
    try:
        temporary.touch(PRIVATE_FILE if private else 0o666, exist_ok=False)
        with _locked(temporary) as file:
            yield temporary
            os.fsync(file)
            temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):  # renamed, or never written
            temporary.unlink()


@contextlib.contextmanager
def temporary_folder(parent: Path, *, private: bool = True) -> Iterator[Path]:
    """Yield a new empty folder in `parent`, to fill and to rename within the block.

    If it has not been renamed at the end of the block, it is deleted. `parent` is created if it
    does not exist.
    """
    temporary = _temporary_path(parent)
    make_folder(temporary, private=private)
    try:
        with _locked(temporary):
            yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def make_folder(folder: Path, *, private: bool = True) -> None:
    """Create a folder, and those it is in, where they do not exist."""
    if folder.is_dir():
        return
    make_folder(folder.parent, private=private)
    folder.mkdir(PRIVATE_FOLDER if private else 0o777, exist_ok=True)


def make_private(folder: Path) -> None:
    """Let only its owner read a folder and the files in it, whatever the process's umask is."""
    folder.chmod(PRIVATE_FOLDER)
    for file in folder.iterdir():
        if file.is_symlink():  # what it points to is not of this folder
            continue
        file.chmod(PRIVATE_FOLDER if file.is_dir() else PRIVATE_FILE)


def remove_folder(folder: Path) -> None:
    """Delete a folder. It disappears in one step, by a rename; then its files are deleted.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    temporary = _temporary_path(folder.parent)
    folder.rename(temporary)
    _delete(temporary)


def replace_folder(new: Path, folder: Path) -> None:
    """Rename a temporary folder to `folder`. One that is already there is deleted afterwards.

    Raises:
        OSError: it cannot be renamed; the one that was there is there again.
    """
    old = _temporary_path(folder.parent)
    try:
        folder.rename(old)
    except FileNotFoundError:
        new.rename(folder)
        return
    try:
        new.rename(folder)
    except OSError:
        with contextlib.suppress(OSError):  # another process has put one there
            old.rename(folder)
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files and folders that were left behind in `folder` by a crash.

    Those that another process is writing now stay.
    """
    for path in list(folder.glob(f"{TEMPORARY}*")):
        with contextlib.suppress(OSError):  # another process was faster
            if _is_left_behind(path):
                _delete(path)


def reserve(file: IO[bytes], n_bytes: int) -> None:
    """Take this much room on the disk for an open file.

    Raises:
        OSError: there is not so much.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, n_bytes)
        return
    for start in range(0, n_bytes, 1 << 20):  # macOS
        file.write(bytes(min(1 << 20, n_bytes - start)))
    file.flush()


def _delete(path: Path) -> None:
    """Delete a file, a link, or a folder with what is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _temporary_path(parent: Path) -> Path:
    return parent / f"{TEMPORARY}{uuid.uuid4().hex}"


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Yield an open file, or folder, that is locked until the end of the block."""
    file = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # not every disk has locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
    finally:
        os.close(file)


def _is_left_behind(path: Path) -> bool:
    """Return whether no process is writing a temporary file or folder."""
    age = time.time() - path.lstat().st_mtime
    if age < UNLOCKED_SECONDS or path.is_symlink():
        return age > LEFTOVER_SECONDS
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return age > LEFTOVER_SECONDS
    finally:
        os.close(file)
    return True
