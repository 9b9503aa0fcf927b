"""Small data sets for the tests: random ones, and ones with a structure that a model can learn."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recsys.config import TIED, RunConfig, make_config
from recsys.data.splits import Interactions, Split, make_split
from recsys.data.tables import Dataset, make_dataset

Rows = Iterable[tuple[int, int, float]]  # (user code, movie code, rating)
N_USERS, N_MOVIES = 80, 60
# In the planted data a user watches mostly movies of the own group, and likes the own side.
NEAR, FAR, OTHER_GROUP = 5.0, 3.0, 1.0


def interactions(rows: Rows) -> Interactions:
    """Return ratings as a part of a split, sorted by user, then movie."""
    columns = list(zip(*sorted(rows), strict=True)) or [()] * 3
    kinds = (np.int32, np.int32, np.float32)
    return Interactions(
        *(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True))
    )


def make_rows_split(
    n_users: int, n_movies: int, train: Rows, validation: Rows = (), holdout: Rows = ()
) -> Split:
    """Return the split with these parts; its scale is that of all their ratings."""
    parts = [interactions(rows) for rows in (train, validation, holdout)]
    ratings = np.concatenate([part.ratings for part in parts])
    return Split(
        *parts,
        user_ids=np.array([f"u{user}" for user in range(n_users)], object),
        movie_ids=np.array([f"m{movie}" for movie in range(n_movies)], object),
        rating_scale=(float(ratings.min()), float(ratings.max())),
    )


def random_split(
    n_users: int = 20,
    n_movies: int = 15,
    seed: int = 0,
    scale: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0),
    share: float = 0.5,
) -> Split:
    """Return a split of random ratings, 80 % in train; the last user and movie 0 have none."""
    rng = np.random.default_rng(seed)
    rated = rng.random((n_users, n_movies)) < share
    rated[-1], rated[:, 0] = False, False
    users, movies = np.nonzero(rated)
    rows = list(zip(users, movies, rng.choice(scale, len(users)), strict=True))
    part = rng.permutation(len(rows)) * 10 // len(rows)
    cut = [[row for row, own in zip(rows, part, strict=True) if own in which] for which in PARTS]
    return make_rows_split(n_users, n_movies, *cut)


PARTS = (range(8), (8,), (9,))


def with_attributes(split: Split, seed: int = 0) -> Split:
    """Return the split with attributes drawn at random: 3 of users, 2 of movies."""
    rng = np.random.default_rng(seed)
    users, movies = (
        rng.random((n, width)).astype(np.float32)
        for n, width in ((split.n_users, 3), (split.n_movies, 2))
    )
    return replace(split, user_features=users, movie_features=movies)


def planted_dataset(seed: int = 0) -> Dataset:
    """Return ratings of two groups of users for two groups of movies.

    Users watch almost only movies of their own group. The rating depends on user and movie
    together, so biases alone cannot predict it: users and movies are on one of two sides. A user
    gives `NEAR` to movies of the own group and side, `FAR` to those of the other side, and
    `OTHER_GROUP` to movies of the other group.
    """
    rng = np.random.default_rng(seed)
    user, movie = np.indices((N_USERS, N_MOVIES))
    same_group, same_side = user % 2 == movie % 2, user // 2 % 2 == movie // 2 % 2
    users, movies = np.nonzero(rng.random((N_USERS, N_MOVIES)) < np.where(same_group, 0.6, 0.04))
    stars = np.where(same_group, np.where(same_side, NEAR, FAR), OTHER_GROUP)[users, movies]
    ratings = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in users],
            "movie_id": [f"m{movie}" for movie in movies],
            "rating": stars,
            "timestamp": rng.permutation(len(users)),
        }
    )
    return make_dataset("planted", ratings)


def planted_split(seed: int = 0) -> Split:
    """Return the planted data set, split at random 80/10/10."""
    return make_split(planted_dataset(seed), kind="random", holdout=0.1, validation=0.1, seed=seed)


def write_ratings(file: Path, rows: Iterable[tuple[Any, ...]]) -> Path:
    """Write `user_id,movie_id,rating` rows as a CSV file and return it."""
    lines = ["user_id,movie_id,rating", *(",".join(map(str, row)) for row in rows)]
    file.write_text("\n".join(lines) + "\n")
    return file


def small_config(**fields: Any) -> RunConfig:
    """Return a config that trains in a moment; `fields` override its values."""
    values: dict[str, Any] = {"epochs": 2, "batch_size": 64, "embedding_dimension": 8}
    own_vectors = fields.get("sharing") not in TIED
    if fields.get("architecture", "duet") == "duet" and own_vectors:
        values |= {"rating_dimension": 4, "rating_members": 2}
    return make_config(values | fields)
