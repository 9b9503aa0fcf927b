import numpy as np
import pytest

from recsys.baselines import user_movie_bias
from recsys.evaluation.evaluate import (
    COUNTS,
    USERS,
    average_metric,
    evaluate,
    per_user_metrics,
)
from recsys.evaluation.groups import activity_groups, popularity_groups
from tests.synthetic import make_rows_split, random_split


def test_users_are_grouped_by_their_train_ratings() -> None:
    train = [(user, movie, 3.0) for user, n in enumerate([1, 2, 2, 4]) for movie in range(n)]
    split = make_rows_split(4, 6, train, holdout=[(user, 5, 4.0) for user in range(4)])
    table = {USERS: np.arange(4), COUNTS: np.ones(4, int), "rmse": np.array([1.0, 2, 3, 4])}
    found = activity_groups(split, table, 2)
    assert [(group.low, group.high, list(group.table[USERS])) for group in found] == [
        (1, 1, [0]),
        (2, 4, [1, 2, 3]),
    ]
    assert average_metric(found[1].table, "rmse") == pytest.approx(np.sqrt((4 + 9 + 16) / 3))


def test_ratings_are_grouped_by_the_movies_train_ratings() -> None:
    # Movie 0 is rated three times in train, movie 1 once, movie 2 never; the mean rating is 3.
    train = [(0, 0, 3.0), (1, 0, 3.0), (2, 0, 3.0), (0, 1, 3.0)]
    split = make_rows_split(4, 3, train, holdout=[(0, 2, 5.0), (3, 0, 4.0), (3, 1, 3.0)])
    found = popularity_groups(user_movie_bias(split), split, "holdout", 3)
    groups = [(group.low, group.high, list(group.table[USERS])) for group in found]
    assert groups == [(0, 0, [0]), (1, 1, [3]), (3, 3, [3])]
    assert [average_metric(group.table, "rmse") for group in found] == pytest.approx([2, 0, 1])


def test_groups_together_are_all_users_and_ratings() -> None:
    split = random_split(60, 40, seed=3)
    scorer = user_movie_bias(split)
    table = per_user_metrics(scorer, split, "holdout")
    for groups in (activity_groups(split, table), popularity_groups(scorer, split, "holdout")):
        assert 3 <= len(groups) <= 5
        ratings = [group.table[COUNTS].sum() for group in groups]
        squares = [average_metric(group.table, "rmse") ** 2 for group in groups]
        expected = evaluate(scorer, split, "holdout")["rmse"] ** 2
        assert np.average(squares, weights=ratings) == pytest.approx(expected)


def test_part_without_ratings_has_no_groups() -> None:
    split = make_rows_split(2, 3, [(0, 0, 3.0)])
    scorer = user_movie_bias(split)
    assert popularity_groups(scorer, split, "holdout") == []
    assert activity_groups(split, per_user_metrics(scorer, split, "holdout")) == []
