"""Runs that differ only in the seed: the mean of a metric, and its standard deviation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import mean, stdev, variance
from typing import Generic, Protocol, TypeVar

from recsys.evaluation.metrics import METRICS


class Measured(Protocol):
    """A run, or anything else that has metrics."""

    @property
    def metrics(self) -> Mapping[str, Mapping[str, float]]:
        """Part to metric to value."""

    def learns(self, task: str) -> bool:
        """Return whether a task was trained. Metrics of a task that was not are chance values."""


Member = TypeVar("Member", bound=Measured)


@dataclass(frozen=True)
class SeedGroup(Generic[Member]):
    """Runs, or others with metrics, that were trained with the same settings and different seeds.

    Attributes:
        members: one for each seed, in the order of the seeds; at least one.
    """

    members: tuple[Member, ...] = field(repr=False)

    def learns(self, task: str) -> bool:
        """Return whether a task was trained."""
        return self.members[0].learns(task)

    def is_trained_for(self, metric: str) -> bool:
        """Return whether the task of a metric was trained; else its values are chance values."""
        return self.learns(METRICS[metric].task)

    def values(self, part: str, metric: str) -> list[float]:
        """Return a metric of each member that has it."""
        found = [member.metrics.get(part, {}).get(metric) for member in self.members]
        return [value for value in found if value is not None]

    def mean(self, part: str, metric: str) -> float | None:
        """Return a metric's mean over the seeds; None where no member has it."""
        values = self.values(part, metric)
        return mean(values) if values else None

    def trained_values(self, part: str, metric: str) -> list[float]:
        """Return `values`; none where the metric's task was not trained."""
        return self.values(part, metric) if self.is_trained_for(metric) else []

    def trained_mean(self, part: str, metric: str) -> float | None:
        """Return the mean of `trained_values`, None where there are none."""
        values = self.trained_values(part, metric)
        return mean(values) if values else None

    def deviation(self, part: str, metric: str) -> float | None:
        """Return a metric's standard deviation over the seeds; None for fewer than two."""
        values = self.values(part, metric)
        return stdev(values) if len(values) > 1 else None


def pooled_deviation(groups: Iterable[list[float]]) -> float:
    """Return the standard deviation over the seeds, pooled over several groups of values.

    Groups with a single value are left out. If no group has several, the result is 0.
    """
    several = [values for values in groups if len(values) > 1]
    if not several:
        return 0.0
    squares = sum((len(values) - 1) * variance(values) for values in several)
    return sqrt(squares / sum(len(values) - 1 for values in several))
