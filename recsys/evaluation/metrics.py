"""The metrics on arrays: one value per user, and how these values are averaged.

Ranking metrics take the ranks of the relevant movies: `ranks` [n_rows], float, from 1, with `inf`
for a movie that was not retrieved; and `owners` [n_rows], the position 0 … n_users - 1 of the user
each row belongs to. Every user has at least one row. Rating metrics take `errors` [n_rows] in
stars. All return float64 [n_users].
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan, nan
from typing import Literal

import numpy as np

from recsys.evaluation.beyond_accuracy import LIST_LENGTH

CUTOFFS = (10, 20, 100)
ACCURACY_CUTOFFS = (1, 5, 10, 50, 100)


@dataclass(frozen=True)
class Metric:
    """The definition of a metric.

    Attributes:
        task: the task it measures.
        label: its name on the pages and in tables.
        average: how the users' values are averaged: over `users`; over `interactions`, where each
            user is weighted by the number of their ratings; as the root of the mean of `squares`
            over interactions; over users with `liked` held-out movies; or over `hits`, where each
            user is weighted by the number of their held-out movies in the top 20.
        explanation: one sentence.
        higher_is_better: False for errors and for the Gini coefficient.
    """

    task: Literal["retrieval", "rating"]
    label: str
    average: Literal["users", "interactions", "squares", "liked", "hits"]
    explanation: str
    higher_is_better: bool = True

    @property
    def unit(self) -> str:
        """`stars`, or the empty string for figures from 0 to 1."""
        return "stars" if self.task == "rating" else ""

    def upward(self, value: float) -> float:
        """Return the value, negated if lower is better: a larger result is always better."""
        return value if self.higher_is_better else -value

    def best(self, values: Iterable[float]) -> float | None:
        """Return the best of the values, without NaN; None if there is none."""
        known = [value for value in values if not isnan(value)]
        return max(known, key=self.upward, default=None)


METRICS: dict[str, Metric] = {
    "rmse": Metric(
        "rating",
        "RMSE",
        "squares",
        "Root mean squared error of the predicted ratings, in stars: large errors weigh more.",
        higher_is_better=False,
    ),
    "mae": Metric(
        "rating",
        "MAE",
        "interactions",
        "Mean absolute error of the predicted ratings, in stars.",
        higher_is_better=False,
    ),
    **{
        f"recall@{k}": Metric(
            "retrieval",
            f"Recall@{k}",
            "users",
            f"Share of a user's held-out movies that rank in the top {k}, averaged over users.",
        )
        for k in CUTOFFS
    },
    **{
        f"ndcg@{k}": Metric(
            "retrieval",
            f"NDCG@{k}",
            "users",
            f"Normalised discounted cumulative gain of the top {k}: held-out movies count more the "
            "higher they rank. The ideal order has 1. Averaged over users.",
        )
        for k in CUTOFFS
    },
    f"ndcg_liked@{LIST_LENGTH}": Metric(
        "retrieval",
        f"NDCG liked@{LIST_LENGTH}",
        "liked",
        f"NDCG@{LIST_LENGTH} where only movies that the user liked count: held-out movies with 4 "
        "of 5 stars or more. Averaged over users who liked any.",
    ),
    f"disappointments@{LIST_LENGTH}": Metric(
        "retrieval",
        f"Disappointments@{LIST_LENGTH}",
        "hits",
        f"Of all held-out movies in users' top {LIST_LENGTH}, the share that the user gave 2 of 5 "
        "stars or less.",
        higher_is_better=False,
    ),
    "mrr": Metric(
        "retrieval",
        "MRR",
        "users",
        "Mean reciprocal rank: 1 / rank of the user's first held-out movie, averaged over users.",
    ),
    **{
        f"top_k_accuracy@{k}": Metric(
            "retrieval",
            f"Top-{k} accuracy",
            "interactions",
            f"Share of all held-out ratings whose movie ranks in the user's top {k}.",
        )
        for k in ACCURACY_CUTOFFS
    },
    "top_k_accuracy_with_seen@100": Metric(
        "retrieval",
        "Top-100 accuracy, with seen movies",
        "interactions",
        "Top-100 accuracy where the user's seen movies are candidates too.",
    ),
    f"coverage@{LIST_LENGTH}": Metric(
        "retrieval",
        f"Coverage@{LIST_LENGTH}",
        "users",
        f"Share of all movies that are in the top {LIST_LENGTH} of at least one user.",
    ),
    f"gini@{LIST_LENGTH}": Metric(
        "retrieval",
        f"Gini@{LIST_LENGTH}",
        "users",
        f"Gini coefficient of how often each movie is in a user's top {LIST_LENGTH}: 0 if all "
        "movies are equally often, close to 1 if a few movies fill all lists.",
        higher_is_better=False,
    ),
    f"novelty@{LIST_LENGTH}": Metric(
        "retrieval",
        f"Novelty@{LIST_LENGTH}",
        "users",
        f"How little known the user's top {LIST_LENGTH} movies are: the mean share of users who "
        "have not rated them in train.",
    ),
    f"diversity@{LIST_LENGTH}": Metric(
        "retrieval",
        f"Diversity@{LIST_LENGTH}",
        "users",
        f"Mean distance between the genres of two movies in the user's top {LIST_LENGTH} "
        "(1 - cosine): 0 if all have the same genres, 1 if no two share a genre.",
    ),
    "calibration_error": Metric(
        "rating",
        "Calibration error",
        "users",
        "Ratings are put in ten groups by their prediction. The error is the mean absolute "
        "difference between a group's mean prediction and its mean rating, in stars.",
        higher_is_better=False,
    ),
}
# The formulas of these are in `recsys.evaluation.beyond_accuracy`.
LIST_METRICS = tuple(
    f"{name}@{LIST_LENGTH}" for name in ("coverage", "gini", "novelty", "diversity")
)
BEYOND_ACCURACY = (*LIST_METRICS, "calibration_error")


def recall(ranks: np.ndarray, owners: np.ndarray, k: int) -> np.ndarray:
    """Return recall@k: the relevant movies in the top k / all relevant movies of the user.

    Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), 8.3.
    """
    return _mean_per_user(ranks <= k, owners)


def ndcg(ranks: np.ndarray, owners: np.ndarray, k: int) -> np.ndarray:
    """Return NDCG@k: DCG / the DCG of the best possible order; a relevant movie's gain is 1.

    DCG = Σ 1 / log2(1 + rank) over ranks up to k; the ideal one has min(k, n) movies on top.
    Source: Järvelin, Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002), with the
    discount of Burges et al. (2005).
    """
    gains = np.where(ranks <= k, 1 / np.log2(1 + ranks), 0.0)
    ideal = np.cumsum(1 / np.log2(1 + np.arange(1, k + 1)))
    relevant = np.bincount(owners)
    result: np.ndarray = np.bincount(owners, gains) / ideal[np.minimum(relevant, k) - 1]
    return result


def reciprocal_rank(ranks: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return 1 / the rank of the user's first relevant movie; its mean over users is the MRR.

    Source: Voorhees, The TREC-8 Question Answering Track Report (1999).
    """
    first = np.full(owners.max(initial=-1) + 1, np.inf)
    np.minimum.at(first, owners, ranks)
    reciprocal: np.ndarray = 1 / first
    return reciprocal


