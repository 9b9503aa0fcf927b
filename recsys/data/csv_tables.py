"""Ratings and movies from a user's own CSV files, with every line checked."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys.data.csv_parsing import CsvFile, line_of, read_columns
from recsys.data.tables import (
    GENRES,
    MOVIE_ID,
    NO_GENRES,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    YEAR,
    DataError,
)
from recsys.data.titles import display_title

# Far above any rating scale, and small enough for float32 arithmetic.
LARGEST_RATING = 1_000_000.0
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_SECONDS = r"-?[0-9]{1,15}(\.0*)?"
_YEAR = r"[0-9]{1,4}(\.0*)?"
_CONTROL = r"[\x00-\x1f\x7f]"


@dataclass(frozen=True)
class _Check:
    """Which rows break a rule, and the error message for such a row."""

    broken: np.ndarray  # bool [n_rows]
    message: Callable[[int], str]


def read_ratings(file: CsvFile) -> pd.DataFrame:
    """Return `user_id, movie_id, rating` and, if the file has it, `timestamp` (seconds).

    Raises:
        DataError: the file is malformed, e.g. "ratings.csv line 17: rating 'abc' is not a number",
            or a user has rated a movie twice.
    """
    table = read_columns(file, (USER_ID, MOVIE_ID, RATING), (TIMESTAMP,))
    rules = [*_id_rules(table, USER_ID), *_id_rules(table, MOVIE_ID)]
    rules.append(_rule(table, RATING, _NUMBER, "is not a number"))
    if TIMESTAMP in table:
        rules.append(_rule(table, TIMESTAMP, _SECONDS, "is not a whole number of seconds"))
    _enforce(file, rules)
    ratings = table[RATING].to_numpy(dtype=object).astype(np.float64)
    too_large = np.abs(ratings) > LARGEST_RATING
    _enforce(
        file,
        [
            _Check(
                too_large,
                lambda row: f"rating {table[RATING][row]!r} is beyond {LARGEST_RATING:,.0f}",
            )
        ],
    )
    _check_repeated_pairs(file, table)
    table[RATING] = ratings.astype(np.float32)
    if TIMESTAMP in table:
        seconds = table[TIMESTAMP].str.replace(r"\..*", "", regex=True)
        table[TIMESTAMP] = seconds.to_numpy(dtype=object).astype(np.int64)
    return table


def read_movies(file: CsvFile) -> pd.DataFrame:
    """Return `movie_id, title, genres, year`; a missing title is later replaced by the id.

    Raises:
        DataError: the file is malformed; the message has file, line and reason.
    """
    table = read_columns(file, (MOVIE_ID, TITLE), (GENRES, YEAR))
    rules = _id_rules(table, MOVIE_ID)
    repeated = table[MOVIE_ID].duplicated().to_numpy()
    rules.append(_Check(repeated, lambda row: _repeated_movie(file, table, row)))
    if YEAR in table:
        rules.append(_rule(table, YEAR, rf"({_YEAR})?", "is not a year"))
    _enforce(file, rules)
    years = table[YEAR].str.replace(r"\..*", "", regex=True) if YEAR in table else None
    titles = [
        _title(title, years[row] if years is not None else "")
        for row, title in enumerate(table[TITLE])
    ]
    return pd.DataFrame(
        {
            MOVIE_ID: table[MOVIE_ID],
            TITLE: pd.Series([title or None for title, _ in titles], dtype="str"),
            GENRES: [_genres(names) for names in table[GENRES]] if GENRES in table else "",
            YEAR: pd.array([year for _, year in titles], dtype="Int64"),
        }
    )


def check_holdout(
    file: CsvFile, holdout: pd.DataFrame, training_name: str, training: pd.DataFrame
) -> None:
    """Check that no rating of the holdout is in the training file too.

    Raises:
        DataError: a pair of user and movie is in both; the message has its first line.
    """
    pairs = pd.MultiIndex.from_frame(holdout[[USER_ID, MOVIE_ID]])
    in_training = pairs.isin(pd.MultiIndex.from_frame(training[[USER_ID, MOVIE_ID]]))
    _enforce(
        file,
        [
            _Check(
                in_training,
                lambda row: (
                    f"user {holdout[USER_ID][row]!r} and movie {holdout[MOVIE_ID][row]!r} "
                    f"are in {training_name} too; remove the pair from one of the files"
                ),
            )
        ],
    )


def _id_rules(table: pd.DataFrame, column: str) -> list[_Check]:
    ids = table[column]
    return [
        _Check((ids == "").to_numpy(), lambda row: f"{column} is empty"),
        _Check(
            ids.str.contains(_CONTROL).to_numpy(dtype=bool),
            lambda row: f"{column} {ids[row][:50]!r} has a line break or control character in it",
        ),
    ]


def _rule(table: pd.DataFrame, column: str, pattern: str, error: str) -> _Check:
    values = table[column]
    return _Check(
        ~values.str.fullmatch(pattern).to_numpy(dtype=bool),
        lambda row: f"{column} {values[row][:50]!r} {error}",
    )


def _enforce(file: CsvFile, checks: list[_Check]) -> None:
    """Raise the error of the first row that breaks a rule."""
    failures = [(int(np.argmax(check.broken)), check) for check in checks if check.broken.any()]
    if failures:
        row, check = min(failures, key=lambda failure: failure[0])
        raise DataError(f"{file.name} line {line_of(file, row)}: {check.message(row)}")


def _check_repeated_pairs(file: CsvFile, table: pd.DataFrame) -> None:
    users, _ = pd.factorize(table[USER_ID])
    movies, distinct = pd.factorize(table[MOVIE_ID])
    pairs = users.astype(np.int64) * len(distinct) + movies

    def message(row: int) -> str:
        first = line_of(file, int(np.argmax(pairs == pairs[row])))
        user, movie = table[USER_ID][row], table[MOVIE_ID][row]
        return f"user {user!r} has already rated movie {movie!r} in line {first}"

    _enforce(file, [_Check(pd.Series(pairs).duplicated().to_numpy(), message)])


def _repeated_movie(file: CsvFile, table: pd.DataFrame, row: int) -> str:
    id_ = table[MOVIE_ID][row]
    first = line_of(file, int(np.argmax((table[MOVIE_ID] == id_).to_numpy())))
    return f"movie {id_!r} is already in line {first}"


def _title(raw: str, year: str) -> tuple[str, int | None]:
    """Return title and year; a year column takes precedence over the year in the title."""
    title, own_year = display_title(raw)
    if not year:
        return title, own_year
    return (f"{title} ({int(year)})" if title and own_year is None else title), int(year)


def _genres(names: str) -> str:
    kept = [name.strip() for name in names.split("|")]
    return "|".join(name for name in kept if name and name.lower() not in NO_GENRES)
