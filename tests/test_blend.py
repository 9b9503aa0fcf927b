from dataclasses import replace
from math import inf, isinf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.blend import (
    POSITIONS,
    BlendError,
    blend,
    outputs,
    predicted_stars,
    retrieve_then_sort,
    weight_at,
)
from recsys.data.splits import Split
from recsys.evaluation.evaluate import evaluate
from recsys.line import LineScorer
from recsys.recommend import retrieve_then_rate
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split, random_split


def random_scorer(split: Split, seed: int = 0, *, mlp: bool = False) -> TwoTowerScorer:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return TwoTowerScorer(
        query=draw(split.n_users, 3),
        candidate=draw(split.n_movies, 3),
        candidate_bias=draw(split.n_movies),
        rating_mean=3.5,
        rating_user_bias=draw(split.n_users),
        rating_movie_bias=draw(split.n_movies),
        rating_query=draw(split.n_users, 2),
        rating_candidate=draw(split.n_movies, 2),
        use_dot=not mlp,
        kernels=(draw(4, 5), draw(5, 1)) if mlp else (),
        biases=(draw(5), draw(1)) if mlp else (),
    )


def all_ratings(scorer: Any, split: Split, user: int) -> np.ndarray:
    movies = np.arange(split.n_movies)
    stars: np.ndarray = scorer.ratings(np.full(split.n_movies, user), movies)
    return stars


def test_hand_computed_blend() -> None:
    # Movie 3 is seen. Scores of the candidates: 1, 3, 5 with sd √(8/3); stars 4, 3, 5 with mean 4.
    split = make_rows_split(1, 4, [(0, 3, 1.0)], holdout=[(0, 0, 5.0)])
    scorer = TwoTowerScorer(
        query=np.ones((1, 1), np.float32),
        candidate=np.float32([[1], [3], [5], [100]]),
        rating_movie_bias=np.float32([4, 3, 5, -100]),
    )
    found = blend(scorer, split, 0.5).scores(np.array([0]))[0, :3]
    sd = np.sqrt(8 / 3)
    np.testing.assert_allclose(found, [1 / sd, 3 / sd - 0.5, 5 / sd + 0.5], rtol=1e-6)


@pytest.mark.parametrize("mlp", [False, True])
@pytest.mark.parametrize("part", ["validation", "holdout"])
def test_blend_is_its_formula_for_every_user(part: Any, mlp: bool) -> None:
    split = random_split(15, 40, 2)
    scorer = random_scorer(split, mlp=mlp)
    users = np.array([3, 0, 14])
    found = blend(scorer, split, 0.7, part).scores(users)
    for row, user in zip(found, users, strict=True):
        seen = split.history(user) if part == "validation" else split.seen(user)
        candidate = ~np.isin(np.arange(split.n_movies), seen)
        scores = scorer.scores(np.array([user]))[0].astype(np.float64)
        stars = all_ratings(scorer, split, user).astype(np.float64)
        expected = scores / scores[candidate].std() + 0.7 * (stars - stars[candidate].mean())
        np.testing.assert_allclose(row, expected, rtol=1e-4, atol=1e-4)


def test_weight_zero_is_the_model_and_infinity_is_its_stars() -> None:
    split = random_split(15, 40, 2)
    scorer = random_scorer(split)
    users = np.arange(15)
    np.testing.assert_array_equal(blend(scorer, split, 0).scores(users), scorer.scores(users))
    assert evaluate(blend(scorer, split, 0), split, "holdout") == evaluate(scorer, split, "holdout")
    by_stars = blend(scorer, split, inf)
    for user in range(14):
        found = retrieve_then_rate(scorer, split, user, 40, ranking=by_stars)
        stars = all_ratings(scorer, split, user)[found.movies]
        assert (np.diff(stars) <= 1e-5).all()
        # What is shown stays the model's own.
        np.testing.assert_allclose(found.ratings, np.clip(stars, *split.rating_scale), rtol=1e-5)
        own = scorer.scores(np.array([user]))[0, found.movies]
        np.testing.assert_allclose(found.scores, own, rtol=1e-5)


def test_other_scale_ranks_alike() -> None:
    split = random_split(15, 40, 2)
    scorer = random_scorer(split)
    # The same model of ratings from 2 to 10: twice the stars.
    doubled = replace(
        scorer,
        rating_mean=7.0,
        rating_user_bias=2 * scorer.rating_user_bias,
        rating_movie_bias=2 * scorer.rating_movie_bias,
        rating_query=2 * scorer.rating_query,
    )
    users = np.arange(15)
    own = blend(scorer, split, 1.5).scores(users)
    other = blend(doubled, replace(split, rating_scale=(2.0, 10.0)), 1.5).scores(users)
    np.testing.assert_allclose(own, other, rtol=1e-4, atol=1e-4)


