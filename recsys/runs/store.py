"""The run store: one immutable folder per run, with checksums that are verified on reading.

<store>/<run_id>/           config.json, history.parquet, metrics.json, scorer.npz,
                            and manifest.json with the SHA-256 of each
<store>/names/<run_id>      the label a user gave the run
<store>/layouts/<run_id>/   layouts of the movie map that were computed for it
<store>/damaged/<run_id>/   a damaged run that was set aside, with the reason in reason.txt
"""

import contextlib
import dataclasses
import errno
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from recsys.atomic import make_folder, reserve, temporary_file
from recsys.line import StoredScorer
from recsys.regular import read_line
from recsys.runs.files import (
    FILES,
    MANIFEST,
    SCORER,
    DamagedRunError,
    RunError,
    RunNotFoundError,
    UnreadableRunError,
    check_files,
    check_run_id,
    make_files,
    open_run,
    pack_files,
    read_scorer,
    unpack_files,
)
from recsys.runs.folders import NAMES, RunFolders, Signature
from recsys.runs.layouts import Layouts
from recsys.runs.records import Run

JOINERS = "\u200c\u200d"  # zero-width; Persian and many emoji are written with them
MAX_NAME = 80  # characters
SMALL_FILES = 4 << 20  # bytes of a run besides its model, at most about this much
TRIES = 5  # if other processes replace or delete a run at the same moment

Runs = list[Run]  # inside RunStore, `list` is its method
Damaged = list[tuple[str, str]]


