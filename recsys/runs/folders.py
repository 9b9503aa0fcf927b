"""Folders of runs on the disk: installed, read, removed, set aside, each in one step."""

import contextlib
import errno
import hashlib
import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path

from recsys.atomic import (
    make_folder,
    make_private,
    remove_folder,
    remove_leftovers,
    temporary_file,
    temporary_folder,
)
from recsys.regular import NOT_REGULAR, open_regular, read_line
from recsys.runs.files import (
    MAX_BYTES,
    MAX_FILE_BYTES,
    DamagedRunError,
    RunError,
    RunNotFoundError,
    UnreadableRunError,
    check_run_id,
)

DAMAGED = "damaged"
NAMES = "names"
LAYOUTS = "layouts"
REASON = "reason.txt"
NO_REASON = "the disk could not keep the reason"

Signature = tuple[object, ...]


class RunFolders:
    """The run folders in one folder, which need not exist yet."""

    def __init__(self, root: Path) -> None:
        """Use the folders in `root`."""
        self.root = root

    def ids(self) -> Iterator[str]:
        """Return the names of all folders that may be runs."""
        for name in _names(self.root):
            with contextlib.suppress(RunNotFoundError):  # not a run's folder
                yield check_run_id(name)

    def signature(self, run_id: str) -> Signature:
        """Return a value that changes whenever the folder or a file in it changes.

        Raises:
            RunNotFoundError: there is no such folder.
            UnreadableRunError: it cannot be read.
            RunError: it is a link.
        """
        # As text: with a store of many runs, each page would spend milliseconds on making paths.
        folder = f"{self.root}{os.sep}{run_id}"
        try:
            found = os.lstat(folder)
            if stat.S_ISLNK(found.st_mode):
                raise RunError(f"run {run_id}: its folder is a link, and links are not followed")
            with os.scandir(folder) as entries:
                files = [(one.name, one.stat(follow_symlinks=False)) for one in entries]
        except (FileNotFoundError, NotADirectoryError):
            raise not_found(run_id) from None
        except OSError as error:
            raise UnreadableRunError(
                f"run {run_id}: its folder cannot be read ({error.strerror})"
            ) from None
        # The time of change too: nobody can set it, as they can that of modification.
        return found.st_ino, *sorted(
            (name, one.st_mtime_ns, one.st_ctime_ns, one.st_size) for name, one in files
        )

    def read(self, run_id: str, name: str) -> bytes:
        """Return the content of one file of a run.

        Raises:
            RunNotFoundError: there is no such run.
            DamagedRunError: the run lacks this file, or it is a link, a pipe, or far too large.
            UnreadableRunError: the file cannot be read.
        """
        with self._opened(run_id, name) as file:
            return file.read()

    def sha256(self, run_id: str, name: str) -> str:
        """Return the SHA-256 of one file of a run, in hex, without holding the file in memory.

        Raises:
            RunError: as for `read`.
        """
        with self._opened(run_id, name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @contextlib.contextmanager
    def _opened(self, run_id: str, name: str) -> Iterator[BufferedReader]:
        path = self.root / run_id / name
        try:
            with open_regular(path, MAX_FILE_BYTES.get(name, MAX_BYTES)) as file:
                yield file
        except FileNotFoundError:
            if not path.parent.exists():
                raise not_found(run_id) from None
            raise DamagedRunError(f"run {run_id}: {name} is missing") from None
        except OSError as error:
            if error.errno in NOT_REGULAR:
                raise DamagedRunError(f"run {run_id}: {name} is not a file of a run") from None
            raise UnreadableRunError(
                f"run {run_id}: {name} cannot be read ({error.strerror})"
            ) from None

    @contextlib.contextmanager
    def written(self, files: Mapping[str, bytes]) -> Iterator[Path]:
        """Yield a temporary folder that holds `files`, for `install`."""
        with temporary_folder(self.root) as folder:
            for name, content in files.items():
                with (folder / name).open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            make_private(folder)
            yield folder

    def install(self, folder: Path, run_id: str) -> bool:
        """Rename a temporary folder to the run's id; return False if that folder exists already."""
        try:
            folder.rename(self.root / run_id)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return False
        return True

    def remove(self, run_id: str) -> None:
        """Delete a run's folder.

        Raises:
            RunNotFoundError: there is none.
        """
        try:
            remove_folder(self.root / run_id)
        except FileNotFoundError:
            raise not_found(run_id) from None

    def set_aside(self, run_id: str, reason: str) -> None:
        """Move a run that cannot be used to `damaged/`, with the reason."""
        target = self.root / DAMAGED / run_id
        with contextlib.suppress(OSError):  # on a read-only disk it stays, but it is never returned
            make_folder(target.parent)
            if target.exists():
                target = target.with_name(f"{run_id}-{uuid.uuid4().hex[:6]}")
            (self.root / run_id).rename(target)
            with temporary_file(target / REASON) as file:
                file.write_text(reason + "\n", encoding="utf-8")
            make_private(target)

    def damaged(self) -> list[tuple[str, str]]:
        """Return (name, reason) of each folder that was set aside."""
        reasons = []
        for name in _names(self.root / DAMAGED):
            file = self.root / DAMAGED / name / REASON
            reason = "" if file.parent.is_symlink() else read_line(file)
            reasons.append((name, reason or NO_REASON))
        return reasons

    def sweep(self) -> None:
        """Delete what crashes left behind."""
        for folder in (self.root, self.root / NAMES, *self.root.glob(f"{LAYOUTS}/*")):
            if folder == self.root or not folder.is_symlink():
                remove_leftovers(folder)

    @contextlib.contextmanager
    def disk_errors(self) -> Iterator[None]:
        """Turn an OSError while writing into a RunError."""
        try:
            yield
        except OSError as error:
            raise RunError(f"{self.root}: cannot be written ({error.strerror})") from None


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []  # nothing stored yet


def not_found(run_id: str) -> RunNotFoundError:
    """Return the error for a run that the store does not have."""
    return RunNotFoundError(f"there is no run {run_id} in the store")