def test_ratings_and_tasks_are_those_of_the_model() -> None:
    split = random_split(15, 40, 2)
    scorer = random_scorer(split)
    blended = blend(scorer, split, 3)
    users, movies = np.array([1, 2, 2]), np.array([0, 5, 39])
    np.testing.assert_array_equal(blended.ratings(users, movies), scorer.ratings(users, movies))
    assert blended.tasks == scorer.tasks


@pytest.mark.parametrize("mlp", [False, True])
def test_stars_of_all_movies_are_the_ratings_of_all_pairs(mlp: bool) -> None:
    split = random_split(15, 40, 2)
    scorer = random_scorer(split, mlp=mlp)
    users = np.array([4, 4, 9])
    expected = np.stack([all_ratings(scorer, split, user) for user in users])
    np.testing.assert_allclose(predicted_stars(scorer, users, 40), expected, rtol=1e-5, atol=1e-5)
    bare = replace(scorer, rating_mean=None, rating_user_bias=None, kernels=(), biases=())
    expected = np.stack([all_ratings(bare, split, user) for user in users])
    np.testing.assert_allclose(predicted_stars(bare, users, 40), expected, rtol=1e-5, atol=1e-5)


def test_line_of_models_is_blended_in_its_middle() -> None:
    split = random_split(15, 40, 2)
    line = LineScorer(*(random_scorer(split, seed) for seed in range(3)))
    users = np.arange(15)
    expected = blend(line.middle, split, 1).scores(users)
    np.testing.assert_array_equal(blend(line, split, 1).scores(users), expected)


def test_equal_scores_and_numbers_that_are_none_do_no_harm() -> None:
    split = make_rows_split(1, 4, [], holdout=[(0, 0, 5.0), (0, 1, 1.0)])
    nothing = TwoTowerScorer(
        query=np.zeros((1, 1), np.float32),
        candidate=np.ones((4, 1), np.float32),
        rating_movie_bias=np.float32([1, 2, 3, 4]),
    )
    found = retrieve_then_rate(nothing, split, 0, 4, ranking=blend(nothing, split, 1))
    assert found.movies.tolist() == [3, 2, 1, 0]

    class Diverged:
        tasks = frozenset({"retrieval", "rating"})

        def scores(self, users: np.ndarray) -> np.ndarray:
            return np.tile(np.float32([np.nan, 1, 2, np.nan]), (len(users), 1))

        def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
            return np.float32([5, 1, 2, np.nan])[movies]

    metrics = evaluate(blend(Diverged(), split, 1), split, "holdout")
    assert np.isfinite(list(metrics.values())).all()
    shown = retrieve_then_rate(Diverged(), split, 0, 4, ranking=blend(Diverged(), split, 1))
    assert shown.movies.tolist() == [2, 1]


@pytest.mark.parametrize("weight", [-0.1, float("nan"), -inf])
def test_weight_that_is_no_weight_is_refused(weight: float) -> None:
    split = random_split(15, 40, 2)
    with pytest.raises(BlendError, match="must be 0 or more"):
        blend(random_scorer(split), split, weight)


def test_positions_go_from_retrieval_alone_to_stars_alone() -> None:
    weights = [weight_at(position) for position in POSITIONS]
    assert len(weights) == 51
    assert weights[0] == 0
    assert isinf(weights[-1])
    assert weights == sorted(set(weights))


@given(st.integers(0, 10_000))
def test_recipe_sorts_the_first_fifty_by_stars(seed: int) -> None:
    split = random_split(3, 90, seed % 7, share=0.2)
    scorer = random_scorer(split, seed)
    users = np.arange(3)
    seen = split.csr("seen")
    ranked = retrieve_then_sort(outputs(scorer, users, seen, split.rating_scale), seen.pairs(users))
    for user in range(3):
        retrieved = retrieve_then_rate(scorer, split, user, 50).movies
        stars = all_ratings(scorer, split, user)
        expected = sorted(retrieved, key=lambda movie: -stars[movie])
        order = np.argsort(-ranked[user], kind="stable")
        np.testing.assert_allclose(stars[order[:50]], stars[expected], rtol=1e-5)
        assert set(order[:50]) == set(retrieved)
        assert np.isneginf(ranked[user, order[50:]]).all()
