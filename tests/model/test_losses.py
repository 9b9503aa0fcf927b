import math

import numpy as np
import pytest
from scipy.optimize import minimize

from recsys.baselines import BiasModel
from recsys.model import losses
from recsys.model.losses import (
    Ratings,
    SoftmaxRetrieval,
    SquaredRetrieval,
    ValidationLosses,
    trivial_rating_loss,
)
from recsys.scorer import TwoTowerScorer
from tests.synthetic import make_rows_split, random_split

SOFTMAX = SoftmaxRetrieval()


def validation_losses(scorer, split, retrieval, users=None):
    return ValidationLosses(split, retrieval, users).of(scorer)


def scorer_of(scores, ratings):
    """Return a scorer with these scores [n_users, n_movies], and these ratings of all users."""
    scores = np.array(scores, np.float32)
    return TwoTowerScorer(
        query=scores,
        candidate=np.eye(scores.shape[1], dtype=np.float32),
        rating_movie_bias=np.array(ratings, np.float32),
    )


def test_trivial_softmax_loss_is_the_entropy_of_the_popularity():
    # Shares 1/2, 1/4, 1/4.
    split = make_rows_split(2, 4, train=[(0, 0, 1.0), (1, 0, 2.0), (0, 1, 3.0), (1, 2, 6.0)])
    assert SoftmaxRetrieval().trivial(split) == pytest.approx(1.5 * math.log(2))


def test_trivial_rating_loss_is_the_variance():
    # Ratings 1, 2, 3, 6 have mean 3.
    split = make_rows_split(2, 4, train=[(0, 0, 1.0), (1, 0, 2.0), (0, 1, 3.0), (1, 2, 6.0)])
    assert trivial_rating_loss(split) == pytest.approx((4 + 1 + 0 + 9) / 4)


@pytest.mark.parametrize("unrated_weight", [0.05, 0.7, 4.0])
def test_trivial_squared_loss_is_that_of_the_best_score_for_each_movie(unrated_weight):
    split = random_split()
    retrieval = SquaredRetrieval(unrated_weight, BiasModel(split))
    indptr, _ = split.csr("train")
    train = split.train
    ratings = Ratings(train, train.users, np.diff(indptr))

    def loss(scores):
        scores = np.tile(scores, (split.n_users, 1))
        rated = scores[train.users, train.movies]
        losses, weights = retrieval.per_rating(scores, rated, ratings)
        return (losses @ weights) / weights.sum()

    best = minimize(loss, np.full(split.n_movies, 0.5))
    assert retrieval.trivial(split) == pytest.approx(best.fun, rel=1e-5)
    assert best.fun < loss(np.zeros(split.n_movies))


def squared(unrated_weight):
    """Return the squared loss with the target 1 for every rating."""
    bias_model = BiasModel(make_rows_split(2, 4, train=[(0, 0, 3.0)]))
    return SquaredRetrieval(unrated_weight, bias_model, target_slope=0.0)


def ratings_of(user_rows, lengths):
    rows = make_rows_split(2, 4, train=[(user, 0, 3.0) for user in user_rows]).train
    return Ratings(rows, np.array(user_rows), np.array(lengths))


def test_squared_loss_weights_users_and_divides_the_unrated_by_their_history():
    left_out = SquaredRetrieval.left_out
    scores = np.array([[0.5, 0.1, left_out, 0.2], [1.0, -0.3, 0.4, 0.0]])
    rated = np.array([0.5, 1.0, 0.4])
    losses, weights = squared(0.5).per_rating(scores, rated, ratings_of([0, 1, 1], [1, 5]))
    unrated = 0.5 * (0.1**2 + 0.2**2), 0.5 * 0.3**2 / 5
    expected = [0.5**2 + unrated[0], 0 + unrated[1], 0.6**2 + unrated[1]]
    np.testing.assert_allclose(losses, expected)
    np.testing.assert_allclose(weights, [1, 5**-0.4, 5**-0.4])


def test_squared_loss_without_a_history_divides_by_one():
    losses, weights = squared(1.0).per_rating(
        np.array([[0.0, 2.0]]), np.array([0.0]), ratings_of([0], [0])
    )
    assert (losses.tolist(), weights.tolist()) == ([5.0], [1.0])


def test_squared_loss_has_a_higher_target_for_a_liked_movie():
    # Every mean is 3 and the standard deviation 2, so the residuals are 1 and -1.
    split = make_rows_split(2, 2, train=[(0, 0, 5), (0, 1, 1), (1, 0, 1), (1, 1, 5)])
    retrieval = SquaredRetrieval(0.5, BiasModel(split), target_slope=0.2)
    losses, _ = retrieval.per_rating(
        np.full((2, 2), 0.5),
        np.full(4, 0.5),
        Ratings(split.train, split.train.users, np.full(2, 2)),
    )
    np.testing.assert_allclose(losses, [0.7**2, 0.3**2, 0.3**2, 0.7**2], rtol=1e-6)


