import numpy as np
import pytest

from recsys.baselines import BiasModel, most_popular
from recsys.explanations.person import (
    NoHistoryError,
    average_own,
    new_person,
    person_of,
)
from tests.explanations.pooled_model import pooled, pooled_model, residuals_by_hand
from tests.synthetic import make_rows_split, random_split

SPLIT = random_split()
MODEL, BIASES = pooled_model(SPLIT), BiasModel(SPLIT)
MOVIES = np.arange(SPLIT.n_movies)
OWN = average_own(MODEL, SPLIT, BIASES)


@pytest.mark.parametrize("user", [0, 7, SPLIT.n_users - 1])  # the last one has no ratings
def test_a_person_scores_and_rates_as_the_user_of_the_data(user):
    person = person_of(MODEL, SPLIT, BIASES, user)
    users = np.full(SPLIT.n_movies, user)
    np.testing.assert_allclose(person.scores(), MODEL.scores(users[:1])[0], atol=1e-5)
    np.testing.assert_allclose(person.ratings(MOVIES), MODEL.ratings(users, MOVIES), atol=1e-5)
    np.testing.assert_allclose(
        person.as_scorer().scores(np.array([0]))[0], person.scores(), atol=1e-6
    )


def test_without_a_rating_the_rest_is_pooled_again():
    person = person_of(MODEL, SPLIT, BIASES, 3)
    assert len(person.movies) > 3
    left = person.without(np.array([1, 2]))
    kept = [0, *range(3, len(person.movies))]
    residuals = residuals_by_hand(BIASES, person.movies[kept], person.stars[kept])
    full = residuals_by_hand(BIASES, person.movies, person.stars)
    history = MODEL.history, MODEL.history_residual
    own = MODEL.query[3] - pooled(*history, person.movies, np.array(full))
    expected = own + pooled(*history, person.movies[kept], np.array(residuals))
    np.testing.assert_allclose(left.query(), expected, atol=1e-5)


def test_without_its_whole_history_a_person_is_what_is_their_own():
    person = person_of(MODEL, SPLIT, BIASES, 3)
    nobody = person.without(np.arange(len(person.movies)))
    np.testing.assert_allclose(nobody.query(), person.own["retrieval"], atol=1e-6)


def test_a_new_person_is_pooled_like_a_user_of_the_data():
    user = person_of(MODEL, SPLIT, BIASES, 5)
    new = new_person(MODEL, BIASES, OWN, user.movies, user.stars)
    expected = user.query() - user.own["retrieval"] + OWN["retrieval"]
    np.testing.assert_allclose(new.query(), expected, atol=1e-5)


def test_a_new_persons_residuals_are_centred_in_the_rating_query_alone():
    user = person_of(MODEL, SPLIT, BIASES, 5)
    new = new_person(MODEL, BIASES, OWN, user.movies, user.stars)
    np.testing.assert_allclose(new.terms(), user.terms(), atol=1e-6)
    residuals = np.array(residuals_by_hand(BIASES, user.movies, user.stars))
    expected = pooled(
        MODEL.rating_history,
        MODEL.rating_history_residual,
        user.movies,
        residuals - residuals.mean(),
    )
    np.testing.assert_allclose(new.terms("rating").sum(axis=0), expected, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 2, 5])
def test_who_gives_more_stars_is_predicted_to_give_more(n, seed):
    model = pooled_model(SPLIT, seed)
    own, movies = average_own(model, SPLIT, BIASES), np.arange(1, n + 1)
    predicted = [
        new_person(model, BIASES, own, movies, np.full(n, stars, np.float32)).ratings(movies).mean()
        for stars in (1, 2, 3, 4, 5)
    ]
    assert (np.diff(predicted) > 0).all()


def test_what_a_new_person_starts_from_is_the_mean_of_the_users_with_a_history():
    users = np.unique(SPLIT.train.users)
    expected = np.mean([person_of(MODEL, SPLIT, BIASES, u).own["rating"] for u in users], axis=0)
    np.testing.assert_allclose(OWN["rating"], expected, atol=1e-6)


def test_a_new_person_without_ratings_is_the_average_user():
    empty = np.array([], np.int32), np.array([], np.float32)
    new = new_person(MODEL, BIASES, OWN, *empty)
    np.testing.assert_allclose(new.query("rating"), OWN["rating"])
    assert new.rating_bias == 0


def test_higher_ratings_make_a_new_persons_predicted_stars_higher():
    movies = np.array([1, 2, 3, 4])
    mild, kind = (
        new_person(MODEL, BIASES, OWN, movies, np.full(4, stars, np.float32)) for stars in (2, 5)
    )
    # Their residuals are centred, so the own vector and the bias must tell.
    assert kind.ratings(MOVIES).mean() > mild.ratings(MOVIES).mean()


def test_one_rating_is_enough():
    new = new_person(MODEL, BIASES, OWN, np.array([2]), np.array([4.0], np.float32))
    assert np.isfinite(new.scores()).all()
    assert np.isfinite(new.ratings(MOVIES)).all()


def test_a_model_without_pooled_histories_says_so():
    split = make_rows_split(2, 2, [(0, 0, 3.0), (1, 1, 4.0)])
    with pytest.raises(NoHistoryError, match="histories"):
        person_of(most_popular(split), split, BiasModel(split), 0)
