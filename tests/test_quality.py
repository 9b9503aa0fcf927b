"""Quality must not fall: one real training of the default model on MovieLens 100K.

The bounds are loose; the figures themselves come from `make bench`. The split is neither one
on which hyperparameters were chosen nor one that the benchmark reports.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from recsys.baselines import most_popular, user_movie_bias
from recsys.config import make_config
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.metrics import METRICS
from recsys.experiment import split_for
from recsys.model.training import train

Metrics = dict[str, float]
ON_SPLIT = {"holdout": 0.2, "validation": 0.0, "split_seed": 7}
FEW_EPOCHS = 3  # enough for each task to be far from its initial figures

BOUNDS = {"ndcg@20": 0.437, "recall@20": 0.357, "top_k_accuracy@100": 0.625, "rmse": 0.893}
# How much better than the trivial model the default must be: about two thirds of its measured gain.
MARGINS = {"ndcg@20": 0.17, "recall@20": 0.14, "top_k_accuracy@100": 0.15, "rmse": 0.045}


@pytest.fixture(scope="module")
def split(movielens_100k: Dataset) -> Split:
    return split_for(make_config(ON_SPLIT), movielens_100k)


@pytest.fixture(scope="module")
def trained(split: Split) -> Callable[..., Metrics]:
    """Train the default with some fields changed; return its metrics on the holdout."""

    def metrics(**fields: Any) -> Metrics:
        return evaluate(train(make_config(ON_SPLIT | fields), split).scorer, split, "holdout")

    return metrics


@pytest.fixture(scope="module")
def default(trained: Callable[..., Metrics]) -> Metrics:
    return trained()


@pytest.fixture(scope="module")
def trivial(split: Split) -> Metrics:
    """The metrics of most popular for retrieval, and of user + movie bias for ratings."""
    popular, bias = most_popular(split), user_movie_bias(split)
    return evaluate(popular, split, "holdout") | evaluate(bias, split, "holdout")


@pytest.mark.parametrize("name", BOUNDS)
def test_default_reaches_its_bound(default: Metrics, name: str) -> None:
    if METRICS[name].higher_is_better:
        assert default[name] >= BOUNDS[name]
    else:
        assert default[name] <= BOUNDS[name]


@pytest.mark.parametrize("name", MARGINS)
def test_default_is_far_ahead_of_trivial_models(
    default: Metrics, trivial: Metrics, name: str
) -> None:
    sign = 1 if METRICS[name].higher_is_better else -1
    assert sign * (default[name] - trivial[name]) >= MARGINS[name]


def test_without_rating_weight_ratings_are_no_better_than_the_middle_of_the_scale(
    trained: Callable[..., Metrics], split: Split, trivial: Metrics
) -> None:
    end = trained(rating_weight=0, epochs=FEW_EPOCHS)
    errors = split.holdout.ratings - np.mean(split.rating_scale)
    assert end["rmse"] >= np.sqrt(np.mean(errors**2)) - 0.005
    assert end["mae"] >= np.mean(np.abs(errors)) - 0.005
    assert end["ndcg@20"] > trivial["ndcg@20"] + 0.1  # while the other task is learnt


def test_without_retrieval_weight_and_sharing_the_ranking_is_no_better_than_chance(
    trained: Callable[..., Metrics], split: Split
) -> None:
    end = trained(retrieval_weight=0, sharing="none", epochs=FEW_EPOCHS)
    chance = 100 / split.n_movies  # 0.06; popularity gets 0.41
    assert end["top_k_accuracy@100"] <= 2 * chance
    assert end["rmse"] < 1.0  # while the other task is learnt: the mean rating alone gets 1.13
