from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.splits import Csr
from recsys.evaluation import ranking
from recsys.evaluation.ranking import rank_relevant, top_lists


class FixedScorer:
    """A scorer of given scores [n_users, n_movies]."""

    tasks = frozenset({"retrieval"})

    def __init__(self, scores: Any) -> None:
        self.table = np.array(scores, np.float32)

    def scores(self, users: np.ndarray) -> np.ndarray:
        return self.table[users]

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        return np.zeros(len(users), np.float32)


def _csr(lists: list[list[int]]) -> Csr:
    indptr = np.cumsum([0] + [len(movies) for movies in lists])
    return Csr(indptr, np.array([movie for movies in lists for movie in movies], np.int32))


def _ranks(
    scores: list[float], relevant: list[int], seen: list[int], **options: Any
) -> tuple[list[float], list[float]]:
    """Ranks of one user's relevant movies: without and with seen ones among the candidates."""
    options = {"depth": 100, "exact_first": True} | options
    found = rank_relevant(
        FixedScorer([scores]),
        np.array([0]),
        _csr([relevant]),
        _csr([seen]),
        len(scores),
        **options,
    )
    return found.ranks.tolist(), found.ranks_with_seen.tolist()


def _expected_ranks(
    scores: list[float], relevant: list[int], candidates: set[int]
) -> dict[int, set[float]]:
    """By the definition, movie by movie: the ranks it may have, as tied ones share theirs."""
    value = np.where(np.isnan(scores), -np.inf, scores)
    found = {}
    for movie in relevant:
        if movie not in candidates:
            found[movie] = {np.inf}
            continue
        others = sum(value[other] >= value[movie] for other in candidates - set(relevant))
        own = [other for other in relevant if other in candidates]
        higher = sum(value[other] > value[movie] for other in own)
        tied = sum(value[other] == value[movie] for other in own)
        found[movie] = {1.0 + others + higher + place for place in range(tied)}
    return found


def test_rank_counts_candidates_ahead() -> None:
    ranks, with_seen = _ranks([0.5, 0.9, 0.1, 0.7, 0.3], relevant=[0, 4], seen=[1])
    assert ranks == [2, 3]
    assert with_seen == [3, 4]


def test_tied_candidate_ranks_before_the_relevant_movie() -> None:
    assert _ranks([1, 1, 1, 0], relevant=[0], seen=[])[0] == [3]


def test_tied_relevant_movies_take_consecutive_places() -> None:
    ranks, _ = _ranks([1, 1, 1, 0], relevant=[0, 2], seen=[])
    assert sorted(ranks) == [2, 3]


def test_zero_and_minus_zero_are_tied() -> None:
    assert _ranks([-0.0, 0.0], relevant=[0], seen=[])[0] == [2]
    assert _ranks([0.0, -0.0], relevant=[0], seen=[])[0] == [2]


def test_relevant_movie_that_was_seen_is_not_retrieved() -> None:
    ranks, with_seen = _ranks([0.9, 0.5, 0.1], relevant=[0, 1], seen=[0])
    assert ranks == [np.inf, 1]
    assert with_seen == [1, 2]


def test_score_that_is_no_number_is_the_worst() -> None:
    ranks, _ = _ranks([np.nan, 0.1, -np.inf, np.inf], relevant=[0], seen=[])
    assert ranks == [4]
    assert _ranks([0.5, np.nan, np.nan], relevant=[0], seen=[])[0] == [1]


def test_rank_beyond_the_depth_is_infinite_but_for_the_first() -> None:
    scores = list(range(1000, 0, -1))
    relevant = [30, 500, 900]
    assert _ranks(scores, relevant, [], depth=50)[0] == [31, np.inf, np.inf]
    assert _ranks(scores, relevant[1:], [], depth=50)[0] == [501, np.inf]
    assert _ranks(scores, relevant[1:], [], depth=50, exact_first=False)[0] == [np.inf, np.inf]
    assert _ranks(scores, [500, 900], [1, 2, 500], depth=50) == ([np.inf, 898], [np.inf, np.inf])


def test_user_who_has_seen_everything_else_gets_the_first_ranks() -> None:
    assert _ranks([3, 2, 1, 0], relevant=[1, 3], seen=[0, 2])[0] == [1, 2]


