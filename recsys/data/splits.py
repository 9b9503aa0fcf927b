"""Splits: train, validation and holdout ratings as integer codes, and the ids of the codes."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from recsys.data.features import movie_features, movie_genres, user_features
from recsys.data.tables import MOVIE_ID, RATING, TIMESTAMP, USER_ID, DataError, Dataset

SplitKind = Literal["random", "time", "given"]
RatingsPart = Literal["train", "validation", "holdout"]
Part = RatingsPart | Literal["seen"]  # seen: train and validation together


@dataclass(frozen=True, eq=False)
class Interactions:
    """Ratings as codes, one row each.

    Attributes:
        users: int32 `[n]`, positions in the split's `user_ids`.
        movies: int32 `[n]`, positions in the split's `movie_ids`.
        ratings: float32 `[n]`, in stars.
    """

    users: np.ndarray
    movies: np.ndarray
    ratings: np.ndarray

    def __len__(self) -> int:
        """Return the number of ratings."""
        return len(self.ratings)

    def at(self, positions: np.ndarray) -> "Interactions":
        """Return the ratings at these positions."""
        return Interactions(self.users[positions], self.movies[positions], self.ratings[positions])


class Csr(NamedTuple):
    """The movies of each user, as compressed sparse rows.

    Attributes:
        indptr: int64 `[n_users + 1]`; user u has `movies[indptr[u]:indptr[u + 1]]`.
        movies: int32 `[n]`, codes, ascending for each user.
    """

    indptr: np.ndarray
    movies: np.ndarray

    def movies_of(self, user: int) -> np.ndarray:
        """Return the movies of one user: int32 codes."""
        return self.movies[self.indptr[user] : self.indptr[user + 1]]

    def positions(self, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where the movies of these users stand in `movies`.

        Args:
            users: codes, `[n_users]`, in any order.

        Returns:
            owners: int32 `[n]`, which of `users` each movie belongs to; ascending.
            positions: int64 `[n]`.
        """
        starts, counts = self.indptr[users], self.indptr[users + 1] - self.indptr[users]
        owners = np.repeat(np.arange(len(users), dtype=np.int32), counts)
        within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        return owners, starts[owners] + within

    def pairs(self, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (which of `users`, movie) for all movies of these users, each int32 `[n]`."""
        owners, positions = self.positions(users)
        return owners, self.movies[positions]


@dataclass(frozen=True, eq=False)
class Split:
    """A data set split into three parts. Each part is sorted by user, then movie.

    Attributes:
        train: the ratings that a model learns from.
        validation: the ratings for choosing settings; none of them is in the holdout. May be empty.
        holdout: the ratings for the evaluation at the end of a run. May be empty.
        user_ids: object `[n_users]` of str; a user's code is the position here. All users of the
            data set, including those without train ratings.
        movie_ids: object `[n_movies]` of str, in the order of `Dataset.movies`: the catalogue,
            including movies without ratings.
        rating_scale: the data set's lowest and highest rating, in stars.
        user_features: attributes of the users, float32 `[n_users, n_features]`, or None if the
            data set has none; see `recsys.data.features`.
        movie_features: attributes of the movies, float32 `[n_movies, n_features]`, or None.
        movie_genres: which genres each movie has, bool `[n_movies, n_genres]`, or None.
    """

    train: Interactions
    validation: Interactions
    holdout: Interactions
    user_ids: np.ndarray
    movie_ids: np.ndarray
    rating_scale: tuple[float, float]
    user_features: np.ndarray | None = None
    movie_features: np.ndarray | None = None
    movie_genres: np.ndarray | None = None
    _index: dict[Part, Csr] = field(default_factory=dict, init=False, repr=False)

    @property
    def n_users(self) -> int:
        """Number of users, including those without train ratings."""
        return len(self.user_ids)

    @property
    def n_movies(self) -> int:
        """Number of movies in the catalogue."""
        return len(self.movie_ids)

    def user_code(self, user_id: str) -> int:
        """Return the position of this user in `user_ids`.

        Raises:
            DataError: there is no such user.
        """
        if user_id not in self._user_codes:
            raise DataError(f"there is no user {user_id!r} in this data set")
        return self._user_codes[user_id]

    @cached_property
    def _user_codes(self) -> dict[str, int]:
        return {user_id: code for code, user_id in enumerate(self.user_ids)}

    @cached_property
    def movie_counts(self) -> np.ndarray:
        """Number of train ratings of each movie, int64 `[n_movies]`."""
        return np.bincount(self.train.movies, minlength=self.n_movies)

    def csr(self, part: Part) -> Csr:
        """Return which movies each user rated in a part; `seen` is train and validation."""
        if part not in self._index:
            self._index[part] = self._compress(part)
        return self._index[part]

    def positions(self, part: RatingsPart, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of a part that hold the ratings of these users.

        Args:
            part: the part.
            users: codes, `[n_users]`.

        Returns:
            owners: int32 `[n]`, which of `users` each rating belongs to; ascending.
            positions: int64 `[n]`, its row in the part.
        """
        # A part is sorted by user, then movie: its rows are those of its CSR.
        return self.csr(part).positions(users)

    def of_user(self, part: RatingsPart, user: int) -> Interactions:
        """Return one user's ratings in a part, sorted by movie."""
        _, positions = self.positions(part, np.array([user]))
        rows: Interactions = getattr(self, part)
        return rows.at(positions)

    def history(self, user: int) -> np.ndarray:
        """Return the movies this user rated in train: int32 codes, ascending."""
        return self.csr("train").movies_of(user)

    def seen(self, user: int) -> np.ndarray:
        """Return the movies this user rated in train or validation: int32 codes, ascending."""
        return self.csr("seen").movies_of(user)

    def _compress(self, part: Part) -> Csr:
        if part == "seen" and not len(self.validation):
            return self.csr("train")
        if part == "seen":
            pairs = np.concatenate(
                [
                    member.users.astype(np.int64) * self.n_movies + member.movies
                    for member in (self.train, self.validation)
                ]
            )
            indptr = self.csr("train").indptr + self.csr("validation").indptr
            movies = np.sort(pairs, kind="stable") % self.n_movies
            return Csr(indptr, movies.astype(np.int32))
        users, movies = getattr(self, part).users, getattr(self, part).movies  # sorted
        indptr = np.zeros(self.n_users + 1, dtype=np.int64)
        np.cumsum(np.bincount(users, minlength=self.n_users), out=indptr[1:])
        return Csr(indptr, movies.astype(np.int32, copy=False))


def make_split(
    dataset: Dataset, *, kind: SplitKind, holdout: float, validation: float, seed: int
) -> Split:
    """Split a data set into train, validation and holdout.

    The result depends only on the content of the data set and on the arguments, not on the order
    of the rows or the platform.

    Args:
        dataset: the tables.
        kind: `random` draws the parts from all ratings. `time` takes the newest ratings of all
            users as holdout, and those before them as validation. `given` takes
            `dataset.holdout` as it is and draws validation at random from the rest. The other
            two ignore `dataset.holdout`.
        holdout: its share of the ratings, 0 to below 1; ignored for `given`.
        validation: its share of the ratings (for `given`: of those outside the holdout).
        seed: for the random draws.

    Raises:
        DataError: nothing is left to train on; or the data set has no timestamps to split by, or
            no holdout of its own.
    """
    user_ids = dataset.users[USER_ID].to_numpy(dtype=object)
    movie_ids = dataset.movies[MOVIE_ID].to_numpy(dtype=object)
    rows, timestamps = _interactions(dataset.ratings, user_ids, movie_ids)
    given = None
    if kind == "given":
        if dataset.holdout is None:
            raise DataError(f"{dataset.name} has no holdout of its own; use split random or time")
        given, _ = _interactions(dataset.holdout, user_ids, movie_ids)
        holdout = 0.0
    if kind == "time" and not dataset.has_timestamps:
        raise DataError(f"{dataset.name} has no timestamps to split by; use split random")
    # NumPy promises stable streams for bit generators, not for Generator.permutation.
    keys = timestamps if kind == "time" else np.random.PCG64(seed).random_raw(len(rows))
    n_train, n_validation = _counts(dataset.name, len(rows), holdout, validation)
    part = np.full(len(rows), 2, dtype=np.int8)
    part[_lowest(keys, n_train + n_validation)] = 1
    part[_lowest(keys, n_train)] = 0
    train, middle, last = (rows.at(np.flatnonzero(part == which)) for which in range(3))
    return Split(
        train=train,
        validation=middle,
        holdout=last if given is None else given,
        user_ids=user_ids,
        movie_ids=movie_ids,
        rating_scale=dataset.rating_scale,
        user_features=user_features(dataset.users),
        movie_features=movie_features(dataset.movies),
        movie_genres=movie_genres(dataset.movies),
    )


def _interactions(
    table: pd.DataFrame, user_ids: np.ndarray, movie_ids: np.ndarray
) -> tuple[Interactions, np.ndarray]:
    """Return the ratings of a table, sorted by user, then movie, and their timestamps."""
    users = _codes(table[USER_ID], user_ids)
    movies = _codes(table[MOVIE_ID], movie_ids)
    rows = Interactions(users, movies, table[RATING].to_numpy(dtype=np.float32))
    timestamps = table[TIMESTAMP].to_numpy()
    pairs = users.astype(np.int64) * len(movie_ids) + movies
    if np.all(pairs[1:] > pairs[:-1]):
        return rows, timestamps
    order = np.argsort(pairs, kind="stable")
    return rows.at(order), timestamps[order]


def _codes(column: "pd.Series[str]", ids: np.ndarray) -> np.ndarray:
    codes = pd.Categorical(column, categories=pd.Index(ids, dtype="str")).codes
    if len(codes) and codes.min() < 0:
        missing = column.iloc[int(np.argmin(codes))]
        raise DataError(f"{column.name} {missing!r} is rated but has no row in its table")
    return codes.astype(np.int32)


def _counts(name: str, n: int, holdout: float, validation: float) -> tuple[int, int]:
    """Return how many of `n` ratings are for training and for validation."""
    if not (0 <= holdout < 1 and 0 <= validation < 1):
        raise DataError(
            f"holdout {holdout:g} and validation {validation:g} must be shares from 0 to below 1"
        )
    n_holdout, n_validation = int(n * holdout + 0.5), int(n * validation + 0.5)
    n_train = n - n_holdout - n_validation
    if n_train < 1:
        raise DataError(
            f"{name}: {n} ratings with holdout {holdout:g} and validation {validation:g} leave "
            "none to train on; lower the shares"
        )
    return n_train, n_validation


def _lowest(keys: np.ndarray, n: int) -> np.ndarray:
    """Return which rows have the `n` lowest keys, of equal ones the first rows: bool `[n_rows]`.

    Sorting 25 million keys would take eight seconds, finding one of them takes half a second.
    """
    if n == len(keys):
        return np.ones(n, bool)
    limit = np.partition(keys, n)[n]
    lowest: np.ndarray = keys < limit
    equal = np.flatnonzero(keys == limit)
    lowest[equal[: n - np.count_nonzero(lowest)]] = True
    return lowest
