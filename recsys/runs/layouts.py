"""Layouts of the movie map that were computed for runs, kept beside them in the store.

<store>/layouts/<run_id>/<key>   SHA-256 of the rest, then where the movies lie, float32 [n, 2]

A layout is a by-product: one that is missing or damaged is computed again.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
from pathlib import Path

import numpy as np

from recsys.atomic import temporary_file
from recsys.regular import open_regular
from recsys.runs.files import check_run_id
from recsys.runs.folders import LAYOUTS

_KEY = re.compile(r"[0-9a-f]{16}")
MOST_BYTES = 100_000_000  # 12 million movies
_PLACES = np.dtype("<f4")


class Layouts:
    """The layouts in one run store. Safe to share between threads and processes."""

    def __init__(self, store: Path) -> None:
        """Use the store in this folder, which need not exist yet."""
        self._folder = store / LAYOUTS

    def load(self, run_id: str, key: str) -> np.ndarray | None:
        """Return where a run's movies lie, [n, 2]; None if it is not known or damaged."""
        file = self._file(run_id, key)
        try:
            if file.parent.is_symlink():
                return None
            with open_regular(file, MOST_BYTES) as stream:
                content = stream.read()
        except OSError:
            return None
        digest, places = content[:32], content[32:]
        if hashlib.sha256(places).digest() != digest:
            return None
        return np.frombuffer(places, _PLACES).reshape(-1, 2)

    def save(self, run_id: str, key: str, places: np.ndarray) -> None:
        """Keep where a run's movies lie, [n, 2].

        Raises:
            OSError: the disk cannot be written.
        """
        content, file = places.astype(_PLACES).tobytes(), self._file(run_id, key)
        if file.parent.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(file.parent))
        with temporary_file(file) as path:
            path.write_bytes(hashlib.sha256(content).digest() + content)

    def remove(self, run_id: str) -> None:
        """Delete all layouts of a run."""
        folder = self._folder / check_run_id(run_id)
        with contextlib.suppress(OSError):
            if folder.is_symlink():
                folder.unlink()
            else:
                shutil.rmtree(folder)

    def _file(self, run_id: str, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of a layout")
        return self._folder / check_run_id(run_id) / key
