from dataclasses import replace
from math import log

import numpy as np
import pytest

from recsys.data.splits import make_split
from recsys.data.tables import Dataset
from recsys.new_user.asking import asking_order, informativeness
from tests.synthetic import make_rows_split, random_split


def split_of(*ratings_of_movies):
    """Return the split in which each movie has these ratings, of users 0, 1 …"""
    rows = [(user, m, r) for m, own in enumerate(ratings_of_movies) for user, r in enumerate(own)]
    return make_rows_split(9, len(ratings_of_movies), rows)


def test_a_movie_tells_as_much_as_log_popularity_times_entropy() -> None:
    split = split_of([1, 5, 1, 5], [3, 3, 3, 3, 3], [4], [], [1, 2, 3])
    expected = [log(4) * log(2), 0, 0, 0, log(3) * log(3)]
    np.testing.assert_allclose(informativeness(split), expected, atol=1e-12)


def test_ratings_on_many_levels_are_counted_in_bins() -> None:
    rng = np.random.default_rng(0)
    split = split_of(*[rng.uniform(0, 100, 9) for _ in range(8)])
    told = informativeness(split)
    assert np.isfinite(told).all()
    assert told.max() <= log(9) * log(9)
    assert len(set(told.round(6))) > 1  # not every rating on a level of its own


def test_every_movie_is_asked_once_also_without_genres_or_ratings() -> None:
    split = random_split()
    assert split.movie_genres is None
    order = asking_order(split)
    assert sorted(order) == list(range(split.n_movies))
    told = informativeness(split)[order]
    assert (np.diff(told) <= 0).all()


def test_genres_alternate_where_movies_tell_alike() -> None:
    split = split_of(*[[1, 2, 3, 4, 5]] * 6)
    genres = np.array([[1, 0]] * 4 + [[0, 1]] * 2, bool)
    assert asking_order(replace(split, movie_genres=genres)).tolist() == [0, 4, 1, 5, 2, 3]


def test_a_movie_without_genres_is_not_held_back() -> None:
    split = split_of(*[[1, 2, 3]] * 3)
    genres = np.array([[1], [1], [0]], bool)
    assert asking_order(replace(split, movie_genres=genres)).tolist() == [0, 2, 1]


def test_first_movies_of_movielens_are_known_and_of_many_genres(movielens_100k: Dataset) -> None:
    split = make_split(movielens_100k, kind="random", holdout=0.1, validation=0.1, seed=42)
    first = asking_order(split)[:9]
    counts = np.bincount(split.train.movies, minlength=split.n_movies)
    assert counts[first].min() > counts.mean()
    assert counts[first].min() < counts[first].max() / 2  # not only the most popular
    assert split.movie_genres is not None
    assert split.movie_genres[first].any(axis=0).sum() >= 9


@pytest.mark.parametrize("n_movies", [1, 2])
def test_tiny_catalogues_have_an_order(n_movies: int) -> None:
    split = split_of(*[[3]] * n_movies)
    assert sorted(asking_order(split)) == list(range(n_movies))
