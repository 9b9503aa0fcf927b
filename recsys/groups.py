"""Whom a model serves well: errors by activity of the user, and by popularity of the movie."""

from dataclasses import dataclass

import numpy as np

from recsys import metrics
from recsys.beyond_accuracy import equal_groups
from recsys.data.splits import Split
from recsys.evaluation import COUNTS, USERS, Part, Table, rating_errors
from recsys.scorer import Scorer

GROUPS = 5


@dataclass(frozen=True, eq=False)
class Group:
    """Users who are alike in activity, or ratings of movies that are alike in popularity.

    Attributes:
        low: the fewest train ratings among them.
        high: the most.
        table: metrics per user, as `per_user_metrics` makes them, of this group alone.
    """

    low: int
    high: int
    table: Table


def activity_groups(split: Split, table: Table, n: int = GROUPS) -> list[Group]:
    """Return the users of a table in about equal groups, from the least active to the most.

    Users with as many train ratings are in one group, so there may be fewer groups.

    Args:
        split: whose train ratings count.
        table: metrics per user.
        n: how many groups.
    """
    activity = np.bincount(split.train.users, minlength=split.n_users)[table[USERS]]
    return [
        Group(*_ends(activity[members]), {name: values[members] for name, values in table.items()})
        for members in _members(activity, n)
    ]


def popularity_groups(scorer: Scorer, split: Split, part: Part, n: int = GROUPS) -> list[Group]:
    """Return a part's ratings in about equal groups, from the least rated movies to the most.

    Ratings of movies with as many train ratings are in one group, so there may be fewer groups.
    The tables hold `rmse`, of the users that have ratings in the group.

    Args:
        scorer: the model.
        split: its ratings.
        part: which of them are predicted.
        n: how many groups.
    """
    users = np.unique(getattr(split, part).users)
    errors, owners, rows = rating_errors(scorer, split, part, users)
    popularity = np.bincount(split.train.movies, minlength=split.n_movies)[rows.movies]
    groups = []
    for members in _members(popularity, n):
        own, position, counts = np.unique(owners[members], return_inverse=True, return_counts=True)
        table = {USERS: users[own], COUNTS: counts, "rmse": metrics.rmse(errors[members], position)}
        groups.append(Group(*_ends(popularity[members]), table))
    return groups


def _members(values: np.ndarray, n: int) -> list[np.ndarray]:
    """Return the positions in `values` of each group's members; no group is empty."""
    numbers = equal_groups(values, n)
    return [np.flatnonzero(numbers == number) for number in np.unique(numbers)]


def _ends(values: np.ndarray) -> tuple[int, int]:
    return int(values.min()), int(values.max())
