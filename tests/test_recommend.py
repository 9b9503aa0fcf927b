from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.splits import Interactions, Split
from recsys.recommend import retrieve_then_rate, top_movies
from recsys.scorer import TwoTowerScorer


def _rows(rows: list[tuple[int, int]]) -> Interactions:
    users, movies = zip(*rows, strict=True) if rows else ((), ())
    ratings = np.full(len(rows), 3, np.float32)
    return Interactions(np.array(users, np.int32), np.array(movies, np.int32), ratings)


def _split(train: list[tuple[int, int]], validation: list[tuple[int, int]]) -> Split:
    return Split(
        train=_rows(train),
        validation=_rows(validation),
        holdout=_rows([(0, 4)]),
        user_ids=np.array(["a", "b"], object),
        movie_ids=np.array(["1", "2", "3", "4", "5"], object),
        rating_scale=(0.5, 4.0),
    )


@pytest.fixture
def split() -> Split:
    """User 0 has seen movie 0 in train and movie 1 in validation; user 1 everything."""
    return _split([(0, 0), *((1, movie) for movie in range(5))], [(0, 1)])


@pytest.fixture
def scorer() -> TwoTowerScorer:
    """Scores 5, 4, 1, 3, 1 and ratings 1 to 5 for every user."""
    return TwoTowerScorer(
        query=np.ones((2, 1), np.float32),
        candidate=np.float32([[5], [4], [1], [3], [1]]),
        rating_movie_bias=np.float32([0, 2, 3, 9, -9]),
    )


def test_movies_come_by_score_without_the_seen_ones(split: Split, scorer: TwoTowerScorer) -> None:
    found = retrieve_then_rate(scorer, split, 0, 2)
    assert found.movies.tolist() == [3, 2]
    assert found.scores.tolist() == [3, 1]
    assert (found.movies.dtype, found.scores.dtype) == (np.int32, np.float32)


def test_ratings_are_clipped_to_the_scale(split: Split, scorer: TwoTowerScorer) -> None:
    found = retrieve_then_rate(scorer, split, 0, 5)
    assert found.ratings.tolist() == [4, 3, 0.5]
    assert found.ratings.dtype == np.float32


def test_equal_scores_are_ordered_by_movie_code(split: Split, scorer: TwoTowerScorer) -> None:
    assert retrieve_then_rate(scorer, split, 0, 5).movies.tolist() == [3, 2, 4]
    assert top_movies(np.zeros(5, np.float32), np.arange(5), 3).tolist() == [0, 1, 2]


def test_more_movies_than_candidates_gives_all_candidates(
    split: Split, scorer: TwoTowerScorer
) -> None:
    assert len(retrieve_then_rate(scorer, split, 0, 100)) == 3


def test_seen_movies_come_back_when_asked_for(split: Split, scorer: TwoTowerScorer) -> None:
    found = retrieve_then_rate(scorer, split, 0, 3, with_seen=True)
    assert found.movies.tolist() == [0, 1, 3]


def test_only_allowed_movies_are_retrieved(split: Split, scorer: TwoTowerScorer) -> None:
    allowed = np.array([True, False, True, False, True])
    found = retrieve_then_rate(scorer, split, 0, 5, allowed=allowed)
    assert found.movies.tolist() == [2, 4]
    assert allowed.tolist() == [True, False, True, False, True]


@pytest.mark.parametrize(
    ("user", "options"),
    [
        (1, {"k": 5}),  # has seen everything
        (0, {"k": 5, "allowed": np.zeros(5, bool)}),
        (0, {"k": 0}),
        (0, {"k": -1}),
    ],
)
def test_nothing_to_retrieve_gives_an_empty_result(
    split: Split, scorer: TwoTowerScorer, user: int, options: dict[str, Any]
) -> None:
    found = retrieve_then_rate(scorer, split, user, **options)
    assert len(found) == len(found.scores) == len(found.ratings) == 0
    assert found.movies.dtype == np.int32


def test_movie_without_a_score_is_not_retrieved(split: Split) -> None:
    class Scorer:
        tasks = frozenset({"retrieval"})

        def scores(self, users: np.ndarray) -> np.ndarray:
            return np.float32([[0, 0, np.nan, -np.inf, 1]])

        def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
            return np.zeros(len(users), np.float32)

    assert retrieve_then_rate(Scorer(), split, 0, 5).movies.tolist() == [4, 3]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.data())
def test_top_movies_are_those_of_a_full_sort(values: list[int], data: st.DataObject) -> None:
    scores = np.array(values, np.float32)
    candidates = data.draw(st.sets(st.integers(0, len(values) - 1)))
    k = data.draw(st.integers(0, len(values) + 2))
    expected = sorted(candidates, key=lambda movie: (-values[movie], movie))[:k]
    found = top_movies(scores, np.array(sorted(candidates), np.int64), k)
    assert found.tolist() == expected
