from typing import Any

import numpy as np
import pytest

from recsys.bootstrap import (
    metric_difference,
    paired_bootstrap,
    resample,
    resampled_difference,
)
from recsys.evaluation import COUNTS, USERS


def _two(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random(n), rng.random(n)


def test_equal_sides_differ_by_nothing() -> None:
    a, _ = _two(50)
    found = paired_bootstrap(a, a.copy())
    assert found == (0, 0, 0)
    assert not found.is_distinguishable


def test_constant_difference_has_no_spread() -> None:
    a, _ = _two(50)
    found = paired_bootstrap(a + 0.25, a)
    assert found == pytest.approx((0.25, 0.25, 0.25))
    assert found.is_distinguishable


def test_interval_of_many_users_is_the_one_of_the_normal_distribution() -> None:
    a, b = _two(2000)
    found = paired_bootstrap(a, b)
    mean, error = np.mean(a - b), np.std(a - b) / np.sqrt(2000)
    assert found.difference == pytest.approx(mean)
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.2 * error)


@pytest.mark.parametrize("root", [False, True])
def test_weighted_means_are_resampled_together_with_their_weights(root: bool) -> None:
    a, b = _two(30)
    weights = np.random.default_rng(1).integers(1, 50, 30)
    found = paired_bootstrap(a, b, weights=weights, root=root, resamples=200, seed=7)

    def figure(values: np.ndarray, users: np.ndarray) -> float:
        mean = float(np.average(values[users], weights=weights[users]))
        return mean**0.5 if root else mean

    draws = np.random.default_rng(7).integers(30, size=(200, 30))
    differences = [figure(a, users) - figure(b, users) for users in draws]
    expected = (
        figure(a, np.arange(30)) - figure(b, np.arange(30)),
        *np.percentile(differences, [2.5, 97.5]),
    )
    assert found == pytest.approx(expected)


def test_same_seed_gives_the_same_interval() -> None:
    a, b = _two(40)
    assert paired_bootstrap(a, b, seed=3) == paired_bootstrap(a, b, seed=3)
    assert paired_bootstrap(a, b, seed=3) != paired_bootstrap(a, b, seed=4)


def test_sides_turned_round_turn_the_interval_round() -> None:
    a, b = _two(40)
    there, back = paired_bootstrap(a, b), paired_bootstrap(b, a)
    assert back == pytest.approx((-there.difference, -there.high, -there.low))


@pytest.mark.parametrize(("n_a", "n_b"), [(0, 0), (3, 4)])
def test_other_numbers_of_users_are_refused(n_a: int, n_b: int) -> None:
    with pytest.raises(ValueError, match=f"{n_a} and {n_b} users: a paired bootstrap needs"):
        paired_bootstrap(np.zeros(n_a), np.zeros(n_b))


def _table(**values: Any) -> dict[str, np.ndarray]:
    counts = {"users": np.array([3, 5]), "counts": np.array([1, 3])}
    return counts | {name: np.array(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("recall@20", 0.5 - 0.25),
        ("top_k_accuracy@100", (0 + 3) / 4 - (0.5 + 0) / 4),
        ("mae", (0 + 3) / 4 - (0.5 + 0) / 4),
        ("rmse", np.sqrt((0 + 3) / 4) - np.sqrt((0.25 + 0) / 4)),
    ],
)
def test_metric_difference_is_that_of_the_two_figures(metric: str, expected: float) -> None:
    a, b = _table(**{metric: [0, 1.0]}), _table(**{metric: [0.5, 0]})
    assert metric_difference(a, b, metric).difference == pytest.approx(expected)


@pytest.mark.parametrize("column", ["users", "counts"])
def test_metric_difference_of_other_users_is_refused(column: str) -> None:
    a = _table(mrr=[0.5, 1])
    with pytest.raises(ValueError, match="mrr: the two tables are not of the same users"):
        metric_difference(a, a | {column: np.array([3, 4])}, "mrr")


@pytest.mark.parametrize("metric", ["ndcg@20", "mae", "rmse"])
def test_models_resampled_alone_differ_as_those_resampled_together(metric: str) -> None:
    rng = np.random.default_rng(2)
    counts = rng.integers(1, 9, 40)
    tables = [
        {USERS: np.arange(40), COUNTS: counts, "rmse": rng.random(40)} | {metric: rng.random(40)}
        for _ in range(2)
    ]
    found = resampled_difference(*map(resample, tables), metric)
    assert found == pytest.approx(metric_difference(*tables, metric))


def test_resampled_models_of_other_users_are_refused() -> None:
    table = {USERS: np.arange(3), COUNTS: np.ones(3, int), "rmse": np.ones(3)}
    with pytest.raises(ValueError, match="not of the same users"):
        resampled_difference(resample(table), resample(table | {USERS: np.arange(1, 4)}), "rmse")
    with pytest.raises(ValueError, match="0 users"):
        resample({name: values[:0] for name, values in table.items()})
