from dataclasses import replace

import numpy as np
import pytest

from recsys.baselines import BiasModel
from recsys.explanations.parts import (
    Heads,
    contrast,
    history_parts,
    mean_parts,
    member_spread,
    parts_of,
    seen_parts,
)
from recsys.explanations.person import person_of
from recsys.scorer import RATING, RETRIEVAL
from tests.explanations.pooled_model import WIDTH, pooled_model, residuals_by_hand
from tests.synthetic import random_split

SPLIT = random_split()
MODEL, BIASES = pooled_model(SPLIT), BiasModel(SPLIT)
USER = 4
HEADS = Heads(2, WIDTH // 2)
PERSON = person_of(MODEL, SPLIT, BIASES, USER)


@pytest.mark.parametrize("movie", range(0, SPLIT.n_movies, 4))
def test_the_parts_of_a_score_add_up_to_it(movie):
    parts = parts_of(PERSON, movie)
    total = parts.of_history.sum() + parts.of_user + parts.of_movie
    assert parts.value == pytest.approx(total)
    assert parts.value == pytest.approx(float(MODEL.scores(np.array([USER]))[0, movie]), abs=1e-5)
    assert parts.of_movie == pytest.approx(float(MODEL.candidate_bias[movie]))


@pytest.mark.parametrize("movie", range(0, SPLIT.n_movies, 4))
def test_the_parts_of_predicted_stars_add_up_to_them(movie):
    parts = parts_of(PERSON, movie, "rating")
    expected = float(MODEL.ratings(np.array([USER]), np.array([movie]))[0])
    assert parts.value == pytest.approx(expected, abs=1e-5)


def test_a_part_is_what_one_rating_adds():
    place, movie = 2, 5
    residual = residuals_by_hand(BIASES, PERSON.movies, PERSON.stars)[place]
    code = PERSON.movies[place]
    vector = MODEL.history[code] + residual * MODEL.history_residual[code]
    expected = vector @ MODEL.candidate[movie] / len(PERSON.movies) ** 0.5
    assert history_parts(PERSON, np.array([movie]))[place, 0] == pytest.approx(expected, rel=1e-5)


def test_contrast_is_a_part_minus_its_mean_over_the_others():
    parts = history_parts(PERSON, np.array([1, 2, 3]))
    expected = parts[:, 0] - (parts[:, 1] + parts[:, 2]) / 2
    np.testing.assert_allclose(contrast(PERSON, 1, np.array([2, 3])), expected, atol=1e-12)
    np.testing.assert_allclose(contrast(PERSON, 1, np.array([], int)), parts[:, 0])


@pytest.mark.parametrize("task", [RETRIEVAL, RATING])
def test_mean_parts_are_the_means_of_the_parts(task):
    movies = np.array([1, 5, 8])
    single = [parts_of(PERSON, movie, task) for movie in movies.tolist()]
    mean = mean_parts(PERSON, movies, task)
    for name in ("value", "of_user", "of_movie"):
        expected = np.mean([getattr(one, name) for one in single])
        assert getattr(mean, name) == pytest.approx(expected)
    np.testing.assert_allclose(mean.of_history, np.mean([one.of_history for one in single], axis=0))


def test_spread_is_the_standard_deviation_of_the_heads():
    movies = np.array([0, 3])
    query = PERSON.query("rating")
    for movie, spread in zip(movies, member_spread(PERSON, movies, HEADS), strict=True):
        vector = MODEL.rating_candidate[movie]
        stars = [2 * query[half] @ vector[half] for half in (slice(0, 2), slice(2, 4))]
        assert spread == pytest.approx(np.std(stars, ddof=1), rel=1e-5)


def test_equal_heads_have_no_spread_and_one_head_has_none_at_all():
    half = MODEL.rating_candidate[:, :2]
    same = replace(MODEL, rating_candidate=np.tile(half, 2))
    query = np.tile(PERSON.query("rating")[:2], 2)
    person = replace(PERSON.with_history(PERSON.movies[:0], PERSON.stars[:0]), model=same)
    person = replace(person, own=person.own | {"rating": query})
    assert member_spread(person, np.array([1]), HEADS) == pytest.approx(0, abs=1e-6)
    assert member_spread(PERSON, np.array([1]), Heads()) is None
    assert member_spread(PERSON, np.array([1]), Heads(2, WIDTH)) is None


def test_what_all_heads_read_of_the_query_is_no_spread():
    movies = np.array([0, 3])
    names = ("rating_query", "rating_candidate", "rating_history", "rating_history_residual")
    wider = {name: np.pad(getattr(MODEL, name), ((0, 0), (0, 3))) for name in names}
    wider["rating_candidate"][:, -3:] = 2.0
    model = replace(MODEL, **wider)
    query = np.append(PERSON.query("rating"), np.array([1.0, -4.0, 9.0], np.float32))
    person = replace(PERSON.with_history(PERSON.movies[:0], PERSON.stars[:0]), model=model)
    person = replace(person, own=person.own | {"rating": query})
    np.testing.assert_allclose(
        member_spread(person, movies, HEADS), member_spread(PERSON, movies, HEADS), rtol=1e-5
    )


@pytest.mark.parametrize("task", [RETRIEVAL, RATING])
def test_what_was_seen_and_the_stars_add_up_to_the_parts(task):
    movies = np.array([0, 4, 7])
    _, by_star = PERSON.history_vectors(task)
    stars = PERSON.residuals[:, np.newaxis] * by_star[PERSON.movies]
    of_stars = stars @ PERSON.candidates(task)[movies].T / np.sqrt(len(PERSON.movies))
    seen = seen_parts(PERSON, movies, task)
    np.testing.assert_allclose(seen + of_stars, history_parts(PERSON, movies, task), atol=1e-5)
