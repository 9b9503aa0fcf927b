import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.data.library import load_dataset
from recsys.data.splits import Interactions, Split, _lowest, make_split
from recsys.data.tables import DataError, Dataset, make_dataset
from tests.synthetic import make_rows_split

quick = settings(max_examples=25)
shares = st.floats(0, 0.99)
pairs = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 12)), min_size=1)


def dataset_of(pairs: set[tuple[int, int]], times: list[int] | None = None) -> Dataset:
    rows = [(str(u), f"m{m}", (u + m) % 9 / 2 + 0.5) for u, m in sorted(pairs)]
    ratings = pd.DataFrame(rows, columns=["user_id", "movie_id", "rating"])
    if times is not None:
        ratings["timestamp"] = times
    return make_dataset("drawn", ratings)


def triples(part: Interactions, split: Split) -> list[tuple[str, str, float]]:
    return [
        (split.user_ids[user], split.movie_ids[movie], float(rating))
        for user, movie, rating in zip(part.users, part.movies, part.ratings, strict=True)
    ]


@quick
@given(pairs, shares, shares, st.integers(0, 2**31 - 1), st.sampled_from(["random", "time"]))
def test_parts_are_exact_shares_and_hold_every_rating_once(
    pairs: set[tuple[int, int]], holdout: float, validation: float, seed: int, kind: str
) -> None:
    n = len(pairs)
    n_holdout, n_validation = int(n * holdout + 0.5), int(n * validation + 0.5)
    assume(n_holdout + n_validation < n)
    dataset = dataset_of(pairs, times=list(range(n)))

    split = make_split(dataset, kind=kind, holdout=holdout, validation=validation, seed=seed)

    assert (len(split.holdout), len(split.validation)) == (n_holdout, n_validation)
    parts = (split.train, split.validation, split.holdout)
    together = [row for part in parts for row in triples(part, split)]
    assert sorted(together) == sorted(map(tuple, dataset.ratings.iloc[:, :3].values.tolist()))
    for part in parts:
        codes = list(zip(part.users, part.movies, strict=True))
        assert codes == sorted(codes)


@quick
@given(pairs, st.integers(0, 100))
def test_split_depends_on_content_and_seed_alone(pairs: set[tuple[int, int]], seed: int) -> None:
    assume(len(pairs) > 3)
    dataset = dataset_of(pairs)
    rows = dataset.ratings.sample(frac=1, random_state=seed)
    shuffled = dataclasses.replace(dataset, ratings=rows)

    one = make_split(dataset, kind="random", holdout=0.3, validation=0.2, seed=seed)
    other = make_split(shuffled, kind="random", holdout=0.3, validation=0.2, seed=seed)

    assert triples(one.holdout, one) == triples(other.holdout, other)
    assert triples(one.validation, one) == triples(other.validation, other)


@given(st.lists(st.integers(0, 5), min_size=1), st.data())
def test_lowest_keys_are_the_first_of_a_stable_sort(keys: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(keys)))
    first = np.argsort(keys, kind="stable")[:n]
    assert np.flatnonzero(_lowest(np.array(keys), n)).tolist() == sorted(first.tolist())


def test_another_seed_gives_another_split() -> None:
    dataset = dataset_of({(u, m) for u in range(8) for m in range(12)})
    one, other = (
        make_split(dataset, kind="random", holdout=0.1, validation=0.1, seed=seed)
        for seed in (1, 2)
    )
    assert triples(one.holdout, one) != triples(other.holdout, other)


def test_default_split_of_100k_is_the_same_on_every_machine(home: Path) -> None:
    split = make_split(load_dataset("100k"), kind="random", holdout=0.1, validation=0.1, seed=42)
    assert (len(split.train), len(split.validation), len(split.holdout)) == (80_000, 10_000, 10_000)
    assert (split.n_users, split.n_movies) == (943, 1682)
    codes = (
        split.holdout.users.astype("<i4").tobytes() + split.holdout.movies.astype("<i4").tobytes()
    )
    assert hashlib.sha256(codes).hexdigest()[:16] == "23e401072e43919a"


