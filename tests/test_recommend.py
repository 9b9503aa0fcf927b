from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.splits import Interactions, Split
from recsys.evaluation.ranking import rank_relevant
from recsys.recommend import retrieve_then_rate
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split, random_split


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


class FixedScorer:
    """Gives every user the same scores [n_movies]."""

    tasks = frozenset({"retrieval"})

    def __init__(self, scores: list[float]) -> None:
        self.row = np.array(scores, np.float32)

    def scores(self, users: np.ndarray) -> np.ndarray:
        return np.tile(self.row, (len(users), 1))

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        return np.zeros(len(users), np.float32)


def test_movie_without_a_score_is_not_retrieved(split: Split) -> None:
    scorer = FixedScorer([0, 0, np.nan, -np.inf, 1])
    found = retrieve_then_rate(scorer, split, 0, 5)
    assert found.movies.tolist() == [4, 3]
    assert found.scores.tolist() == [1, -np.inf]


def test_user_is_shown_the_list_that_is_evaluated() -> None:
    split = random_split(30, 200, seed=4)
    rng = np.random.default_rng(4)
    scorer = TwoTowerScorer(
        query=rng.integers(-2, 3, (30, 3)).astype(np.float32),  # whole numbers: many ties
        candidate=rng.integers(-2, 3, (200, 3)).astype(np.float32),
    )
    ranks = rank_relevant(
        scorer,
        np.arange(30),
        split.csr("holdout"),
        split.csr("seen"),
        200,
        depth=100,
        exact_first=True,
        list_length=20,
    )
    for user, evaluated in enumerate(ranks.lists):
        assert retrieve_then_rate(scorer, split, user, 20).movies.tolist() == evaluated.tolist()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.data())
def test_movies_are_the_start_of_a_full_sort(values: list[int], data: st.DataObject) -> None:
    split = make_rows_split(1, len(values), [], holdout=[(0, 0, 3.0)])
    candidates = data.draw(st.sets(st.integers(0, len(values) - 1)))
    k = data.draw(st.integers(0, len(values) + 2))
    expected = sorted(candidates, key=lambda movie: (-values[movie], movie))[:k]
    allowed = np.isin(np.arange(len(values)), list(candidates))
    found = retrieve_then_rate(FixedScorer(values), split, 0, k, allowed=allowed)
    assert found.movies.tolist() == expected
