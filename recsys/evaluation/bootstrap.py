"""Whether a difference between two models is more than chance: the paired bootstrap over users.

Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), 13.3; for pairs of systems:
Sakai, Evaluating evaluation metrics based on the bootstrap (2006).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recsys.evaluation.evaluate import COUNTS, USERS, Table
from recsys.evaluation.metrics import METRICS

# Users drawn in one chunk of resamples (8 MB): counting is three times faster within the cache.
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


@dataclass(frozen=True, eq=False)
class Resampled:
    """A model's metrics over all its users, and over resampled users.

    Attributes:
        users: codes [n_users].
        counts: their ratings [n_users].
        figures: metric to its value over all users.
        draws: metric to its values over the resamples, [resamples].
    """

    users: np.ndarray
    counts: np.ndarray
    figures: dict[str, float]
    draws: dict[str, np.ndarray]


def resample(table: Table, *, resamples: int = 2000, seed: int = 0) -> Resampled:
    """Return the metrics of a table over resampled users.

    Each resample draws as many users as there are, with replacement. The draws depend only on the
    number of users and the seed, so two models with the same users get the same draws. Each model
    is therefore resampled once, and `paired_difference` compares any two of them.

    Raises:
        ValueError: the table has no users.
    """
    users, counts = table[USERS], table[COUNTS]
    if not len(users):
        raise ValueError("0 users: a bootstrap needs at least one")
    averages = {name: METRICS[name].average for name in METRICS if name in table}
    columns = [
        (np.square(table[name]) if average == "squares" else table[name])
        * (1 if average == "users" else counts)
        for name, average in averages.items()
    ]
    stacked = np.column_stack([*columns, np.ones(len(users)), counts]).astype(np.float64)
    # float64 on both sides, so that NumPy multiplies with BLAS.
    chunks = [
        drawn.astype(np.float64) @ stacked for drawn in _times_drawn(len(users), resamples, seed)
    ]
    sums = np.concatenate([stacked.sum(axis=0, keepdims=True), *chunks])
    figures, draws = {}, {}
    for column, (name, average) in enumerate(averages.items()):
        values = sums[:, column] / sums[:, -2 if average == "users" else -1]
        values = np.sqrt(values) if average == "squares" else values
        figures[name], draws[name] = float(values[0]), values[1:]
    return Resampled(users, counts, figures, draws)


def paired_difference(a: Resampled, b: Resampled, metric: str) -> Difference:
    """Return a - b in one metric, with its 95 % percentile interval over the resamples.

    Raises:
        ValueError: the two do not have the same users and ratings.
    """
    if not (np.array_equal(a.users, b.users) and np.array_equal(a.counts, b.counts)):
        raise ValueError(f"{metric}: the two models do not have the same users and ratings")
    low, high = np.percentile(a.draws[metric] - b.draws[metric], [2.5, 97.5])
    return Difference(a.figures[metric] - b.figures[metric], float(low), float(high))


def pool(tables: list[Table]) -> Table:
    """Return one table from those of several splits or seeds, so that each user is in it once.

    The same user is in every split, so the values of one user are not independent: the bootstrap
    must draw them together. A user's value is the mean over the splits that hold out ratings of
    that user; for averages over interactions it is weighted by their number. The user's count is
    the sum. The metric of the pooled table is then the mean over the splits, except where a user
    has no held-out ratings in some split, and except RMSE, which is the root of the mean square.
    """
    users, owners = np.unique(
        np.concatenate([table[USERS] for table in tables]), return_inverse=True
    )
    counts = np.concatenate([table[COUNTS] for table in tables])
    pooled = {USERS: users, COUNTS: np.bincount(owners, counts).astype(np.int64)}
    for name in METRICS.keys() & tables[0].keys():
        values = np.concatenate([table[name] for table in tables])
        average = METRICS[name].average
        weights = np.ones(len(values)) if average == "users" else counts
        if average == "squares":
            values = np.square(values)
        means = np.bincount(owners, values * weights) / np.bincount(owners, weights)
        pooled[name] = np.sqrt(means) if average == "squares" else means
    return pooled


def _times_drawn(n: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how often each of `n` users is drawn, in chunks [m, n] of the resamples."""
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK_DRAWS // n)
    for start in range(0, resamples, size):
        m = min(size, resamples - start)
        cells = rng.integers(n, size=(m, n)) + n * np.arange(m)[:, None]
        yield np.bincount(cells.ravel(), minlength=m * n).reshape(m, n)
