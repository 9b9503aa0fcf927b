import numpy as np
import pytest

from benchmarks.peers import ease
from tests.synthetic import make_rows_split, random_split


def weights_of(split, l2: float) -> np.ndarray:  # [n_movies, n_movies]
    return ease.fit(split, seed=0, l2=l2).candidate.T


def test_no_movie_predicts_itself() -> None:
    assert np.all(np.diag(weights_of(random_split(), 3.0)) == 0)


def test_each_movie_solves_its_ridge_regression_on_all_others() -> None:
    split, l2 = random_split(), 3.0
    rated, weights = ease.rated_matrix(split).astype(np.float64), weights_of(split, l2)
    for movie in range(split.n_movies):
        others = np.delete(np.arange(split.n_movies), movie)
        x, y = rated[:, others], rated[:, movie]
        expected = np.linalg.solve(x.T @ x + l2 * np.eye(len(others)), x.T @ y)
        np.testing.assert_allclose(weights[others, movie], expected, atol=1e-5)


def test_two_movies_rated_together_predict_each_other() -> None:
    split = make_rows_split(3, 3, [(0, 0, 5.0), (0, 1, 5.0), (1, 0, 4.0), (1, 1, 3.0), (2, 2, 1.0)])
    # Two users rated movies 0 and 1 alike: the weight is 2 / (2 + l2), movie 2 has none.
    expected = np.array([[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(weights_of(split, 2.0), expected, atol=1e-6)
    scores = ease.fit(split, seed=0, l2=2.0).scores(np.array([0, 2]))
    np.testing.assert_allclose(scores, [[0.5, 0.5, 0], [0, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("l2", [0.5, 50.0])
def test_a_movie_nobody_rated_is_never_retrieved_first(l2: float) -> None:
    scores = ease.fit(random_split(), seed=0, l2=l2).scores(np.arange(19))
    np.testing.assert_allclose(scores[:, 0], 0, atol=1e-6)
