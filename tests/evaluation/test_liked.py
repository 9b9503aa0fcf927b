from typing import Any

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import nDCG

from recsys.evaluation.bootstrap import paired_difference, pool, resample
from recsys.evaluation.comparison import measure
from recsys.evaluation.evaluate import average_metric, evaluate, per_user_metrics
from recsys.evaluation.liked import is_disappointing, is_liked, liked_metrics
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split, random_split

HALF_STARS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
SCALES = {
    (1.0, 2.0, 3.0, 4.0, 5.0): ([4, 5], [1, 2]),
    HALF_STARS: ([4, 4.5, 5], [0.5, 1, 1.5, 2]),
    tuple(range(1, 11)): ([8, 9, 10], [1, 2, 3, 4]),
    tuple(range(6)): ([4, 5], [0, 1, 2]),
    (0.0, 1.0): ([1], [0]),
    (-1.0, 1.0): ([1], [-1]),
    (3.0,): ([3], []),
}


@pytest.mark.parametrize(("ratings", "expected"), SCALES.items())
def test_liked_and_disappointing_ratings_of_a_scale(ratings: Any, expected: Any) -> None:
    given = np.array(ratings, np.float32)
    scale = (float(given.min()), float(given.max()))
    assert given[is_liked(given, scale)].tolist() == expected[0]
    assert given[is_disappointing(given, scale)].tolist() == expected[1]


@given(st.floats(-100, 100), st.floats(0.1, 100))
def test_scale_that_is_stretched_and_moved_keeps_what_is_liked(start: float, step: float) -> None:
    places = np.arange(11)  # 0.75 and 0.4 of the way are no rounding matter but at place 4
    ratings = start + step * places
    scale = (start, start + 10 * step)
    assert places[is_liked(ratings, scale)].tolist() == [8, 9, 10]
    assert set(places[is_disappointing(ratings, scale)]) | {4} == {0, 1, 2, 3, 4}


def test_hand_computed_case() -> None:
    # User 0: 5 stars at rank 2, 4 at rank 30, 1 at rank 1. User 1: 3 stars, not found. User 2: a
    # liked movie, not found; 2 stars at rank 20.
    owners = np.array([0, 0, 0, 1, 2, 2])
    ratings = np.array([5, 4, 1, 3, 4, 2], np.float32)
    ranks = np.array([2, 30, 1, np.inf, 21, 20])
    found = liked_metrics(ranks, owners, ratings, (1.0, 5.0))
    ideal = 1 / np.log2(2) + 1 / np.log2(3)
    np.testing.assert_allclose(found["ndcg_liked@20"], [1 / np.log2(3) / ideal, np.nan, 0])
    np.testing.assert_allclose(found["disappointments@20"], [1 / 2, np.nan, 1])
    assert found["liked"].tolist() == [1, 0, 1]
    assert found["hits"].tolist() == [2, 0, 1]


def scorer_of(scores: np.ndarray) -> TwoTowerScorer:
    """Return the scorer that gives these scores [n_users, n_movies]."""
    n_users = len(scores)
    return TwoTowerScorer(
        query=np.eye(n_users, dtype=np.float32),
        candidate=np.ascontiguousarray(scores.T, np.float32),
        tasks=frozenset({"retrieval"}),
    )


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_those_of_ir_measures_and_of_counting(seed: int) -> None:
    split = random_split(25, 120, seed, HALF_STARS, share=0.3)
    scores = np.random.default_rng(seed).permuted(np.tile(np.arange(120), (25, 1)), axis=1)
    rows = split.holdout
    qrels: dict[str, dict[str, int]] = {}
    run: dict[str, dict[str, float]] = {}
    low = hits = 0
    for user in np.unique(rows.users):
        own = {int(m): s for u, m, s in zip(rows.users, rows.movies, rows.ratings, strict=True)
               if u == user}  # fmt: skip
        seen = set(split.seen(user).tolist())
        order = [int(movie) for movie in np.argsort(-scores[user]) if movie not in seen]
        hits += sum(movie in own for movie in order[:20])
        low += sum(own.get(movie, 5) <= 2 for movie in order[:20])
        if liked := {str(movie): 1 for movie, stars in own.items() if stars >= 4}:
            qrels[str(user)] = liked
            run[str(user)] = {str(movie): float(scores[user, movie]) for movie in order}
    oracle = ir_measures.pytrec_eval.calc_aggregate([nDCG @ 20], qrels, run)[nDCG @ 20]
    found = evaluate(scorer_of(scores), split, "holdout")
    assert found["ndcg_liked@20"] == pytest.approx(oracle)
    assert found["disappointments@20"] == pytest.approx(low / hits)


