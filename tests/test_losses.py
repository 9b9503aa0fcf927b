import math

import numpy as np
import pytest

from recsys import losses
from recsys.losses import trivial_losses, validation_losses
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split, random_split


def scorer_of(scores, ratings):
    """Return a scorer with these scores [n_users, n_movies], and these ratings of all users."""
    scores = np.array(scores, np.float32)
    return TwoTowerScorer(
        query=scores,
        candidate=np.eye(scores.shape[1], dtype=np.float32),
        rating_movie_bias=np.array(ratings, np.float32),
    )


def test_trivial_losses_are_the_popularity_entropy_and_the_rating_variance():
    # Shares 1/2, 1/4, 1/4; ratings 1, 2, 3, 6 have mean 3.
    split = make_rows_split(2, 4, train=[(0, 0, 1.0), (1, 0, 2.0), (0, 1, 3.0), (1, 2, 6.0)])
    trivial = trivial_losses(split)
    assert trivial.retrieval == pytest.approx(1.5 * math.log(2))
    assert trivial.rating == pytest.approx((4 + 1 + 0 + 9) / 4)


def test_trivial_losses_of_one_movie_and_equal_ratings_can_still_divide():
    trivial = trivial_losses(make_rows_split(2, 1, train=[(0, 0, 3.0), (1, 0, 3.0)]))
    assert (trivial.retrieval, trivial.rating) == (1.0, 1.0)


def test_validation_losses_are_softmax_over_unseen_movies_and_squared_error():
    split = make_rows_split(
        2,
        4,
        train=[(0, 0, 1.0), (0, 1, 5.0), (1, 3, 3.0)],
        validation=[(0, 2, 4.0), (1, 0, 2.0), (1, 1, 5.0)],
    )
    scores = np.log([[9.0, 9.0, 3.0, 1.0], [1.0, 2.0, 5.0, 9.0]])
    scorer = scorer_of(scores, ratings=[3.0, 4.0, 2.0, 1.0])
    trivial = trivial_losses(split)
    retrieval, rating = validation_losses(scorer, split)
    # User 0 may still watch movies 2 (3 of 4) and 3; user 1 the movies 0 (1 of 8), 1 (2) and 2.
    expected = -(math.log(3 / 4) + math.log(1 / 8) + math.log(2 / 8)) / 3
    assert retrieval == pytest.approx(expected / trivial.retrieval, rel=1e-5)
    assert rating == pytest.approx((4 + 1 + 1) / 3 / trivial.rating, rel=1e-5)
    only_user_0 = validation_losses(scorer, split, users=np.array([0]))
    assert only_user_0 == pytest.approx(
        (-math.log(3 / 4) / trivial.retrieval, 4 / trivial.rating), rel=1e-5
    )


def test_validation_losses_without_validation_ratings_are_none():
    split = make_rows_split(2, 2, train=[(0, 0, 1.0)], validation=[(1, 0, 2.0)])
    scorer = scorer_of(np.zeros((2, 2)), ratings=[0.0, 0.0])
    assert validation_losses(scorer, split, users=np.array([0])) is None
    assert validation_losses(scorer, make_rows_split(2, 2, train=[(0, 0, 1.0)])) is None


def test_validation_pair_that_train_has_as_well_stays_a_candidate():
    split = make_rows_split(1, 2, train=[(0, 0, 1.0)], validation=[(0, 0, 2.0)])
    retrieval, _ = validation_losses(scorer_of(np.log([[1.0, 3.0]]), ratings=[0, 0]), split)
    assert retrieval == pytest.approx(math.log(4))


def test_validation_loss_of_huge_scores_is_finite():
    split = make_rows_split(1, 3, train=[(0, 0, 1.0)], validation=[(0, 1, 2.0)])
    retrieval, _ = validation_losses(scorer_of([[0.0, -2000.0, 3000.0]], ratings=[0] * 3), split)
    assert retrieval == pytest.approx(5000)


def test_validation_losses_in_chunks_of_users_are_those_at_once(monkeypatch):
    split = random_split()
    scores = np.random.default_rng(0).normal(size=(split.n_users, split.n_movies))
    scorer = scorer_of(scores, ratings=scores[0])
    at_once = validation_losses(scorer, split)
    monkeypatch.setattr(losses, "CHUNK_FLOATS", 2 * split.n_movies)
    assert validation_losses(scorer, split) == pytest.approx(at_once, rel=1e-6)
