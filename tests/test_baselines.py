import numpy as np
import pytest

from recsys.baselines import BASELINES, BiasModel, most_popular, user_movie_bias
from recsys.data.library import load_dataset
from recsys.data.splits import Interactions, Split, make_split
from recsys.evaluation.evaluate import evaluate
from tests.synthetic import make_rows_split


@pytest.fixture
def split() -> Split:
    """Three users and four movies; user 2 and movie 3 have no train ratings."""
    train = Interactions(
        np.array([0, 0, 1], np.int32), np.array([0, 1, 1], np.int32), np.float32([5, 3, 1])
    )
    nothing = Interactions(np.array([], np.int32), np.array([], np.int32), np.float32([]))
    return Split(
        train=train,
        validation=nothing,
        holdout=Interactions(np.array([2], np.int32), np.array([3], np.int32), np.float32([4])),
        user_ids=np.array(["a", "b", "c"], object),
        movie_ids=np.array(["1", "2", "3", "4"], object),
        rating_scale=(1.0, 5.0),
    )


def test_most_popular_scores_are_train_counts_for_every_user(split: Split) -> None:
    scorer = most_popular(split)
    np.testing.assert_array_equal(scorer.scores(np.array([0, 2])), [[1, 2, 0, 0]] * 2)
    assert scorer.tasks == {"retrieval"}
    assert scorer.ratings(np.array([0]), np.array([0])) == [3]


def test_user_movie_bias_is_damped_movie_means_then_damped_user_means(split: Split) -> None:
    scorer = user_movie_bias(split, movie_damping=1, user_damping=2)
    # mean 3; movie biases 2/(1+1) = 1 and (0 - 2)/(2+1) = -2/3; residuals: 1, 2/3, -4/3.
    movies = [1, -2 / 3, 0, 0]
    users = [(1 + 2 / 3) / (2 + 2), -4 / 3 / (1 + 2), 0]
    expected = 3 + np.add.outer(users, movies)
    found = scorer.ratings(*np.divmod(np.arange(12), 4))
    np.testing.assert_allclose(found.reshape(3, 4), expected, rtol=1e-6)
    assert scorer.tasks == {"rating"}


def test_user_and_movie_that_train_has_never_seen_get_the_mean(split: Split) -> None:
    for damping in (0, 5):
        scorer = user_movie_bias(split, movie_damping=damping, user_damping=damping)
        assert scorer.ratings(np.array([2]), np.array([3])) == [3]
        assert evaluate(scorer, split, "holdout") == {"rmse": 1, "mae": 1, "calibration_error": 1}


def test_residuals_are_ratings_minus_mean_and_biases_in_standard_deviations(split: Split) -> None:
    bias_model, train = BiasModel(split), split.train
    residuals = train.ratings - user_movie_bias(split).ratings(train.users, train.movies)
    np.testing.assert_allclose(
        bias_model.residuals(train), residuals / train.ratings.std(), rtol=1e-5
    )
    assert bias_model.residuals(train).max() > 0.3


def test_residuals_of_equal_ratings_are_zero() -> None:
    split = make_rows_split(2, 2, train=[(0, 0, 4.0), (1, 1, 4.0)])
    bias_model = BiasModel(split)
    assert (bias_model.mean, bias_model.std) == (4, 1)
    assert not bias_model.residuals(split.train).any()


def test_baselines_on_movielens_100k_reach_their_known_figures() -> None:
    split = make_split(load_dataset("100k"), kind="random", holdout=0.2, validation=0, seed=42)
    found = {}
    for make in BASELINES.values():
        found |= evaluate(make(split), split, "holdout")
    assert found["rmse"] == pytest.approx(0.945, abs=0.01)
    assert found["top_k_accuracy@100"] == pytest.approx(0.414, abs=0.01)
    assert found["recall@20"] == pytest.approx(0.170, abs=0.01)
    assert found["ndcg@20"] == pytest.approx(0.211, abs=0.01)
    assert found["top_k_accuracy_with_seen@100"] == pytest.approx(0.297, abs=0.01)
