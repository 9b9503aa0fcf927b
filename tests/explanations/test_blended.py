from math import inf

import numpy as np
import pytest

from recsys.baselines import BiasModel
from recsys.blend import outputs
from recsys.explanations.blended import blended
from recsys.explanations.parts import parts_of
from recsys.explanations.person import person_of
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import random_split

SCALE = (1.0, 10.0)
SPLIT = random_split(scale=tuple(range(1, 11)))
MODEL, USER = pooled_model(SPLIT), 6
PERSON = person_of(MODEL, SPLIT, BiasModel(SPLIT), USER)
CANDIDATES = np.ones(SPLIT.n_movies, bool)
CANDIDATES[SPLIT.seen(USER)] = False


@pytest.mark.parametrize("weight", [0.5, 3.0, inf])
def test_scores_are_the_blend_up_to_a_constant(weight):
    found = blended(PERSON, weight, CANDIDATES, SCALE).scores()
    given = outputs(MODEL, np.array([USER]), SPLIT.csr("seen"), SCALE).blended(weight)[0]
    np.testing.assert_allclose(found - found[0], given - given[0], atol=1e-4)


def test_parts_add_up_and_predicted_stars_stay():
    person = blended(PERSON, 2.0, CANDIDATES, SCALE)
    parts = parts_of(person, 3)
    total = parts.of_history.sum() + parts.of_user + parts.of_movie
    assert parts.value == pytest.approx(total)
    assert parts.value == pytest.approx(float(person.scores()[3]), abs=1e-4)
    movies = np.arange(SPLIT.n_movies)
    np.testing.assert_allclose(person.ratings(movies), PERSON.ratings(movies), atol=1e-5)


def test_without_a_weight_nothing_changes():
    assert blended(PERSON, 0.0, CANDIDATES, SCALE) is PERSON
