"""The ratings of one new user as a CSV file: no formula is written, every row read is checked."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from recsys.data.csv_parsing import CsvFile, read_columns
from recsys.data.tables import MOVIE_ID, RATING, TITLE, DataError, Dataset
from recsys.new_user.scale import RatingScale
from recsys.spreadsheet import inert_csv

Ratings = dict[int, float]  # movie code -> stars, in the order in which they were given

MOST_BYTES = 1_000_000  # of a file
MOST_RATINGS = 1_000  # of one new user
MOST_NAMED = 3  # rows that a sentence names


def to_csv(ratings: Mapping[int, float], data: Dataset) -> str:
    """Return a user's ratings as CSV: `title,movie_id,rating`. No cell is a formula."""
    rows = data.movies.iloc[list(ratings)]
    table = pd.DataFrame(
        {
            TITLE: rows[TITLE].array,
            MOVIE_ID: rows[MOVIE_ID].array,
            RATING: [f"{stars:g}" for stars in ratings.values()],
        }
    )
    return inert_csv(table)


def from_csv(file: CsvFile, data: Dataset, scale: RatingScale) -> tuple[Ratings, list[str]]:
    """Return the ratings in a file, and a sentence for each kind of row that was left out.

    Args:
        file: has the columns `movie_id` and `rating`.
        data: the data set whose movies are rated.
        scale: the scale of its ratings.

    Raises:
        DataError: the file is too large, or malformed, or no row of it can be used.
    """
    if len(file.content) > MOST_BYTES:
        raise DataError(f"{file.name}: has more than {MOST_BYTES // 1_000_000} MB")
    table = read_columns(file, (MOVIE_ID, RATING), ())
    codes = data.catalogue.codes
    ratings: Ratings = {}
    unknown, off, more = [], [], 0
    for id_, text in zip(table[MOVIE_ID], table[RATING], strict=True):
        # An exported id may have got an apostrophe before it.
        code = codes.get(id_, codes.get(id_.removeprefix("'")))
        stars = scale.nearest(_number(text))
        if code is None:
            unknown.append(id_)
        elif stars is None:
            off.append(f"{text} for {id_}")
        elif code not in ratings and len(ratings) == MOST_RATINGS:
            more += 1
        else:
            ratings[code] = stars
    left_out = []
    if unknown:
        left_out.append(f"Not in this data set: {_some(unknown)}.")
    if off:
        left_out.append(f"Not a rating from {scale.low:g} to {scale.high:g}: {_some(off)}.")
    if more:
        left_out.append(f"Only the first {MOST_RATINGS:,} ratings were taken.")
    if not ratings:
        raise DataError(f"{file.name}: no rating can be used. {' '.join(left_out)}")
    return ratings, left_out


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _some(names: list[str]) -> str:
    shown = ", ".join(name[:30] for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
