import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.evaluation import metrics

# Two users: the first has three relevant movies at ranks 1, 4 and none; the second one, at 2.
RANKS = np.array([4, 1, np.inf, 2])
OWNERS = np.array([0, 0, 0, 1])


def test_recall_counts_relevant_movies_in_the_top_k() -> None:
    np.testing.assert_allclose(metrics.recall(RANKS, OWNERS, 1), [1 / 3, 0])
    np.testing.assert_allclose(metrics.recall(RANKS, OWNERS, 3), [1 / 3, 1])
    np.testing.assert_allclose(metrics.recall(RANKS, OWNERS, 4), [2 / 3, 1])


def test_ndcg_divides_by_the_best_possible_order() -> None:
    gain = 1 / np.log2(np.arange(2, 7))  # of ranks 1 to 5
    expected = [(gain[0] + gain[3]) / gain[:3].sum(), gain[1] / gain[0]]
    np.testing.assert_allclose(metrics.ndcg(RANKS, OWNERS, 5), expected)


def test_ndcg_with_more_relevant_movies_than_k_has_an_ideal_of_k() -> None:
    gain = 1 / np.log2(np.arange(2, 7))
    np.testing.assert_allclose(metrics.ndcg(RANKS, OWNERS, 2), [gain[0] / gain[:2].sum(), gain[1]])


def test_ndcg_of_the_best_order_is_one() -> None:
    ranks = np.arange(1.0, 31)
    np.testing.assert_allclose(metrics.ndcg(ranks, np.zeros(30, int), 20), [1])


def test_reciprocal_rank_takes_the_first_relevant_movie() -> None:
    np.testing.assert_allclose(metrics.reciprocal_rank(RANKS, OWNERS), [1, 0.5])


def test_reciprocal_rank_without_any_retrieved_movie_is_zero() -> None:
    assert metrics.reciprocal_rank(np.array([np.inf]), np.array([0])) == [0]


def test_top_k_accuracy_averages_over_interactions_and_recall_over_users() -> None:
    values = metrics.top_k_accuracy(RANKS, OWNERS, 10)
    counts = np.bincount(OWNERS)
    assert metrics.average("top_k_accuracy@10", values, counts) == pytest.approx(3 / 4)
    assert metrics.average("recall@10", values, counts) == pytest.approx((2 / 3 + 1) / 2)


def test_rating_metrics_average_over_interactions() -> None:
    errors = np.array([1.0, -2.0, 0.0, 3.0])
    counts = np.bincount(OWNERS)
    rmse, mae = metrics.rmse(errors, OWNERS), metrics.mae(errors, OWNERS)
    np.testing.assert_allclose(rmse, [np.sqrt(5 / 3), 3])
    np.testing.assert_allclose(mae, [1, 3])
    assert metrics.average("rmse", rmse, counts) == pytest.approx(np.sqrt(14 / 4))
    assert metrics.average("mae", mae, counts) == pytest.approx(6 / 4)


def test_predictions_beyond_the_scale_are_clipped() -> None:
    predicted = np.array([7.0, -3.0, 2.5], np.float32)
    errors = metrics.rating_errors(predicted, np.array([4, 1, 3], np.float32), (0.5, 5.0))
    np.testing.assert_allclose(errors, [1, -0.5, -0.5])


def test_prediction_that_is_no_number_counts_as_the_worst() -> None:
    predicted = np.array([np.nan, np.nan], np.float32)
    errors = metrics.rating_errors(predicted, np.array([2, 5], np.float32), (1.0, 5.0))
    np.testing.assert_allclose(errors, [3, -4])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 200)), min_size=1, max_size=40))
def test_averages_over_users_equal_the_figures_over_all_rows(rows: list[tuple[int, int]]) -> None:
    users, values = (np.array(column) for column in zip(*rows, strict=True))
    _, owners, counts = np.unique(users, return_inverse=True, return_counts=True)
    accuracy = metrics.top_k_accuracy(values.astype(float), owners, 50)
    assert metrics.average("top_k_accuracy@50", accuracy, counts) == pytest.approx(
        np.mean(values <= 50)
    )
    rmse = metrics.rmse(values.astype(float), owners)
    assert metrics.average("rmse", rmse, counts) == pytest.approx(np.sqrt(np.mean(values**2.0)))


def test_every_metric_of_the_glossary_is_described() -> None:
    names = {"rmse", "mae", "mrr", "top_k_accuracy_with_seen@100"}
    names |= {f"{name}@{k}" for name in ("recall", "ndcg") for k in (10, 20, 100)}
    names |= {f"top_k_accuracy@{k}" for k in (1, 5, 10, 50, 100)}
    names |= {f"{name}@20" for name in ("coverage", "gini", "novelty", "diversity")}
    names |= {"calibration_error", "ndcg_liked@20", "disappointments@20"}
    errors = {"rmse", "mae", "calibration_error"}
    assert set(metrics.METRICS) == names
    assert set(metrics.BEYOND_ACCURACY) < names
    for name, metric in metrics.METRICS.items():
        assert metric.explanation.endswith(".")
        assert metric.higher_is_better == (name not in {*errors, "gini@20", "disappointments@20"})
        assert metric.unit == ("stars" if name in errors else "")