def test_no_users_have_no_ranks() -> None:
    found = rank_relevant(
        FixedScorer([[1, 2]]),
        np.array([], int),
        _csr([[0]]),
        _csr([[]]),
        2,
        depth=1,
        exact_first=True,
    )
    assert len(found.owners) == len(found.ranks) == len(found.ranks_with_seen) == 0


@pytest.mark.parametrize("n_movies", [7, 20, 21, 300, 2000])
@pytest.mark.parametrize("levels", [1, 3, 50, 10_000])
@pytest.mark.parametrize("length", [0, 1, 20])
def test_top_lists_are_the_start_of_a_full_sort(n_movies: int, levels: int, length: int) -> None:
    rng = np.random.default_rng(n_movies + levels)
    scores = rng.integers(0, levels, (6, n_movies)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.4] = -np.inf
    scores[0] = -np.inf
    for row, found in zip(scores, top_lists(scores, length), strict=True):
        candidates = np.flatnonzero(row > -np.inf)
        expected = sorted(candidates.tolist(), key=lambda movie: (-row[movie], movie))[:length]
        assert found.tolist() == expected + [-1] * (length - len(expected))


# Few distinct values, so that ties are common; the infinite ones and NaN among them.
_SCORES = st.sampled_from([-np.inf, -2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 1e30, np.inf, np.nan])


@st.composite
def _users(draw: st.DrawFn) -> tuple[list[list[float]], list[list[int]], list[list[int]]]:
    n_movies = draw(st.integers(1, 60))
    movies = st.lists(st.integers(0, n_movies - 1), unique=True, max_size=n_movies)
    n_users = draw(st.integers(1, 4))
    value = draw(st.sampled_from([_SCORES, st.floats(-1, 1, width=32)]))
    rows = st.lists(value, min_size=n_movies, max_size=n_movies)
    return (
        draw(st.lists(rows, min_size=n_users, max_size=n_users)),
        draw(st.lists(movies, min_size=n_users, max_size=n_users)),
        draw(st.lists(movies, min_size=n_users, max_size=n_users)),
    )


@given(_users(), st.integers(1, 70), st.integers(1, 100), st.integers(0, 30))
def test_ranks_and_lists_follow_the_definition(
    users: tuple[list[list[float]], list[list[int]], list[list[int]]],
    depth: int,
    chunk: int,
    length: int,
) -> None:
    scores, relevant, seen = users
    n_movies = len(scores[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "CHUNK_SCORES", chunk)
        found = rank_relevant(
            FixedScorer(scores),
            np.arange(len(scores)),
            _csr(relevant),
            _csr(seen),
            n_movies,
            depth=depth,
            exact_first=True,
            list_length=length,
        )
    for user, movies in enumerate(relevant):
        listed = _expected_list(scores[user], range(n_movies), seen[user])[:length]
        assert found.lists[user].tolist() == listed + [-1] * (length - len(listed))
        mine = found.owners == user
        everything = set(range(n_movies))
        unseen = _expected_ranks(scores[user], movies, everything - set(seen[user]))
        _check(found.ranks[mine], movies, unseen, depth, exact_first=True)
        all_in = _expected_ranks(scores[user], movies, everything)
        _check(found.ranks_with_seen[mine], movies, all_in, depth, exact_first=False)


def test_lists_of_infinite_scores_stand_by_code() -> None:
    lists = top_lists(np.full((1, 4), np.inf, np.float32), 2)
    assert lists.tolist() == [[0, 1]]


def _expected_list(row: list[float], everything: range, seen: list[int]) -> list[int]:
    """All unseen movies, best first; NaN and -inf are equal, and equal scores stand by code."""
    scores = [-np.inf if np.isnan(score) else np.float32(score) for score in row]
    return sorted(set(everything) - set(seen), key=lambda movie: (-scores[movie], movie))


def _check(
    ranks: np.ndarray,
    movies: list[int],
    expected: dict[int, set[float]],
    depth: int,
    *,
    exact_first: bool,
) -> None:
    places = sorted({rank for may_have in expected.values() for rank in may_have})
    for movie, rank in zip(movies, ranks, strict=True):
        beyond = rank == np.inf and max(expected[movie]) > depth
        assert rank in expected[movie] or beyond
    finite = ranks[np.isfinite(ranks)]
    assert len(np.unique(finite)) == len(finite)
    if exact_first and places:
        assert ranks.min() == places[0]
