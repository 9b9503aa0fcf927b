import numpy as np
import pytest

from recsys.recommend import top_movies
from recsys.toplists import top_lists


@pytest.mark.parametrize("n_movies", [7, 20, 21, 300, 2000])
@pytest.mark.parametrize("levels", [1, 3, 50, 10_000])
def test_lists_are_those_that_recommend_makes(n_movies: int, levels: int) -> None:
    rng = np.random.default_rng(n_movies + levels)
    scores = rng.integers(0, levels, (6, n_movies)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.4] = -np.inf
    scores[0] = -np.inf
    for row, found in zip(scores, top_lists(scores, 20), strict=True):
        expected = top_movies(row, np.flatnonzero(row > -np.inf), 20)
        np.testing.assert_array_equal(found[found >= 0], expected)
        assert np.all(found[len(expected) :] == -1)
