"""Accepted jobs on disk, so that a server that is killed loses none of them.

<folder>/<server>/lock                       locked as long as that server lives
<folder>/<server>/<number>-<run_id>.json     a job that has not ended: its settings

Each server has a folder of its own. The lock of a server that has died is free, however it died:
then another one takes its jobs over.
"""

import contextlib
import fcntl
import json
import logging
import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recsys.atomic import remove_folder, remove_leftovers, temporary_file, temporary_folder
from recsys.config import ConfigError, RunConfig, make_config
from recsys.regular import open_regular

logger = logging.getLogger(__name__)

LOCK = "lock"
MOST_BYTES = 1_000_000  # of the file of a job
_ID = "[a-z0-9_-]+"
_FILE = re.compile(rf"(\d+)-({_ID})\.json")


@dataclass(frozen=True)
class Accepted:
    """A job that was accepted and has not ended.

    Attributes:
        run_id: Id of the requested run.
        config: Settings of the requested run.
        fingerprint: Of the data set at the time of the request.
        asked_by: Who asked for it.
    """

    run_id: str
    config: RunConfig
    fingerprint: str
    asked_by: str = ""


class Journal:
    """The accepted jobs of one server. Thread-safe: each job has a file of its own."""

    def __init__(self, folder: Path) -> None:
        """Start the journal of a new server in `folder`, which need not exist yet.

        Raises:
            OSError: the disk cannot be written.
        """
        self._all = folder
        self._own = folder / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"  # in the order of starts
        with temporary_folder(folder) as temporary:
            # Locked before it has its name: another server would take it for a dead one's.
            self._lock = _locked(temporary / LOCK, create=True)
            temporary.rename(self._own)
        remove_leftovers(folder)

    def add(self, number: int, job: Accepted) -> None:
        """Keep a job until `remove`, in place of an earlier one of the same run.

        Raises:
            OSError: the disk cannot be written: the job must not be accepted.
        """
        content = {
            "config": job.config.model_dump(),
            "fingerprint": job.fingerprint,
            "asked_by": job.asked_by,
        }
        with temporary_file(self._file(number, job.run_id)) as path, path.open("w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        for earlier in self._own.glob(f"*-{job.run_id}.json"):
            if _number(earlier) != number:
                earlier.unlink(missing_ok=True)

    def remove(self, number: int, run_id: str) -> None:
        """Forget a job that has ended."""
        with contextlib.suppress(OSError):  # it is asked for again; a stored run ends it at once
            self._file(number, run_id).unlink(missing_ok=True)

    def abandoned(self) -> Iterator[Accepted]:
        """Yield the jobs of servers that have died, oldest first; then forget them.

        Whoever takes a job must `add` it before the next one is asked for: so it is never on no
        disk, and if this server dies meanwhile, another one finds it twice at worst.
        """
        for folder in sorted(self._all.glob("*")):
            if folder == self._own or folder.name.startswith(".") or folder.is_symlink():
                continue
            with contextlib.suppress(OSError):  # its server lives, or another one was faster
                lock = _locked(folder / LOCK, create=False)
                try:
                    for file in sorted(folder.glob("*.json"), key=_number):
                        if job := _read(file):
                            yield job
                    remove_folder(folder)
                finally:
                    os.close(lock)

    def holds(self, run_id: str) -> bool:
        """Return whether any server has accepted this run and not ended it."""
        known = re.fullmatch(_ID, run_id)  # it may come from a link, and hold what glob expands
        return known is not None and any(self._all.glob(f"*/*-{run_id}.json"))

    def close(self) -> None:
        """Let other servers take over what has not ended."""
        with contextlib.suppress(OSError):
            if not any(self._own.glob("*.json")):
                remove_folder(self._own)
            os.close(self._lock)

    def _file(self, number: int, run_id: str) -> Path:
        return self._own / f"{number}-{run_id}.json"


def _locked(path: Path, *, create: bool) -> int:
    """Return an open file that this process has locked; BlockingIOError if another one has."""
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if create else 0), 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file


def _number(file: Path) -> int:
    found = _FILE.fullmatch(file.name)
    return int(found[1]) if found else 0


def _read(file: Path) -> Accepted | None:
    """Return the job in a file; None if it is damaged or of another version."""
    found = _FILE.fullmatch(file.name)
    try:
        with open_regular(file, MOST_BYTES) as opened:
            content: Any = json.loads(opened.read())
        config = make_config(content["config"])
        asked_by = str(content.get("asked_by", ""))  # not in an earlier version
        fingerprint = str(content["fingerprint"])
        return Accepted(found[2], config, fingerprint, asked_by) if found else None
    except (OSError, ValueError, KeyError, TypeError, ConfigError):
        logger.warning("an accepted job is dropped: %s cannot be read", file, exc_info=True)
        return None
