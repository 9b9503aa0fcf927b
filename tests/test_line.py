import io

import numpy as np
import pytest

from recsys.line import LineScorer, stored_scorer
from recsys.scorer import ScorerError, TwoTowerScorer

USERS, MOVIES = np.arange(4), np.array([0, 2, 1, 2])


def scorer(seed: int, **changes) -> TwoTowerScorer:
    rng = np.random.default_rng(seed)
    shapes = {
        "query": (4, 2), "candidate": (3, 2), "candidate_bias": (3,), "rating_query": (4, 2),
        "rating_candidate": (3, 2), "rating_user_bias": (4,), "rating_movie_bias": (3,),
    }  # fmt: skip
    arrays = {name: rng.normal(size=shape).astype("f4") for name, shape in shapes.items()}
    return TwoTowerScorer(**arrays | {"rating_mean": 3.0} | changes)


def line() -> LineScorer:
    return LineScorer(start=scorer(0), middle=scorer(1), end=scorer(2))


def test_line_passes_through_its_three_models():
    found = line()
    for position, expected in [(0.0, found.start), (0.5, found.middle), (1.0, found.end)]:
        for name, array in expected.to_arrays().items():
            if array.dtype.kind == "f":
                np.testing.assert_allclose(found.at(position).to_arrays()[name], array, atol=1e-6)


def test_array_that_is_a_product_of_two_linear_ones_is_exact_between_the_models():
    rng = np.random.default_rng(3)
    query, factor = rng.normal(size=(2, 4, 2)), rng.normal(size=(2, 2))

    def model(position: float) -> TwoTowerScorer:
        own, factors = ((1 - position) * a + position * b for a, b in (query, factor))
        return scorer(0, query=own.astype("f4"), rating_query=(own * factors).astype("f4"))

    found = LineScorer(start=model(0.0), middle=model(0.5), end=model(1.0))
    for position in (0.1, 0.35, 0.9):
        expected, at = model(position), found.at(position)
        np.testing.assert_allclose(at.scores(USERS), expected.scores(USERS), atol=1e-5)
        ratings = expected.ratings(USERS, MOVIES)
        np.testing.assert_allclose(at.ratings(USERS, MOVIES), ratings, atol=1e-5)


def test_line_scores_and_rates_as_the_model_in_the_middle():
    found = line()
    np.testing.assert_array_equal(found.scores(USERS), found.middle.scores(USERS))
    ratings = found.middle.ratings(USERS, MOVIES)
    np.testing.assert_array_equal(found.ratings(USERS, MOVIES), ratings)
    assert found.tasks == {"retrieval", "rating"}


def test_line_and_single_model_are_read_back_as_what_they_were():
    for stored in (line(), scorer(0)):
        file = io.BytesIO()
        np.savez(file, **stored.to_arrays())
        file.seek(0)
        read = stored_scorer(dict(np.load(file)))
        assert type(read) is type(stored)
        for name, array in stored.to_arrays().items():
            np.testing.assert_array_equal(read.to_arrays()[name], array)


def test_models_that_do_not_fit_together_are_refused():
    wide = scorer(0, query=np.zeros((4, 5), "f4"), candidate=np.zeros((3, 5), "f4"))
    with pytest.raises(ScorerError, match="same shapes"):
        LineScorer(start=scorer(0), middle=wide, end=scorer(1))
    layers = {"kernels": (np.zeros((4, 1), "f4"),), "biases": (np.zeros(1, "f4"),)}
    mlp = scorer(0, **layers)
    with pytest.raises(ScorerError, match="MLP"):
        LineScorer(start=mlp, middle=mlp, end=mlp)


@pytest.mark.parametrize("position", [-0.1, 1.01, float("nan")])
def test_position_off_the_line_is_refused(position):
    with pytest.raises(ScorerError, match="from 0 to 1"):
        line().at(position)


def test_arrays_of_half_a_line_are_refused():
    arrays = line().to_arrays()
    with pytest.raises(ScorerError, match="missing"):
        stored_scorer({name: array for name, array in arrays.items() if "end_" not in name})
    with pytest.raises(ScorerError, match="not an array of a scorer"):
        stored_scorer(arrays | {"other": np.zeros(1, "f4")})
