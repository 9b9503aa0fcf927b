"""Metrics by group: of users by their activity, and of ratings by the movie's popularity."""

from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Split
from recsys.evaluation import metrics
from recsys.evaluation.beyond_accuracy import equal_groups
from recsys.evaluation.evaluate import COUNTS, USERS, Part, Table, rating_errors
from recsys.scorer import Scorer

GROUPS = 5


@dataclass(frozen=True, eq=False)
class Group:
    """Users with similar activity, or ratings of movies with similar popularity.

    Attributes:
        low: the lowest number of train ratings in the group.
        high: the highest.
        table: metrics per user of this group, as `per_user_metrics` returns them.
    """

    low: int
    high: int
    table: Table


def activity_groups(split: Split, table: Table, n: int = GROUPS) -> list[Group]:
    """Return the users of a table in groups of about equal size, the least active first.

    Users with the same number of train ratings are in one group, so there may be fewer groups.

    Args:
        split: its train ratings are counted.
        table: metrics per user.
        n: how many groups.
    """
    activity = np.bincount(split.train.users, minlength=split.n_users)[table[USERS]]
    return [
        Group(*_ends(activity[members]), {name: values[members] for name, values in table.items()})
        for members in _members(activity, n)
    ]


def popularity_groups(scorer: Scorer, split: Split, part: Part, n: int = GROUPS) -> list[Group]:
    """Return a part's ratings in groups of about equal size, the least rated movies first.

    Movies with the same number of train ratings are in one group, so there may be fewer groups.
    The tables hold the `rmse` of the users who have ratings in the group.

    Args:
        scorer: the model.
        split: its ratings.
        part: which of the ratings are predicted.
        n: how many groups.
    """
    users = np.unique(getattr(split, part).users)
    errors, owners, rows = rating_errors(scorer, split, part, users)
    popularity = split.movie_counts[rows.movies]
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
