"""The tables of a data set: ratings, movies, users. The column names are defined here only."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from recsys.data.catalogue import Catalogue
from recsys.errors import DuetError

USER_ID = "user_id"
MOVIE_ID = "movie_id"
RATING = "rating"
TIMESTAMP = "timestamp"
TITLE = "title"
GENRES = "genres"
YEAR = "year"

NO_GENRES = ("(no genres listed)", "unknown")  # in lower case: genres that mean "none"


class DataError(DuetError):
    """Invalid or missing data; the message is one line for the user."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """One data set. Ids are strings; titles are never keys (two movies may share one).

    Attributes:
        name: its name for `load_dataset`.
        ratings: `user_id, movie_id, rating, timestamp`, sorted by user, then movie. The ids are
            categorical, with the rows of `users` and `movies` as categories in the same order;
            `rating` is float32, in stars; `timestamp` int64, in seconds (0 where unknown).
        movies: `movie_id, title, genres, year`: the catalogue, one row per movie, with all movies
            of `ratings` and `holdout`. Genres are joined by "|", "" if there are none; `year` is a
            nullable Int64.
        users: `user_id` and attributes, if any; one row per user of `ratings` and `holdout`.
        holdout: a given holdout in the format of `ratings`, or None.
        fingerprint: SHA-256 of the content of all tables, in hex; independent of the order of
            rows, the file format and the source.
        has_timestamps: whether `timestamp` is known.
    """

    name: str
    ratings: pd.DataFrame
    movies: pd.DataFrame
    users: pd.DataFrame
    holdout: pd.DataFrame | None
    fingerprint: str
    has_timestamps: bool

    @property
    def rating_scale(self) -> tuple[float, float]:
        """The lowest and the highest rating, in stars, including a given holdout."""
        parts = [part[RATING] for part in (self.ratings, self.holdout) if part is not None]
        parts = [part for part in parts if len(part)]
        return float(min(part.min() for part in parts)), float(max(part.max() for part in parts))

    @cached_property
    def catalogue(self) -> Catalogue:
        """The movies as plain lists: for what is shown of single ones."""
        return Catalogue.of(*(self.movies[name] for name in (MOVIE_ID, TITLE, GENRES, YEAR)))


def make_dataset(
    name: str,
    ratings: pd.DataFrame,
    movies: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    holdout: pd.DataFrame | None = None,
) -> Dataset:
    """Return the data set of these tables, with rows in a fixed order and a fingerprint.

    Rated movies that are missing in `movies` are added, with their id as title. Users without
    ratings are left out.

    Raises:
        DataError: there are no ratings, or a user has two ratings of one movie.
    """
    parts = [ratings] if holdout is None else [ratings, holdout]
    if ratings.empty:
        raise DataError(f"{name}: there are no ratings")
    rated = [_distinct(part[MOVIE_ID]) for part in parts]
    known = [] if movies is None else [_distinct(movies[MOVIE_ID])]
    user_ids = natural_order(np.concatenate([_distinct(part[USER_ID]) for part in parts]))
    movie_ids = natural_order(np.concatenate(rated + known))
    has_timestamps = all(TIMESTAMP in part for part in parts)
    coded = [_coded(part, user_ids, movie_ids, has_timestamps) for part in parts]
    for part in coded:
        _refuse_duplicates(name, part)
    movie_table = _movie_table(movies, movie_ids)
    user_table = _user_table(users, user_ids)
    return Dataset(
        name=name,
        ratings=coded[0],
        movies=movie_table,
        users=user_table,
        holdout=coded[1] if holdout is not None else None,
        fingerprint=_fingerprint(coded, movie_table, user_table, has_timestamps),
        has_timestamps=has_timestamps,
    )


def natural_order(ids: Iterable[str]) -> list[str]:
    """Return the distinct ids: whole numbers first, by value ("9" before "10"), then the others."""

    def key(id_: str) -> tuple[int, int, str]:
        is_number = id_.isascii() and id_.isdigit() and len(id_) <= 18
        return (0, int(id_), id_) if is_number else (1, 0, id_)

    return sorted(set(ids), key=key)


def _distinct(ids: "pd.Series[str]") -> np.ndarray:
    return np.asarray(ids.unique(), dtype=object)


def _coded(
    part: pd.DataFrame, user_ids: list[str], movie_ids: list[str], has_timestamps: bool
) -> pd.DataFrame:
    users = pd.Categorical(part[USER_ID], categories=pd.Index(user_ids, dtype="str"))
    movies = pd.Categorical(part[MOVIE_ID], categories=pd.Index(movie_ids, dtype="str"))
    timestamps = part[TIMESTAMP] if has_timestamps else np.zeros(len(part))
    pairs = users.codes.astype(np.int64) * len(movie_ids) + movies.codes
    order = np.argsort(pairs, kind="stable")
    return pd.DataFrame(
        {
            USER_ID: users[order],
            MOVIE_ID: movies[order],
            RATING: np.asarray(part[RATING], dtype=np.float32)[order],
            TIMESTAMP: np.asarray(timestamps, dtype=np.int64)[order],
        }
    )


def _refuse_duplicates(name: str, part: pd.DataFrame) -> None:
    users, movies = part[USER_ID].cat.codes.to_numpy(), part[MOVIE_ID].cat.codes.to_numpy()
    repeated = np.flatnonzero((users[1:] == users[:-1]) & (movies[1:] == movies[:-1]))
    if len(repeated):
        row = part.iloc[repeated[0]]
        raise DataError(
            f"{name}: user {row[USER_ID]!r} has more than one rating of movie {row[MOVIE_ID]!r}"
        )


def _movie_table(movies: pd.DataFrame | None, movie_ids: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({MOVIE_ID: pd.Series(movie_ids, dtype="str")})
    known = pd.DataFrame({MOVIE_ID: table[MOVIE_ID]}) if movies is None else movies
    known = known.drop_duplicates(MOVIE_ID).set_index(MOVIE_ID).reindex(movie_ids)
    titles = known[TITLE] if TITLE in known else pd.Series(None, index=known.index, dtype="str")
    genres = known[GENRES] if GENRES in known else pd.Series(None, index=known.index, dtype="str")
    years = known[YEAR] if YEAR in known else pd.Series(pd.NA, index=known.index, dtype="Int64")
    table[TITLE] = (
        titles.astype("str").fillna(table.set_index(MOVIE_ID, drop=False)[MOVIE_ID]).array
    )
    table[GENRES] = genres.astype("str").fillna("").array
    table[YEAR] = years.astype("Int64").array
    return table


def _user_table(users: pd.DataFrame | None, user_ids: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({USER_ID: pd.Series(user_ids, dtype="str")})
    if users is None:
        return table
    known = users.drop_duplicates(USER_ID).set_index(USER_ID).reindex(user_ids)
    for column in known:
        table[column] = known[column].array
    return table


def _fingerprint(
    parts: list[pd.DataFrame], movies: pd.DataFrame, users: pd.DataFrame, has_timestamps: bool
) -> str:
    digest = hashlib.sha256(f"tables 1 {has_timestamps} {len(parts)}".encode())
    for table in (users, movies):
        rows = table.astype("str").fillna("").to_dict("list")
        digest.update(json.dumps(rows, separators=(",", ":"), sort_keys=True).encode())
    for part in parts:
        digest.update(str(len(part)).encode())
        for ids in (USER_ID, MOVIE_ID):
            digest.update(part[ids].cat.codes.to_numpy().astype("<i4").tobytes())
        digest.update(part[RATING].to_numpy().astype("<f4").tobytes())
        digest.update(part[TIMESTAMP].to_numpy().astype("<i8").tobytes())
    return digest.hexdigest()
