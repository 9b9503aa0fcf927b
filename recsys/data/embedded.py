"""MovieLens 100k from an installed wheel: real data without a download at run time.

The wheel `recbole` contains the data set. Its files are read; it is never imported.
"""

import importlib.util
from pathlib import Path

import pandas as pd

from recsys.data.tables import (
    GENRES,
    MOVIE_ID,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    YEAR,
    DataError,
    Dataset,
    make_dataset,
)
from recsys.data.titles import display_title

INSTALL = "pip install --no-deps recbole==1.2.1"
EMBEDDED = "100k"  # name of the embedded data set
_GENRE_NAMES = {"Children's": "Children", "unknown": ""}


def embedded_folder() -> Path | None:
    """Return the folder of the data files, or None if the wheel is not installed."""
    spec = importlib.util.find_spec("recbole")
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location) / "dataset_example" / "ml-100k"
        if folder.is_dir():
            return folder
    return None


def load_embedded(folder: Path | None = None) -> Dataset:
    """Return MovieLens 100k from the wheel's files.

    Raises:
        DataError: the wheel is not installed, or its files are damaged.
    """
    folder = folder or embedded_folder()
    if folder is None:
        raise DataError(f"the embedded MovieLens 100k is not installed: {INSTALL}")
    try:
        ratings = _read(folder / "ml-100k.inter")
        movies = _read(folder / "ml-100k.item")
        users = _read(folder / "ml-100k.user")
        return _tables(ratings, movies, users)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DataError(
            f"{folder}: the embedded MovieLens 100k is damaged ({type(error).__name__}); "
            f"install it again: {INSTALL} --force-reinstall"
        ) from error


def _read(file: Path) -> pd.DataFrame:
    table = pd.read_csv(
        file, sep="\t", dtype="str", quoting=3, keep_default_na=False, encoding="utf-8"
    )
    return table.rename(columns=lambda column: column.split(":")[0])


def _tables(ratings: pd.DataFrame, movies: pd.DataFrame, users: pd.DataFrame) -> Dataset:
    # `release_year` holds whatever was in the last brackets of the title. For the one title without
    # brackets it is a misspelt "unknown".
    raw = movies["movie_title"] + " (" + movies["release_year"] + ")"
    raw = raw.mask(movies["release_year"] == "unkonwn", "unknown")
    titles = [display_title(title) for title in raw]
    return make_dataset(
        EMBEDDED,
        pd.DataFrame(
            {
                USER_ID: ratings["user_id"],
                MOVIE_ID: ratings["item_id"],
                RATING: ratings["rating"].astype("float32"),
                TIMESTAMP: ratings["timestamp"].astype("int64"),
            }
        ),
        pd.DataFrame(
            {
                MOVIE_ID: movies["item_id"],
                TITLE: [title for title, _ in titles],
                GENRES: [_genres(names) for names in movies["class"]],
                YEAR: pd.array([year for _, year in titles], dtype="Int64"),
            }
        ),
        pd.DataFrame(
            {
                USER_ID: users["user_id"],
                "age": users["age"].astype("int64"),
                "gender": users["gender"],
                "occupation": users["occupation"],
            }
        ),
    )


def _genres(names: str) -> str:
    renamed = [_GENRE_NAMES.get(name, name) for name in names.split()]
    return "|".join(name for name in renamed if name)
