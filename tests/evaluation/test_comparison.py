import numpy as np
import pytest

from recsys.evaluation.comparison import (
    BETTER,
    NOT_DISTINGUISHABLE,
    WORSE,
    compare,
    measure,
    seed_noise,
)
from recsys.evaluation.evaluate import COUNTS, USERS

RNG = np.random.default_rng(0)
BASE = RNG.normal(0.5, 0.1, 200)


def table(values: np.ndarray, metric: str = "ndcg@20") -> dict[str, np.ndarray]:
    n = len(values)
    return {USERS: np.arange(n), COUNTS: np.ones(n, int), metric: values}


@pytest.mark.parametrize(("metric", "verdict"), [("ndcg@20", BETTER), ("rmse", WORSE)])
def test_word_follows_the_metrics_direction(metric: str, verdict: str) -> None:
    found = compare(measure([table(BASE + 0.05, metric)]), measure([table(BASE, metric)]), metric)
    assert found.verdict == verdict
    assert found.difference.low > 0


def test_interval_that_holds_zero_is_not_distinguishable() -> None:
    other = BASE + np.where(np.arange(200) % 2, 0.05, -0.05)
    found = compare(measure([table(other)]), measure([table(BASE)]), "ndcg@20")
    assert found.verdict == NOT_DISTINGUISHABLE


def test_difference_that_seeds_explain_is_not_distinguishable() -> None:
    # Means 0.53 and 0.51 above BASE; their seeds lie 0.06 and 0.02 apart.
    model = [table(BASE + 0.06), table(BASE)]
    other = [table(BASE + 0.02), table(BASE)]
    found = compare(measure(model), measure(other), "ndcg@20")
    assert found.verdict == NOT_DISTINGUISHABLE
    assert (
        compare(measure(model[:1]), measure(other), "ndcg@20").verdict == BETTER
    )  # one seed tells no spread


def test_seed_noise_is_twice_the_standard_error_of_the_difference() -> None:
    # Variances 2 and 8, two seeds each.
    assert seed_noise([1, 3], [1, 5]) == pytest.approx(2 * np.sqrt(2 / 2 + 8 / 2))
    assert seed_noise([1, 3], [1]) == 0
