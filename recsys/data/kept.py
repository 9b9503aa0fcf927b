"""Data sets kept on disk as Parquet, one folder each, so that loading them again is fast."""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pandas as pd

from recsys.atomic import make_private, remove_leftovers, replace_folder, temporary_folder
from recsys.data.tables import MOVIE_ID, USER_ID, DataError, Dataset
from recsys.regular import open_regular

# The version of the tables. A folder of another version is loaded from its source again.
FORMAT = 1
_DESCRIPTION = "dataset.json"
_MOST_DESCRIPTION = 1_000_000  # bytes
_TABLES = ("ratings", "movies", "users", "holdout")


class DamagedError(DataError):
    """A kept data set with a missing file, a wrong checksum, or a link in place of a file."""


def keep(dataset: Dataset, folder: Path, source: str) -> None:
    """Write the data set to `folder`, whole or not at all; a folder already there is replaced.

    Raises:
        DataError: the folder cannot be written.
    """
    try:
        remove_leftovers(folder.parent)
        with temporary_folder(folder.parent) as temporary:
            _write(dataset, temporary, source)
            make_private(temporary)
            _rename(temporary, folder)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be written ({error.strerror or error}); "
            "free some space or set RECSYS_HOME to another folder"
        ) from error


def kept_source(folder: Path) -> str | None:
    """Return the source of the data set kept in `folder`, or None if there is no usable one."""
    try:
        return str(_description(folder)["source"])
    except (DamagedError, FileNotFoundError):
        return None


def load_kept(folder: Path) -> Dataset:
    """Return the data set kept in `folder`.

    Raises:
        FileNotFoundError: there is none.
        DamagedError: a file is missing, or its checksum does not match.
    """
    description = _description(folder)
    try:
        for table, expected in description["sha256"].items():
            if _sha256(folder / f"{table}.parquet") != expected:
                raise DamagedError(f"{folder / table}.parquet: checksum mismatch")
        tables = {
            table: pd.read_parquet(folder / f"{table}.parquet")
            for table in _TABLES
            if table in description["sha256"]
        }
        return Dataset(
            name=description["name"],
            ratings=_with_ids(tables["ratings"], tables),
            movies=tables["movies"],
            users=tables["users"],
            holdout=_with_ids(tables["holdout"], tables) if "holdout" in tables else None,
            fingerprint=description["fingerprint"],
            has_timestamps=description["has_timestamps"],
        )
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, DamagedError):
            raise
        raise DamagedError(f"{folder}: damaged ({type(error).__name__})") from error


def _description(folder: Path) -> dict[str, Any]:
    if folder.is_symlink():
        raise DamagedError(f"{folder}: is a link; put the folder itself in its place")
    try:
        with open_regular(folder / _DESCRIPTION, _MOST_DESCRIPTION) as file:
            description = json.loads(file.read())
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise DamagedError(f"{folder / _DESCRIPTION}: cannot be read") from error
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise DamagedError(f"{folder}: written by another version of Duet")
    hashes = description.get("sha256")
    tables = set(hashes) if isinstance(hashes, dict) else set()
    texts = (description.get(key) for key in ("name", "source", "fingerprint"))
    if not all(isinstance(text, str) for text in texts):
        raise DamagedError(f"{folder / _DESCRIPTION}: lacks a name, source or fingerprint")
    if not {"ratings", "movies", "users"} <= tables <= set(_TABLES):
        raise DamagedError(f"{folder / _DESCRIPTION}: does not list the tables")
    return description


def _with_codes(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Replace the ids of ratings by the positions of their rows in `users` and `movies`."""
    if table not in ("ratings", "holdout"):
        return frame
    codes = {column: frame[column].cat.codes.astype("int32") for column in (USER_ID, MOVIE_ID)}
    return frame.assign(**codes)


def _with_ids(part: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    for column, table in ((USER_ID, "users"), (MOVIE_ID, "movies")):
        ids = pd.Index(tables[table][column].array)
        part[column] = pd.Categorical.from_codes(part[column].to_numpy(), categories=ids)
    return part


def _write(dataset: Dataset, folder: Path, source: str) -> None:
    hashes = {}
    for table in _TABLES:
        frame = getattr(dataset, table)
        if frame is not None:
            file = folder / f"{table}.parquet"
            with _synced(file) as stream:
                # LZ4 without dictionaries: 25 million ratings load in a second, not in five.
                _with_codes(frame, table).to_parquet(
                    stream, index=False, compression="lz4", use_dictionary=False
                )
            hashes[table] = _sha256(file)
    description = {
        "format": FORMAT,
        "name": dataset.name,
        "source": source,
        "fingerprint": dataset.fingerprint,
        "has_timestamps": dataset.has_timestamps,
        "sha256": hashes,
    }
    with _synced(folder / _DESCRIPTION) as stream:
        stream.write(json.dumps(description, indent=1).encode())


@contextlib.contextmanager
def _synced(file: Path) -> Iterator[IO[bytes]]:
    """Yield a new file to write; at the end of the block its content is on the disk."""
    with file.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _rename(temporary: Path, folder: Path) -> None:
    try:
        replace_folder(temporary, folder)
    except OSError:
        # Another process has just put the same data set there.
        if kept_source(folder) is None:
            raise


def _sha256(file: Path) -> str:
    with open_regular(file, sys.maxsize) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
