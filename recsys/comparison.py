"""Whether one model is better than another in a metric, in a word."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import variance

from recsys.bootstrap import Difference, Resampled, paired_difference, pool, resample
from recsys.evaluation import COUNTS, Table
from recsys.metrics import METRICS, average

BETTER, WORSE, NOT_DISTINGUISHABLE = "better", "worse", "not distinguishable"


@dataclass(frozen=True)
class Compared:
    """How a model stands to another in one metric.

    Attributes:
        difference: model - other, with its 95 % interval over users.
        verdict: `better`, `worse` or `not distinguishable`.
    """

    difference: Difference
    verdict: str


@dataclass(frozen=True, eq=False)
class Measured:
    """A model's figures, trained with one seed or several.

    Attributes:
        seeds: metric to the figure of each seed.
        resampled: the figures over resampled users, of each user's mean over the seeds.
    """

    seeds: dict[str, list[float]]
    resampled: Resampled


def measure(tables: Sequence[Table]) -> Measured:
    """Return the figures of each seed's metrics per user, as `per_user_metrics` makes them."""
    shared = [name for name in METRICS if all(name in table for table in tables)]
    return Measured(
        {name: [figure(table, name) for table in tables] for name in shared},
        resample(seeds_table(tables)),
    )


def compare(
    model: Measured, other: Measured, metric: str, *, deviation: float | None = None
) -> Compared:
    """Return whether a model is better or worse than another in a metric that both have.

    Two conditions must hold for that: the 95 % interval of the difference, a paired bootstrap over
    users, leaves out 0; and the difference of the means is larger than `seed_noise`. The first is
    about the choice of users, the second about the chance in training.

    Args:
        model: one of the two.
        other: what it is compared with.
        metric: as in `recsys.metrics.METRICS`.
        deviation: the metric's standard deviation over seeds, where more than these two are known.

    Raises:
        ValueError: they are not of the same users and ratings.
    """
    difference = paired_difference(model.resampled, other.resampled, metric)
    noise = seed_noise(model.seeds[metric], other.seeds[metric], deviation)
    if not difference.is_distinguishable or abs(difference.difference) <= noise:
        return Compared(difference, NOT_DISTINGUISHABLE)
    is_better = METRICS[metric].upward(difference.difference) > 0
    return Compared(difference, BETTER if is_better else WORSE)


def figure(table: Table, metric: str) -> float:
    """Return a metric's figure over all users of a table."""
    return average(metric, table[metric], table[COUNTS])


def seeds_table(tables: Sequence[Table]) -> Table:
    """Return each user's mean over the seeds.

    All seeds hold out the same ratings, which count once: sides may differ in how many seeds they
    have.
    """
    if len(tables) == 1:
        return tables[0]
    return pool(list(tables)) | {COUNTS: tables[0][COUNTS]}


def seed_noise(a: Sequence[float], b: Sequence[float], deviation: float | None = None) -> float:
    """Return twice the standard error of the difference of two means over seeds.

    With one seed on a side it is not known, and 0 is returned, unless the standard deviation is.

    Args:
        a: a metric of each seed.
        b: the same of the other side.
        deviation: the standard deviation over seeds; by default that of each side.
    """
    if deviation is not None:
        return 2 * deviation * sqrt(1 / len(a) + 1 / len(b))
    if min(len(a), len(b)) < 2:
        return 0.0
    return 2 * sqrt(variance(a) / len(a) + variance(b) / len(b))
