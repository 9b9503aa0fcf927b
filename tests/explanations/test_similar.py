import numpy as np
import pytest

from recsys.explanations.similar import similar_movies
from recsys.scorer import TwoTowerScorer

VECTORS = np.array([[1, 0], [2, 0.2], [0, 3], [-1, 0], [5, 1], [0, 0]], np.float32)
MODEL = TwoTowerScorer(query=np.zeros((1, 2), np.float32), candidate=VECTORS)
EVERYTHING = np.ones(6, bool)


def test_nearest_come_first_whatever_their_length():
    found = similar_movies(MODEL, 0, 3, EVERYTHING)
    assert [code for code, _ in found] == [1, 4, 2]
    assert found[0][1] == pytest.approx(2 / (2**2 + 0.2**2) ** 0.5)
    assert found[2][1] == pytest.approx(0)


def test_only_known_movies_are_named_and_never_the_movie_itself():
    known = np.array([True, False, True, True, True, True])
    assert [code for code, _ in similar_movies(MODEL, 0, 9, known)] == [4, 2, 3]


def test_a_movie_without_a_vector_has_no_neighbours():
    assert similar_movies(MODEL, 5, 3, EVERYTHING) == []