class RunStore:
    """The runs in one folder. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Use the store in `folder`, which need not exist yet."""
        self.folder = folder
        self._folders = RunFolders(folder)
        self.layouts = Layouts(folder)
        self._folders.sweep()
        # What was read, and the signature of the folder at that time. The checksums are verified
        # once per process, and again when the size or the time of a file has changed.
        self._cache: dict[str, tuple[Signature, Run | RunError]] = {}
        self._lock = threading.Lock()

    def save(self, run: Run, scorer: StoredScorer) -> None:
        """Store a run. If the store already has it, nothing is changed.

        Raises:
            RunError: the run holds NaN or infinity, or the disk cannot be written.
        """
        self._install({check_run_id(run.run_id): make_files(run, scorer)})
        if run.name:
            self.rename(run.run_id, run.name)

    def save_all(self, runs: Sequence[tuple[Run, StoredScorer]]) -> None:
        """Store several runs, without labels: all of them or none.

        Raises:
            RunError: as for `save`.
        """
        self._install({check_run_id(run.run_id): make_files(run, scorer) for run, scorer in runs})

    def check_writable(self, n_bytes: int = 0) -> None:
        """Check that a run of this size can be saved.

        Raises:
            RunError: the folder cannot be written, or the disk is too full.
        """
        n_bytes += SMALL_FILES
        with self._folders.disk_errors():
            make_folder(self.folder)
            try:
                with tempfile.TemporaryFile(dir=self.folder) as file:
                    reserve(file, n_bytes)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                    raise
                raise RunError(
                    f"{self.folder}: the disk is too full for a run, which takes about "
                    f"{n_bytes / 1e6:.0f} MB ({error.strerror})"
                ) from None

    def load(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            RunNotFoundError: the store does not have it.
            DamagedRunError: a file is missing or has the wrong checksum; the run was set aside.
            RunError: another version of Duet wrote it, or it cannot be read now.
        """
        return _named(self._open(check_run_id(run_id)), self._name(run_id))

    def scorer(self, run_id: str) -> StoredScorer:
        """Return the trained scorer of a run.

        Raises:
            RunError: as for `load`.
        """
        self._open(check_run_id(run_id))
        try:
            files = {name: self._folders.read(run_id, name) for name in (MANIFEST, SCORER)}
            check_files(run_id, files)
        except DamagedRunError as error:
            self._folders.set_aside(run_id, str(error))
            raise
        try:
            return read_scorer(files[SCORER])
        except ValueError as error:
            raise RunError(f"run {run_id} cannot be opened: {error}") from None

    def list(self) -> Runs:
        """Return all runs, newest first, without those that `damaged` returns."""
        runs, labelled = [], self._labelled()
        for run_id in self._folders.ids():
            with contextlib.suppress(RunError):  # `damaged` returns it
                label = self._name(run_id) if run_id in labelled else ""
                runs.append(_named(self._open(run_id), label))
        return sorted(runs, key=lambda run: (run.created, run.run_id), reverse=True)

    def last_change(self) -> tuple[int, ...]:
        """Return a value that changes when a run is added or deleted, or gets another label."""
        times = []
        for folder in (self.folder, self.folder / NAMES):
            with contextlib.suppress(OSError):  # it is not there yet
                times.append(folder.stat().st_mtime_ns)
        return tuple(times)

    def damaged(self) -> Damaged:
        """Return (run id, reason in one line) of every run that cannot be used."""
        unreadable = []
        for run_id in self._folders.ids():
            try:
                self._open(run_id)
            except (DamagedRunError, RunNotFoundError):
                continue  # it was set aside now, or it is not a run
            except RunError as error:
                unreadable.append((run_id, str(error)))
        return unreadable + self._folders.damaged()

    def rename(self, run_id: str, name: str) -> None:
        """Give a run a label; "" removes the label.

        Raises:
            RunNotFoundError: the store does not have the run.
            RunError: the label is too long, or the disk cannot be written.
        """
        self._open(check_run_id(run_id))
        label = " ".join("".join(c if _is_shown(c) else " " for c in name).split())
        if len(label) > MAX_NAME:
            raise RunError(f"the name of a run has at most {MAX_NAME} characters, not {len(label)}")
        with self._folders.disk_errors():
            if label:
                with temporary_file(self._name_file(run_id)) as file:
                    file.write_text(label, encoding="utf-8")
            else:
                self._name_file(run_id).unlink(missing_ok=True)

    def delete(self, run_id: str) -> None:
        """Delete a run, its label and its layouts.

        Another thread or process that reads it meanwhile gets the whole run or RunNotFoundError.

        Raises:
            RunNotFoundError: the store does not have it.
            RunError: the disk cannot be written.
        """
        with self._folders.disk_errors():
            self._folders.remove(check_run_id(run_id))
            self._name_file(run_id).unlink(missing_ok=True)
        self.layouts.remove(run_id)

    def pack(self, run_id: str) -> bytes:
        """Return a run as one file, for `unpack` in another store.

        Raises:
            RunError: as for `load`.
        """
        self._open(check_run_id(run_id))
        files = {name: self._folders.read(run_id, name) for name in FILES}
        open_run(run_id, files)
        return pack_files(files)

    def unpack(self, content: bytes) -> Run:
        """Check a run that `pack` packed, store it, and return it.

        Raises:
            RunError: it is not a packed run, or the disk cannot be written.
        """
        run, files = unpack_files(content)
        self._install({run.run_id: files})
        return self.load(run.run_id)

    def __contains__(self, run_id: object) -> bool:
        """Return whether `load` would return this run."""
        try:
            self._open(check_run_id(str(run_id)))
        except RunError:
            return False
        return True

    def _open(self, run_id: str) -> Run:
        for _ in range(TRIES):
            before = self._folders.signature(run_id)
            with self._lock:
                signature, outcome = self._cache.get(run_id, (None, None))
            if outcome is None or signature != before:
                outcome = self._read(run_id)
                if self._folders.signature(run_id) != before:
                    continue  # replaced while it was read
                if not isinstance(outcome, UnreadableRunError):  # which may pass
                    with self._lock:
                        self._cache[run_id] = (before, outcome)
            if isinstance(outcome, Run):
                return outcome
            if isinstance(outcome, DamagedRunError):
                self._folders.set_aside(run_id, str(outcome))
            raise type(outcome)(str(outcome))
        raise RunError(f"run {run_id} is being replaced; try again")

    def _read(self, run_id: str) -> Run | RunError:
        try:
            files = {name: self._folders.read(run_id, name) for name in FILES if name != SCORER}
            # The model may be large, and only its checksum is needed.
            digests = {SCORER: self._folders.sha256(run_id, SCORER)}
            return open_run(run_id, files, digests)
        except RunError as error:
            return error

    def _install(self, runs: Mapping[str, dict[str, bytes]]) -> None:
        """Write these runs, of which each is the id and the files: all or none."""
        installed: list[str] = []
        try:
            with self._folders.disk_errors(), contextlib.ExitStack() as stack:
                self._folders.sweep()
                # All are written before the first one appears.
                written = {
                    run_id: stack.enter_context(self._folders.written(files))
                    for run_id, files in runs.items()
                }
                for run_id, folder in written.items():
                    if self._put(folder, run_id):
                        installed.append(run_id)
        except RunError:
            for run_id in installed:
                with contextlib.suppress(OSError, RunError):
                    self._folders.remove(run_id)
            raise

    def _put(self, folder: Path, run_id: str) -> bool:
        """Give a written folder its run's id; return False if there is a good run already."""
        for _ in range(TRIES):
            if self._folders.install(folder, run_id):
                return True
            if self._keeps(run_id):
                return False
        raise RunError(
            f"{self.folder}: {run_id} cannot be written; its damaged folder cannot be moved"
        )

    def _keeps(self, run_id: str) -> bool:
        """Return whether the stored run can be used; if not, set it aside.

        Raises:
            UnreadableRunError: nobody can tell now.
        """
        try:
            self._open(run_id)
        except (RunNotFoundError, DamagedRunError):
            return False
        except UnreadableRunError:
            raise
        except RunError as error:
            self._folders.set_aside(run_id, str(error))
            return False
        return True

    def _name_file(self, run_id: str) -> Path:
        return self.folder / NAMES / run_id

    def _labelled(self) -> set[str]:
        """Return the ids that have a label: to look for the label of each run takes longer."""
        try:
            return {file.name for file in (self.folder / NAMES).iterdir()}
        except OSError:  # no run has one
            return set()

    def _name(self, run_id: str) -> str:
        # "" without a label, or with one that is not readable; the run itself is good.
        return read_line(self._name_file(run_id))[:MAX_NAME]


def _named(run: Run, label: str) -> Run:
    return run if run.name == label else dataclasses.replace(run, name=label)


def _is_shown(character: str) -> bool:
    """Return whether a label may hold a character: also those that join others, as in emoji."""
    return character.isprintable() or character in JOINERS
