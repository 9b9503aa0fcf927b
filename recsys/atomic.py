"""Atomic writes: files and folders are written under a temporary name first, then renamed.

No thread or process ever sees half of one, and a write that fails leaves nothing behind. Only their
owner can read them, unless they are meant for others.
"""

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

TEMPORARY = ".tmp-"  # how the temporary names start
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
LEFTOVER_SECONDS = 3600.0  # a temporary file this old was left behind by a crash


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
        yield temporary
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
        file.chmod(PRIVATE_FOLDER if file.is_dir() else PRIVATE_FILE)


def remove_folder(folder: Path) -> None:
    """Delete a folder. It disappears in one step, by a rename; then its files are deleted.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    temporary = _temporary_path(folder.parent)
    folder.rename(temporary)
    shutil.rmtree(temporary, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Delete the temporary files and folders that crashes left behind in `folder`."""
    for path in list(folder.glob(f"{TEMPORARY}*")):
        with contextlib.suppress(OSError):  # another process was faster
            if time.time() - path.stat().st_mtime < LEFTOVER_SECONDS:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _temporary_path(parent: Path) -> Path:
    return parent / f"{TEMPORARY}{uuid.uuid4().hex}"