def test_time_split_holds_out_the_newest_of_all_users() -> None:
    dataset = dataset_of(
        {(u, m) for u in range(2) for m in range(5)}, times=[9, 1, 8, 2, 7, 3, 6, 4, 5, 0]
    )

    split = make_split(dataset, kind="time", holdout=0.2, validation=0.3, seed=0)

    assert {row[:2] for row in triples(split.holdout, split)} == {("0", "m0"), ("0", "m2")}
    assert {row[:2] for row in triples(split.validation, split)} == {
        ("0", "m4"),
        ("1", "m1"),
        ("1", "m3"),
    }


def test_time_split_without_timestamps_is_refused() -> None:
    with pytest.raises(DataError, match="drawn has no timestamps to split by"):
        make_split(dataset_of({(1, 1), (1, 2)}), kind="time", holdout=0, validation=0, seed=0)


def given_dataset() -> Dataset:
    train = pd.DataFrame(
        {"user_id": ["1"] * 10, "movie_id": [f"m{i}" for i in range(10)], "rating": 3.0}
    )
    holdout = pd.DataFrame(
        {"user_id": ["1", "2", "2"], "movie_id": ["new", "m1", "new"], "rating": [5.0, 4.0, 1.0]}
    )
    return make_dataset("own", train, holdout=holdout)


def test_given_split_takes_the_holdout_file_as_it_is() -> None:
    split = make_split(given_dataset(), kind="given", holdout=0.5, validation=0.2, seed=3)

    assert triples(split.holdout, split) == [
        ("1", "new", 5.0),
        ("2", "m1", 4.0),
        ("2", "new", 1.0),
    ]
    assert (len(split.train), len(split.validation)) == (8, 2)
    assert split.rating_scale == (1.0, 5.0)


def test_user_and_movie_only_in_the_holdout_are_in_the_vocabularies() -> None:
    split = make_split(given_dataset(), kind="given", holdout=0, validation=0, seed=0)

    assert split.user_ids.tolist() == ["1", "2"]
    assert split.history(split.user_code("2")).size == 0
    assert split.seen(split.user_code("2")).size == 0
    assert split.movie_ids.tolist() == [*(f"m{i}" for i in range(10)), "new"]


def test_given_holdout_is_not_touched_by_a_random_split() -> None:
    split = make_split(given_dataset(), kind="random", holdout=0.5, validation=0, seed=0)

    assert len(split.train) + len(split.holdout) == 10
    assert "new" not in split.movie_ids[split.holdout.movies]


def test_given_split_without_a_holdout_is_refused() -> None:
    with pytest.raises(DataError, match="drawn has no holdout of its own"):
        make_split(dataset_of({(1, 1)}), kind="given", holdout=0, validation=0, seed=0)


def test_validation_of_zero_trains_on_all_that_is_not_holdout() -> None:
    dataset = dataset_of({(1, m) for m in range(10)})

    split = make_split(dataset, kind="random", holdout=0.2, validation=0, seed=0)

    assert (len(split.train), len(split.validation)) == (8, 0)
    assert split.seen(0).tolist() == split.history(0).tolist()


def test_one_user_and_one_movie_can_be_split() -> None:
    split = make_split(dataset_of({(1, 1)}), kind="random", holdout=0.1, validation=0.1, seed=0)

    assert (len(split.train), len(split.validation), len(split.holdout)) == (1, 0, 0)


def test_shares_that_leave_nothing_to_train_on_are_refused() -> None:
    with pytest.raises(
        DataError, match=r"2 ratings with holdout 0.5 and validation 0.4 leave none"
    ):
        make_split(dataset_of({(1, 1), (1, 2)}), kind="random", holdout=0.5, validation=0.4, seed=0)


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(DataError, match="must be shares from 0 to below 1"):
        make_split(dataset_of({(1, 1)}), kind="random", holdout=share, validation=0, seed=0)


