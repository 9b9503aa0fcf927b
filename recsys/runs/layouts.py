"""Layouts of the movie map that were computed for runs, kept beside them in the store.

<store>/layouts/<run_id>/<key>   SHA-256 of the rest, then where the movies lie, float32 [n, 2]

A layout is a by-product: one that is missing or damaged is computed again.
"""

import contextlib
import hashlib
import re
import shutil
from pathlib import Path

import numpy as np

from recsys.atomic import temporary_file
from recsys.runs.files import check_run_id
from recsys.runs.folders import LAYOUTS

_KEY = re.compile(r"[0-9a-f]{16}")
_PLACES = np.dtype("<f4")


class Layouts:
    """The layouts in one run store. Safe to share between threads and processes."""

    def __init__(self, store: Path) -> None:
        """Use the store in this folder, which need not exist yet."""
        self._folder = store / LAYOUTS

    def load(self, run_id: str, key: str) -> np.ndarray | None:
        """Return where a run's movies lie, [n, 2]; None if it is not known or damaged."""
        try:
            content = self._file(run_id, key).read_bytes()
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
        content = places.astype(_PLACES).tobytes()
        with temporary_file(self._file(run_id, key)) as path:
            path.write_bytes(hashlib.sha256(content).digest() + content)

    def remove(self, run_id: str) -> None:
        """Delete all layouts of a run."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self._folder / check_run_id(run_id))

    def _file(self, run_id: str, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of a layout")
        return self._folder / check_run_id(run_id) / key
