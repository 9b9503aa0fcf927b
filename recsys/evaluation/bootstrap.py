"""Whether a difference between two models is more than chance: the paired bootstrap over users.

Source: Efron, Tibshirani, An Introduction to the Bootstrap (1993), 13.3; for pairs of systems:
Sakai, Evaluating evaluation metrics based on the bootstrap (2006).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from recsys.evaluation.evaluate import COUNTS, USERS, Table, weights
from recsys.evaluation.liked import HITS, LIKED
from recsys.evaluation.metrics import METRICS

# Users drawn in one chunk of resamples (8 MB): counting is three times faster within the cache.
_CHUNK_DRAWS = 1_000_000
# The draws of so many are kept (8 MB): drawing takes most of the time, and all models on the same
# data have the same draws.
_MOST_KEPT = 4_000_000


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
        draws: metric to its values over the resamples, [resamples]; NaN where it is not defined.
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
    own = {name: weights(table, name) for name in METRICS if name in table}
    own = {name: weight for name, weight in own.items() if weight.any()}
    columns = [_sums(table[name], weight, name) for name, weight in own.items()]
    # Metrics with the same average share their weights.
    shared = {METRICS[name].average: weight for name, weight in own.items()}
    stacked = np.column_stack([*columns, *shared.values()]).astype(np.float64)
    # float64 on both sides, so that NumPy multiplies with BLAS.
    chunks = [
        drawn.astype(np.float64) @ stacked for drawn in _times_drawn(len(users), resamples, seed)
    ]
    sums = np.concatenate([stacked.sum(axis=0, keepdims=True), *chunks])
    totals = dict(zip(shared, sums[:, len(columns) :].T, strict=True))
    figures, draws = {}, {}
    for column, name in zip(sums.T, own, strict=False):
        average = METRICS[name].average
        with np.errstate(invalid="ignore"):  # NaN where no user counts, e.g. none with hits
            values = column / totals[average]
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
    low, high = np.nanpercentile(a.draws[metric] - b.draws[metric], [2.5, 97.5])
    return Difference(a.figures[metric] - b.figures[metric], float(low), float(high))


def pool(tables: list[Table]) -> Table:
    """Return one table from those of several splits or seeds, so that each user is in it once.

    The same user is in every split, so the values of one user are not independent: the bootstrap
    must draw them together. A user's value is the mean over the splits that hold out ratings of
    that user; for averages over interactions or hits it is weighted by their number. The user's
    count is the sum. The metric of the pooled table is then the mean over the splits, except where
    a user has no held-out ratings in some split, and except RMSE, which is the root of the mean
    square.
    """
    users, owners = np.unique(
        np.concatenate([table[USERS] for table in tables]), return_inverse=True
    )
    counts = np.concatenate([table[COUNTS] for table in tables])
    pooled = {USERS: users, COUNTS: np.bincount(owners, counts).astype(np.int64)}
    for column in {LIKED, HITS} & tables[0].keys():
        values = np.concatenate([table[column] for table in tables])
        pooled[column] = np.bincount(owners, values).astype(np.int64)
    if LIKED in pooled:
        pooled[LIKED] = np.minimum(pooled[LIKED], 1)
    for name in METRICS.keys() & tables[0].keys():
        weight = np.concatenate([weights(table, name) for table in tables])
        sums = _sums(np.concatenate([table[name] for table in tables]), weight, name)
        with np.errstate(invalid="ignore"):  # NaN for users who do not count
            means = np.bincount(owners, sums) / np.bincount(owners, weight)
        pooled[name] = np.sqrt(means) if METRICS[name].average == "squares" else means
    return pooled


def _sums(values: np.ndarray, weight: np.ndarray, name: str) -> np.ndarray:
    """Return what each user adds to the sum of a metric, [n_users]; 0 for users without weight."""
    known = np.where(weight > 0, values, 0.0)
    sums: np.ndarray = (np.square(known) if METRICS[name].average == "squares" else known) * weight
    return sums


def _times_drawn(n: int, resamples: int, seed: int) -> Iterable[np.ndarray]:
    """Return how often each of `n` users is drawn, in chunks [m, n] of the resamples."""
    small = n * resamples <= _MOST_KEPT
    return _kept_draws(n, resamples, seed) if small else _draw(n, resamples, seed)


@lru_cache(maxsize=12)  # all users of a data set, and its groups of users and of movies
def _kept_draws(n: int, resamples: int, seed: int) -> tuple[np.ndarray, ...]:
    return tuple(chunk.astype(np.uint16) for chunk in _draw(n, resamples, seed))


def _draw(n: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK_DRAWS // n)
    for start in range(0, resamples, size):
        m = min(size, resamples - start)
        cells = rng.integers(n, size=(m, n)) + n * np.arange(m)[:, None]
        yield np.bincount(cells.ravel(), minlength=m * n).reshape(m, n)
