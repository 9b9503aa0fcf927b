"""Verdicts: whether one model is better than another in a metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from statistics import variance

from recsys.evaluation.bootstrap import Difference, Resampled, paired_difference, pool, resample
from recsys.evaluation.evaluate import COUNTS, Table, average_metric
from recsys.evaluation.metrics import METRICS

BETTER, WORSE, NOT_DISTINGUISHABLE = "better", "worse", "not distinguishable"


@dataclass(frozen=True)
class Compared:
    """The comparison of a model with another one in one metric.

    Attributes:
        difference: model - other, with its 95 % interval over users.
        verdict: `better`, `worse` or `not distinguishable`.
    """

    difference: Difference
    verdict: str


@dataclass(frozen=True, eq=False)
class Measured:
    """The metrics of a model that was trained with one seed or several.

    Attributes:
        seeds: metric to its value for each seed.
        resampled: the metrics over resampled users; each user has their mean over the seeds.
    """

    seeds: dict[str, list[float]]
    resampled: Resampled


def measure(tables: Sequence[Table]) -> Measured:
    """Return the metrics of a model, from one table of `per_user_metrics` for each seed."""
    shared = [name for name in METRICS if all(name in table for table in tables)]
    seeds = {name: [average_metric(table, name) for table in tables] for name in shared}
    defined = {name: values for name, values in seeds.items() if not any(map(isnan, values))}
    return Measured(defined, resample(seeds_table(tables)))


def compare(
    model: Measured, other: Measured, metric: str, *, deviation: float | None = None
) -> Compared:
    """Compare a model with another one in a metric that both have.

    The verdict is `better` or `worse` if the 95 % interval of the difference (paired bootstrap over
    users) leaves out 0, and the difference of the means is larger than `seed_noise`. The interval
    covers the choice of users, the seed noise the randomness of training.

    Args:
        model: the model.
        other: the model it is compared with.
        metric: as in `recsys.evaluation.metrics.METRICS`.
        deviation: the metric's standard deviation over seeds, if it is known from more models than
            these two.

    Raises:
        ValueError: the two do not have the same users and ratings.
    """
    difference = paired_difference(model.resampled, other.resampled, metric)
    noise = seed_noise(model.seeds[metric], other.seeds[metric], deviation)
    if not difference.is_distinguishable or abs(difference.difference) <= noise:
        return Compared(difference, NOT_DISTINGUISHABLE)
    is_better = METRICS[metric].upward(difference.difference) > 0
    return Compared(difference, BETTER if is_better else WORSE)


def seeds_table(tables: Sequence[Table]) -> Table:
    """Return each user's mean over the seeds.

    All seeds hold out the same ratings, so these count once. Models with different numbers of
    seeds therefore stay comparable.
    """
    if len(tables) == 1:
        return tables[0]
    return pool(list(tables)) | {COUNTS: tables[0][COUNTS]}


def seed_noise(a: Sequence[float], b: Sequence[float], deviation: float | None = None) -> float:
    """Return twice the standard error of the difference of two means over seeds.

    It is 0 if one side has a single seed and `deviation` is not given: the noise is then unknown.

    Args:
        a: a metric's value for each seed of one model.
        b: the same for the other model.
        deviation: the standard deviation over seeds; by default each side's own.
    """
    if deviation is not None:
        return 2 * deviation * sqrt(1 / len(a) + 1 / len(b))
    if min(len(a), len(b)) < 2:
        return 0.0
    return 2 * sqrt(variance(a) / len(a) + variance(b) / len(b))
