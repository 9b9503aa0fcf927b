from typing import Any

import numpy as np
import pytest

from recsys.evaluation.bootstrap import Difference, paired_difference, pool, resample
from recsys.evaluation.evaluate import COUNTS, USERS, Table, average_metrics


def table(users: Any, counts: Any, **metrics: Any) -> Table:
    """Metrics per user; a name has `_at_` where the metric has `@`."""
    named = {name.replace("_at_", "@"): np.array(values) for name, values in metrics.items()}
    return {USERS: np.array(users), COUNTS: np.array(counts)} | named


def difference(a: np.ndarray, b: np.ndarray, *, seed: int = 0) -> Difference:
    """The difference of two models' values of one user each, as a mean over users."""
    sides = [
        resample(table(range(len(values)), [1] * len(values), mrr=values), seed=seed)
        for values in (a, b)
    ]
    return paired_difference(*sides, "mrr")


def two(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random(n), rng.random(n)


def test_equal_sides_have_no_difference() -> None:
    a, _ = two(50)
    found = difference(a, a.copy())
    assert found == (0, 0, 0)
    assert not found.is_distinguishable


def test_constant_difference_has_no_spread() -> None:
    a, _ = two(50)
    found = difference(a + 0.25, a)
    assert found == pytest.approx((0.25, 0.25, 0.25))
    assert found.is_distinguishable


def test_interval_of_many_users_is_the_one_of_the_normal_distribution() -> None:
    a, b = two(2000)
    found = difference(a, b)
    mean, error = np.mean(a - b), np.std(a - b) / np.sqrt(2000)
    assert found.difference == pytest.approx(mean)
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.2 * error)


@pytest.mark.parametrize("metric", ["ndcg@20", "mae", "rmse"])
def test_figures_and_interval_are_those_of_the_metric_over_the_drawn_users(metric: str) -> None:
    rng = np.random.default_rng(1)
    counts = rng.integers(1, 50, 30)
    a, b = (table(range(30), counts) | {metric: rng.random(30)} for _ in range(2))

    def figure(values: Table, users: np.ndarray) -> float:
        return average_metrics({name: column[users] for name, column in values.items()})[metric]

    found = paired_difference(
        *(resample(side, resamples=200, seed=7) for side in (a, b)), metric=metric
    )

    draws = np.random.default_rng(7).integers(30, size=(200, 30))
    differences = [figure(a, users) - figure(b, users) for users in draws]
    everybody = np.arange(30)
    expected = (
        figure(a, everybody) - figure(b, everybody),
        *np.percentile(differences, [2.5, 97.5]),
    )
    assert found == pytest.approx(expected)


def test_same_seed_gives_the_same_interval() -> None:
    a, b = two(40)
    assert difference(a, b, seed=3) == difference(a, b, seed=3)
    assert difference(a, b, seed=3) != difference(a, b, seed=4)


def test_swapped_sides_give_the_negated_interval() -> None:
    a, b = two(40)
    there, back = difference(a, b), difference(b, a)
    assert back == pytest.approx((-there.difference, -there.high, -there.low))


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("recall@20", 0.5 - 0.25),
        ("top_k_accuracy@100", (0 + 3) / 4 - (0.5 + 0) / 4),
        ("mae", (0 + 3) / 4 - (0.5 + 0) / 4),
        ("rmse", np.sqrt((0 + 3) / 4) - np.sqrt((0.25 + 0) / 4)),
    ],
)
def test_difference_is_that_of_the_two_figures(metric: str, expected: float) -> None:
    a, b = (table([3, 5], [1, 3]) | {metric: np.array(values)} for values in ([0, 1.0], [0.5, 0]))
    found = paired_difference(resample(a), resample(b), metric)
    assert found.difference == pytest.approx(expected)


@pytest.mark.parametrize("column", [USERS, COUNTS])
def test_models_with_other_users_or_ratings_are_refused(column: str) -> None:
    a = table([3, 5], [1, 3], mrr=[0.5, 1])
    b = a | {column: np.array([3, 4])}
    with pytest.raises(ValueError, match="mrr: the two models do not have the same users"):
        paired_difference(resample(a), resample(b), "mrr")


def test_table_without_users_is_refused() -> None:
    with pytest.raises(ValueError, match="0 users: a bootstrap needs at least one"):
        resample(table([], [], mrr=[]))


def test_pooled_value_of_a_user_is_the_mean_over_their_splits() -> None:
    pooled = pool(
        [table([0, 2], [3, 1], ndcg_at_20=[0.2, 1.0]), table([0, 1], [1, 5], ndcg_at_20=[0.6, 0.5])]
    )
    assert pooled[USERS].tolist() == [0, 1, 2]
    assert pooled[COUNTS].tolist() == [4, 5, 1]
    np.testing.assert_allclose(pooled["ndcg@20"], [0.4, 0.5, 1.0])


def test_pooled_interactions_and_squares_are_weighted_by_counts() -> None:
    name = "top_k_accuracy@100"
    pooled = pool(
        [
            table([0], [3], rmse=[1.0], top_k_accuracy_at_100=[1.0]),
            table([0], [1], rmse=[3.0], top_k_accuracy_at_100=[0.0]),
        ]
    )
    np.testing.assert_allclose(pooled[name], [0.75])
    np.testing.assert_allclose(pooled["rmse"], [np.sqrt((3 * 1 + 1 * 9) / 4)])


@pytest.mark.parametrize("metric", ["rmse", "ndcg@20"])
def test_pooling_leaves_one_split_as_it_is(metric: str) -> None:
    alone = table([1, 4], [2, 6]) | {metric: np.array([0.3, 0.8])}
    pooled = pool([alone])
    np.testing.assert_allclose(pooled[metric], alone[metric])
    assert average_metrics(pooled) == pytest.approx(average_metrics(alone))


def test_pooled_copies_of_a_split_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    users, counts = np.arange(40), np.full(40, 5)
    a, b = (table(users, counts, ndcg_at_20=rng.random(40)) for _ in range(2))
    once, five_times = (
        paired_difference(*(resample(pool([side] * n)) for side in (a, b)), metric="ndcg@20")
        for n in (1, 5)
    )
    np.testing.assert_allclose(five_times, once)
