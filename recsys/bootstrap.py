"""Whether a difference between two runs is more than chance: the paired bootstrap over users."""

from typing import NamedTuple

import numpy as np

from recsys.evaluation import COUNTS, USERS
from recsys.metrics import METRICS

# Users drawn in one chunk of resamples (8 MB): what fits the cache is counted three times faster.
_CHUNK_DRAWS = 1_000_000


class Difference(NamedTuple):
    """A difference a - b and its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def is_distinguishable(self) -> bool:
        """Whether the interval leaves out 0."""
        return not self.low <= 0 <= self.high


def paired_bootstrap(
    a: np.ndarray,
    b: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    root: bool = False,
    resamples: int = 2000,
    seed: int = 0,
) -> Difference:
    """Return mean(a) - mean(b) with its 95 % percentile interval over resampled users.

    Each resample draws as many users as there are, with replacement, the same ones for both sides.
    Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), 13.3; for pairs of systems:
    Sakai, Evaluating evaluation metrics based on the bootstrap (2006).

    Args:
        a: [n_users], one side's value for each user.
        b: [n_users], the other side's values for the same users.
        weights: [n_users], how much each user counts in the means; alike by default.
        root: whether to compare the square roots of the means instead.
        resamples: how many.
        seed: of the draws.

    Raises:
        ValueError: there are no users, or not the same number on both sides.
    """
    n = len(a)
    if n == 0 or len(b) != n:
        raise ValueError(
            f"{n} and {len(b)} users: a paired bootstrap needs the same users, and any"
        )
    shares = np.ones(n) if weights is None else weights.astype(np.float64)
    columns = np.column_stack([a * shares, b * shares, shares])

    def differences(sums: np.ndarray) -> np.ndarray:  # [m, 3] -> [m]
        means = sums[:, :2] / sums[:, 2:]
        figures: np.ndarray = np.sqrt(means) if root else means
        result: np.ndarray = figures[:, 0] - figures[:, 1]
        return result

    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK_DRAWS // n)
    sums = []
    for start in range(0, resamples, size):
        m = min(size, resamples - start)
        cells = rng.integers(n, size=(m, n)) + n * np.arange(m)[:, None]
        times_drawn = np.bincount(cells.ravel(), minlength=m * n).reshape(m, n)
        sums.append(times_drawn @ columns)
    low, high = np.percentile(differences(np.concatenate(sums)), [2.5, 97.5])
    (difference,) = differences(columns.sum(axis=0, keepdims=True))
    return Difference(float(difference), float(low), float(high))


def metric_difference(
    a: dict[str, np.ndarray],
    b: dict[str, np.ndarray],
    metric: str,
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> Difference:
    """Return the difference in one metric of two tables that `per_user_metrics` made.

    The users' values are averaged as the metric's figure is, so that the difference is that of the
    two figures `evaluate` gives.

    Raises:
        ValueError: the tables are not of the same users and ratings.
    """
    if not (np.array_equal(a[USERS], b[USERS]) and np.array_equal(a[COUNTS], b[COUNTS])):
        raise ValueError(f"{metric}: the two tables are not of the same users and ratings")
    average = METRICS[metric].average
    squares = average == "squares"
    return paired_bootstrap(
        np.square(a[metric]) if squares else a[metric],
        np.square(b[metric]) if squares else b[metric],
        weights=None if average == "users" else a[COUNTS],
        root=squares,
        resamples=resamples,
        seed=seed,
    )
