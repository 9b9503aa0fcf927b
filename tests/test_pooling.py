import numpy as np
import pytest

from recsys.bootstrap import metric_difference
from recsys.evaluation import average_metrics
from recsys.pooling import pool


def table(users, counts, **metrics) -> dict[str, np.ndarray]:
    named = {name.replace("_at_", "@"): np.array(values) for name, values in metrics.items()}
    return {"users": np.array(users), "counts": np.array(counts)} | named


def test_a_users_value_is_the_mean_over_the_splits_they_are_in() -> None:
    pooled = pool(
        [table([0, 2], [3, 1], ndcg_at_20=[0.2, 1.0]), table([0, 1], [1, 5], ndcg_at_20=[0.6, 0.5])]
    )
    assert pooled["users"].tolist() == [0, 1, 2]
    assert pooled["counts"].tolist() == [4, 5, 1]
    np.testing.assert_allclose(pooled["ndcg@20"], [0.4, 0.5, 1.0])


def test_interactions_and_squares_are_weighted_by_counts() -> None:
    name = "top_k_accuracy@100"
    pooled = pool(
        [
            table([0], [3], rmse=[1.0]) | {name: np.array([1.0])},
            table([0], [1], rmse=[3.0]) | {name: np.array([0.0])},
        ]
    )
    np.testing.assert_allclose(pooled[name], [0.75])
    np.testing.assert_allclose(pooled["rmse"], [np.sqrt((3 * 1 + 1 * 9) / 4)])


@pytest.mark.parametrize("metric", ["rmse", "ndcg_at_20"])
def test_one_split_stays_as_it_is(metric: str) -> None:
    alone = table([1, 4], [2, 6], **{metric: [0.3, 0.8]})
    pooled = pool([alone])
    name = metric.replace("_at_", "@")
    np.testing.assert_allclose(pooled[name], alone[name])
    assert average_metrics(pooled) == pytest.approx(average_metrics(alone))


def test_copies_of_a_split_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    users, counts = np.arange(40), np.full(40, 5)
    a, b = (table(users, counts, ndcg_at_20=rng.random(40)) for _ in range(2))
    once = metric_difference(a, b, "ndcg@20")
    five_times = metric_difference(pool([a] * 5), pool([b] * 5), "ndcg@20")
    np.testing.assert_allclose(five_times, once)
