"""Whether a difference between two runs is more than chance: the paired bootstrap over users."""

from collections.abc import Iterator
from dataclasses import dataclass
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

    sums = np.concatenate([drawn @ columns for drawn in _times_drawn(n, resamples, seed)])
    low, high = np.percentile(differences(sums), [2.5, 97.5])
    (difference,) = differences(columns.sum(axis=0, keepdims=True))
    return Difference(float(difference), float(low), float(high))


def _times_drawn(n: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how often each of `n` users is drawn, in chunks [m, n] of the resamples."""
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK_DRAWS // n)
    for start in range(0, resamples, size):
        m = min(size, resamples - start)
        cells = rng.integers(n, size=(m, n)) + n * np.arange(m)[:, None]
        yield np.bincount(cells.ravel(), minlength=m * n).reshape(m, n)


@dataclass(frozen=True, eq=False)
class Resampled:
    """All of a model's figures over resampled users.

    The draws depend on the number of users only, so those of two models on the same users are
    pairs: each model is resampled once, whatever it is compared with.

    Attributes:
        users: codes [n_users].
        counts: their ratings [n_users].
        figures: metric to its figure over all users.
        draws: metric to its figures over the resamples, [resamples].
    """

    users: np.ndarray
    counts: np.ndarray
    figures: dict[str, float]
    draws: dict[str, np.ndarray]


def resample(table: dict[str, np.ndarray], *, resamples: int = 2000, seed: int = 0) -> Resampled:
    """Return the figures over resampled users of a table that `per_user_metrics` made.

    Raises:
        ValueError: there are no users.
    """
    users, counts = table[USERS], table[COUNTS]
    if not len(users):
        raise ValueError("0 users: a bootstrap needs any")
    names = [name for name in METRICS if name in table]
    how = [METRICS[name].average for name in names]
    columns = [
        (np.square(table[name]) if kind == "squares" else table[name])
        * (1 if kind == "users" else counts)
        for name, kind in zip(names, how, strict=True)
    ]
    stacked = np.column_stack([*columns, np.ones(len(users)), counts]).astype(np.float64)
    everybody = stacked.sum(axis=0, keepdims=True)
    # As floats, BLAS multiplies them.
    chunks = [
        drawn.astype(np.float64) @ stacked for drawn in _times_drawn(len(users), resamples, seed)
    ]
    figures, draws = {}, {}
    sums = np.concatenate([everybody, *chunks])
    for place, (name, kind) in enumerate(zip(names, how, strict=True)):
        values = sums[:, place] / sums[:, -2 if kind == "users" else -1]
        values = np.sqrt(values) if kind == "squares" else values
        figures[name], draws[name] = float(values[0]), values[1:]
    return Resampled(users, counts, figures, draws)


def resampled_difference(a: Resampled, b: Resampled, metric: str) -> Difference:
    """Return what `metric_difference` does, of two models that are resampled already.

    Raises:
        ValueError: they are not of the same users and ratings.
    """
    if not (np.array_equal(a.users, b.users) and np.array_equal(a.counts, b.counts)):
        raise ValueError(f"{metric}: the two are not of the same users and ratings")
    low, high = np.percentile(a.draws[metric] - b.draws[metric], [2.5, 97.5])
    return Difference(a.figures[metric] - b.figures[metric], float(low), float(high))


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