def top_k_accuracy(ranks: np.ndarray, owners: np.ndarray, k: int) -> np.ndarray:
    """Return the share of the user's interactions whose movie ranks in the top k.

    Each user's value is recall@k, but the average is over interactions, as in TFRS's
    `FactorizedTopK` ("top-k categorical accuracy").
    """
    return recall(ranks, owners, k)


def rmse(errors: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the root of the user's mean squared error, in stars."""
    roots: np.ndarray = np.sqrt(_mean_per_user(np.square(errors), owners))
    return roots


def mae(errors: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Return the user's mean absolute error, in stars."""
    return _mean_per_user(np.abs(errors), owners)


def rating_errors(
    predicted: np.ndarray, given: np.ndarray, scale: tuple[float, float]
) -> np.ndarray:
    """Return predicted - given, float64 [n] in stars, with predictions clipped to the scale.

    NaN counts as the end of the scale that is further from the given rating.
    """
    low, high = scale
    furthest = np.where(given > (low + high) / 2, low, high)
    errors: np.ndarray = np.clip(predicted, low, high).astype(np.float64) - given
    unknown = np.isnan(errors)
    errors[unknown] = furthest[unknown] - given[unknown]
    return errors


def average(name: str, values: np.ndarray, counts: np.ndarray) -> float:
    """Return metric `name` over all users.

    Args:
        name: as in `METRICS`.
        values: [n_users], the metric's value for each user; anything where the count is 0.
        counts: [n_users], the weight of each user: how many ratings or hits they have, or whether
            they have liked movies. Without effect on averages over `users`.

    Returns:
        The average; NaN if no user counts.
    """
    how = METRICS[name].average
    if how == "users":
        return float(values.mean())
    if not counts.any():
        return nan
    values = np.where(counts > 0, values, 0.0)
    if how == "squares":
        return float(np.sqrt(np.average(np.square(values), weights=counts)))
    return float(np.average(values, weights=counts))


def _mean_per_user(values: np.ndarray, owners: np.ndarray) -> np.ndarray:
    means: np.ndarray = np.bincount(owners, values) / np.bincount(owners)
    return means