@pytest.mark.parametrize("given_stars", [(5.0, 1.0), (1.0, 5.0)])
def test_among_equal_scores_the_low_rating_comes_first(given_stars: tuple[float, float]) -> None:
    # 19 others rank before the two held-out movies, so only one of the two is in the top 20.
    split = make_rows_split(1, 21, [], holdout=[(0, 3, given_stars[0]), (0, 8, given_stars[1])])
    found = evaluate(scorer_of(np.zeros((1, 21))), split, "holdout")
    assert found["ndcg_liked@20"] == 0
    assert found["disappointments@20"] == 1


def test_without_liked_movies_or_hits_there_is_no_value() -> None:
    split = make_rows_split(2, 60, [(0, 59, 5.0)], holdout=[(0, 0, 3.0), (1, 1, 1.0)])
    last = np.tile(np.arange(60.0), (2, 1))  # movies 0 and 1 rank last
    found = evaluate(scorer_of(last), split, "holdout")
    assert not {"ndcg_liked@20", "disappointments@20"} & found.keys()
    measured = measure([per_user_metrics(scorer_of(last), split, "holdout")])
    assert not {"ndcg_liked@20", "disappointments@20"} & measured.seeds.keys()
    assert "disappointments@20" not in measured.resampled.figures


@pytest.mark.parametrize("seed", range(3))
def test_bootstrap_resamples_hits_and_not_users(seed: int) -> None:
    split = random_split(30, 90, seed, share=0.3)
    rng = np.random.default_rng(seed)
    tables = [
        per_user_metrics(scorer_of(rng.normal(size=(30, 90))), split, "holdout") for _ in range(2)
    ]
    models = [resample(table, resamples=50) for table in tables]
    n_users = len(tables[0]["users"])
    draws = np.random.default_rng(0).integers(n_users, size=(50, n_users))
    for name, weight in (("disappointments@20", "hits"), ("ndcg_liked@20", "liked")):
        for table, model in zip(tables, models, strict=True):
            assert model.figures[name] == pytest.approx(average_metric(table, name))
            known = np.nan_to_num(table[name])
            counts = table[weight]
            expected = [np.average(known[own], weights=counts[own]) for own in draws]
            np.testing.assert_allclose(model.draws[name], expected)
        difference = paired_difference(*models, name)
        assert difference.low <= difference.difference <= difference.high


def test_pooled_seeds_have_the_share_of_all_hits() -> None:
    split = random_split(30, 90, 1, share=0.3)
    rng = np.random.default_rng(5)
    tables = [
        per_user_metrics(scorer_of(rng.normal(size=(30, 90))), split, "holdout") for _ in range(3)
    ]
    pooled = pool(tables)
    low = sum(np.nansum(table["disappointments@20"] * table["hits"]) for table in tables)
    hits = sum(table["hits"].sum() for table in tables)
    assert average_metric(pooled, "disappointments@20") == pytest.approx(low / hits)
    mean = np.mean([average_metric(table, "ndcg_liked@20") for table in tables])
    assert average_metric(pooled, "ndcg_liked@20") == pytest.approx(mean)