@pytest.mark.parametrize("n_users", [1, 2, 300])
def test_trivial_loss_of_zero_becomes_one(n_users):
    # Everybody has rated everything the same: all trivial losses are 0 up to rounding.
    rows = [(user, movie, 3.7) for user in range(n_users) for movie in range(5)]
    split = make_rows_split(n_users, 5, train=rows)
    assert SquaredRetrieval(0.7, BiasModel(split)).trivial(split) == 1
    assert trivial_rating_loss(split) == 1
    assert SoftmaxRetrieval().trivial(make_rows_split(2, 1, train=[(0, 0, 3), (1, 0, 3)])) == 1


def test_validation_losses_are_softmax_over_unseen_movies_and_squared_error():
    split = make_rows_split(
        2,
        4,
        train=[(0, 0, 1.0), (0, 1, 5.0), (1, 3, 3.0)],
        validation=[(0, 2, 4.0), (1, 0, 2.0), (1, 1, 5.0)],
    )
    scores = np.log([[9.0, 9.0, 3.0, 1.0], [1.0, 2.0, 5.0, 9.0]])
    scorer = scorer_of(scores, ratings=[3.0, 4.0, 2.0, 1.0])
    retrieval, rating = validation_losses(scorer, split, SOFTMAX)
    trivial = SOFTMAX.trivial(split)
    # User 0's candidates are movies 2 (3 of 4) and 3; user 1's are 0 (1 of 8), 1 (2) and 2.
    expected = -(math.log(3 / 4) + math.log(1 / 8) + math.log(2 / 8)) / 3
    assert retrieval == pytest.approx(expected / trivial, rel=1e-5)
    assert rating == pytest.approx((4 + 1 + 1) / 3 / trivial_rating_loss(split), rel=1e-5)
    only_user_0 = validation_losses(scorer, split, SOFTMAX, users=np.array([0]))
    assert only_user_0 == pytest.approx(
        (-math.log(3 / 4) / trivial, 4 / trivial_rating_loss(split)), rel=1e-5
    )


def test_validation_losses_without_validation_ratings_are_none():
    split = make_rows_split(2, 2, train=[(0, 0, 1.0)], validation=[(1, 0, 2.0)])
    scorer = scorer_of(np.zeros((2, 2)), ratings=[0.0, 0.0])
    assert validation_losses(scorer, split, SOFTMAX, users=np.array([0])) is None
    assert validation_losses(scorer, make_rows_split(2, 2, train=[(0, 0, 1.0)]), SOFTMAX) is None


def test_validation_pair_that_train_has_as_well_stays_a_candidate():
    split = make_rows_split(1, 2, train=[(0, 0, 1.0)], validation=[(0, 0, 2.0)])
    retrieval, _ = validation_losses(
        scorer_of(np.log([[1.0, 3.0]]), ratings=[0, 0]), split, SOFTMAX
    )
    assert retrieval == pytest.approx(math.log(4))


def test_validation_loss_of_huge_scores_is_finite():
    split = make_rows_split(1, 3, train=[(0, 0, 1.0)], validation=[(0, 1, 2.0)])
    retrieval, _ = validation_losses(
        scorer_of([[0.0, -2000.0, 3000.0]], ratings=[0] * 3), split, SOFTMAX
    )
    assert retrieval == pytest.approx(5000)


def test_squared_validation_loss_leaves_out_what_train_has():
    split = make_rows_split(
        2,
        4,
        train=[(0, 0, 1.0), (0, 1, 5.0), (1, 3, 3.0)],
        validation=[(0, 2, 4.0), (1, 0, 2.0), (1, 1, 5.0)],
    )
    scorer = scorer_of([[9, 9, 0.8, 0.2], [0.5, 1.0, 0.4, 9]], ratings=[0] * 4)
    retrieval, _ = validation_losses(scorer, split, squared(0.5))
    # User 0 has a history of 2: the squared scores of unrated movies are divided by that.
    first = 0.2**2 + 0.5 * 0.2**2 / 2
    second = (0.5**2 + 0.5 * 0.4**2) + (0 + 0.5 * 0.4**2)
    expected = (2**-0.4 * first + second) / (2**-0.4 + 2)
    assert retrieval == pytest.approx(expected / squared(0.5).trivial(split), rel=1e-5)


@pytest.mark.parametrize("retrieval", [SOFTMAX, SquaredRetrieval(0.7, BiasModel(random_split()))])
def test_validation_losses_in_chunks_of_users_are_those_at_once(retrieval, monkeypatch):
    split = random_split()
    scores = np.random.default_rng(0).normal(size=(split.n_users, split.n_movies))
    scorer = scorer_of(scores, ratings=scores[0])
    at_once = validation_losses(scorer, split, retrieval)
    monkeypatch.setattr(losses, "CHUNK_FLOATS", 2 * split.n_movies)
    assert validation_losses(scorer, split, retrieval) == pytest.approx(at_once, rel=1e-6)