@quick
@given(pairs, st.integers(0, 9))
def test_sparse_rows_agree_with_the_parts(pairs: set[tuple[int, int]], seed: int) -> None:
    split = make_split(dataset_of(pairs), kind="random", holdout=0.2, validation=0.2, seed=seed)
    of_train = list(zip(split.train.users, split.train.movies, strict=True))
    of_seen = of_train + list(zip(split.validation.users, split.validation.movies, strict=True))

    indptr, movies = split.csr("seen")

    assert (indptr.dtype, movies.dtype) == (np.int64, np.int32)
    assert indptr[-1] == len(of_seen)
    for user in range(split.n_users):
        seen = sorted(movie for rater, movie in of_seen if rater == user)
        assert movies[indptr[user] : indptr[user + 1]].tolist() == seen
        assert split.seen(user).tolist() == seen
        assert split.history(user).tolist() == sorted(m for u, m in of_train if u == user)


def test_sparse_rows_of_seen_without_validation_are_those_of_train() -> None:
    split = make_rows_split(3, 4, train=[(0, 3, 1), (0, 1, 2), (2, 0, 3)], holdout=[(1, 2, 4)])

    assert split.csr("seen") is split.csr("train")
    assert [array.tolist() for array in split.csr("train")] == [[0, 2, 2, 3], [1, 3, 0]]
    assert [array.tolist() for array in split.csr("holdout")] == [[0, 0, 1, 1], [2]]
    assert [array.tolist() for array in split.csr("validation")] == [[0, 0, 0, 0], []]


def test_sparse_rows_of_seen_merge_train_and_validation_in_order() -> None:
    split = make_rows_split(2, 4, train=[(0, 3, 1), (1, 0, 2)], validation=[(0, 1, 5), (1, 2, 5)])

    assert [array.tolist() for array in split.csr("seen")] == [[0, 2, 4], [1, 3, 0, 2]]


def test_split_knows_the_attributes_of_users_and_movies(movielens_100k: Dataset) -> None:
    split = make_split(movielens_100k, kind="random", holdout=0.1, validation=0.1, seed=0)

    assert split.user_features is not None
    assert split.movie_features is not None
    assert len(split.user_features) == split.n_users
    assert len(split.movie_features) == split.n_movies
    # Gender, 21 occupations and tenths of the ages; 18 genres and tenths of the years.
    assert split.user_features.shape[1] == 2 + 21 + 10
    assert 18 < split.movie_features.shape[1] <= 18 + 10


def test_rows_of_users_in_any_order_belong_to_their_position() -> None:
    split = make_rows_split(
        4, 9, train=[(0, 4, 1), (0, 5, 2), (2, 6, 3), (3, 7, 4), (3, 8, 5)], holdout=[(3, 0, 1)]
    )
    users = np.array([3, 1, 0])

    assert [array.tolist() for array in split.positions("train", users)] == [
        [0, 0, 2, 2],
        [3, 4, 0, 1],
    ]
    assert [array.tolist() for array in split.csr("train").pairs(users)] == [
        [0, 0, 2, 2],
        [7, 8, 4, 5],
    ]


def test_ratings_of_one_user_are_those_of_the_part() -> None:
    split = make_rows_split(3, 4, train=[(0, 3, 1), (2, 3, 2), (2, 0, 3)], holdout=[(1, 2, 4)])

    assert triples(split.of_user("train", 2), split) == [("u2", "m0", 3.0), ("u2", "m3", 2.0)]
    assert triples(split.of_user("holdout", 1), split) == [("u1", "m2", 4.0)]
    assert triples(split.of_user("holdout", 2), split) == []


def test_unknown_user_is_named() -> None:
    split = make_split(dataset_of({(1, 1)}), kind="random", holdout=0, validation=0, seed=0)

    assert split.user_code("1") == 0
    with pytest.raises(DataError, match="there is no user '01'"):
        split.user_code("01")
