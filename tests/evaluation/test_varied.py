import numpy as np
import pytest

from recsys.blend import blend
from recsys.evaluation.evaluate import average_metrics, evaluate
from recsys.evaluation.varied import measure_varied
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import random_split

SPLIT = random_split(n_users=40, n_movies=60)
MODEL = pooled_model(SPLIT)
MANY = 10**9


def measured(weight: float, diversity: float, most_scores: int = MANY):
    return measure_varied(
        MODEL, SPLIT, "validation", weight=weight, diversity=diversity, most_scores=most_scores
    )


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_without_diversity_it_is_the_blend_as_evaluated(weight):
    expected = evaluate(blend(MODEL, SPLIT, weight, "validation"), SPLIT, "validation")
    assert average_metrics(measured(weight, 0.0)) == pytest.approx(expected)


def test_diversity_changes_lists_and_leaves_predicted_stars():
    plain, varied = average_metrics(measured(0.0, 0.0)), average_metrics(measured(0.0, 0.8))
    assert varied["rmse"] == pytest.approx(plain["rmse"])
    assert varied["ndcg@20"] != plain["ndcg@20"]


def test_of_many_users_only_some_are_measured():
    users = measured(0.0, 0.5)["users"]
    some = measured(0.0, 0.5, most_scores=len(users) * SPLIT.n_movies // 3)["users"]
    np.testing.assert_array_equal(some, users[::3])
