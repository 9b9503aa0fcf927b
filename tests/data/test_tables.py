import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.tables import DataError, make_dataset, natural_order


def ratings(*rows: tuple[str, str, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "movie_id", "rating", "timestamp"])


SMALL = ratings(("10", "b", 4, 30), ("9", "b", 3, 20), ("9", "a", 5, 10))


def test_rows_in_any_order_become_sorted_tables() -> None:
    dataset = make_dataset("small", SMALL)

    assert dataset.users["user_id"].tolist() == ["9", "10"]
    assert dataset.ratings.values.tolist() == [
        ["9", "a", 5.0, 10],
        ["9", "b", 3.0, 20],
        ["10", "b", 4.0, 30],
    ]
    assert dataset.ratings["rating"].dtype == np.float32
    assert dataset.ratings["timestamp"].dtype == np.int64
    assert dataset.ratings["user_id"].cat.categories.tolist() == ["9", "10"]
    assert dataset.rating_scale == (3.0, 5.0)


def test_rated_movie_without_a_row_is_shown_by_its_id() -> None:
    movies = pd.DataFrame({"movie_id": ["c", "a"], "title": ["Sea (1999)", "Air"]})

    dataset = make_dataset("small", SMALL, movies)

    assert dataset.movies["movie_id"].tolist() == ["a", "b", "c"]
    assert dataset.movies["title"].tolist() == ["Air", "b", "Sea (1999)"]
    assert dataset.movies["genres"].tolist() == ["", "", ""]
    assert dataset.movies["year"].isna().all()


def test_user_who_rated_nothing_is_left_out() -> None:
    users = pd.DataFrame({"user_id": ["8", "10", "9"], "age": [1, 2, 3]})

    dataset = make_dataset("small", SMALL, users=users)

    assert dataset.users.values.tolist() == [["9", 3], ["10", 2]]


def test_holdout_brings_its_own_users_movies_and_scale() -> None:
    dataset = make_dataset("small", SMALL, holdout=ratings(("7", "z", 0.5, 1)))

    assert dataset.users["user_id"].tolist() == ["7", "9", "10"]
    assert dataset.movies["movie_id"].tolist() == ["a", "b", "z"]
    assert dataset.rating_scale == (0.5, 5.0)
    assert dataset.holdout is not None
    assert dataset.holdout.values.tolist() == [["7", "z", 0.5, 1]]


def test_ratings_without_timestamps_say_so() -> None:
    dataset = make_dataset("small", SMALL.drop(columns="timestamp"))

    assert not dataset.has_timestamps
    assert dataset.ratings["timestamp"].tolist() == [0, 0, 0]


def test_two_ratings_of_one_movie_by_one_user_are_refused() -> None:
    with pytest.raises(DataError, match="user '9' has more than one rating of movie 'a'"):
        make_dataset("small", pd.concat([SMALL, ratings(("9", "a", 1, 40))]))


def test_no_ratings_are_refused() -> None:
    with pytest.raises(DataError, match=r"^small: there are no ratings$"):
        make_dataset("small", SMALL.head(0))


def test_ids_sort_by_number_then_text() -> None:
    ids = ["x", "10", "9", "007", "7", "9" * 30, "-1", "٣", "9"]

    assert natural_order(ids) == ["007", "7", "9", "10", "-1", "9" * 30, "x", "٣"]


@settings(max_examples=12)
@given(st.permutations(range(3)), st.permutations(range(2)))
def test_fingerprint_does_not_depend_on_the_order_of_rows(
    rows: list[int], movie_rows: list[int]
) -> None:
    movies = pd.DataFrame({"movie_id": ["a", "b"], "title": ["A", "B"]})

    shuffled = make_dataset("other name", SMALL.iloc[rows], movies.iloc[movie_rows])

    assert shuffled.fingerprint == make_dataset("small", SMALL, movies).fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        {"ratings": SMALL.assign(rating=[4, 3, 4.5])},
        {"ratings": SMALL.assign(timestamp=[30, 20, 11])},
        {"ratings": SMALL.drop(columns="timestamp")},
        {"ratings": SMALL.head(2)},
        {"ratings": SMALL.assign(user_id=["11", "9", "9"])},
        {"ratings": SMALL, "movies": pd.DataFrame({"movie_id": ["a"], "title": ["A"]})},
        {"ratings": SMALL, "users": pd.DataFrame({"user_id": ["9"], "age": [30]})},
        {"ratings": SMALL.head(2), "holdout": SMALL.tail(1)},
    ],
)
def test_fingerprint_changes_with_any_content(changed: dict[str, pd.DataFrame]) -> None:
    assert make_dataset("small", **changed).fingerprint != make_dataset("small", SMALL).fingerprint


def test_dataset_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_dataset("small", SMALL).name = "other"  # type: ignore[misc]
