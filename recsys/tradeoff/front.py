"""What each task gains and loses along a front: the ratios of one way of sharing.

A task loses something at a ratio if it is measurably worse there than its yardstick. That is the
task trained alone, or, on a line of ratios, the task at its best ratio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from recsys.evaluation.comparison import BETTER, NOT_DISTINGUISHABLE, WORSE
from recsys.evaluation.metrics import METRICS, Metric

NEGLIGIBLE = 0.001  # one unit of the last digit shown: smaller differences are not visible
TASKS = ("retrieval", "rating")
OTHER = {"retrieval": "rating", "rating": "retrieval"}


class Point(NamedTuple):
    """One ratio that trains both tasks.

    Attributes:
        position: of the ratio, see `recsys.ratio.position_of`.
        retrieval: the retrieval metric.
        rating: the rating metric.
        retrieval_verdict: compared to the yardstick, see `recsys.evaluation.comparison.compare`.
        rating_verdict: the same for the other task.
    """

    position: float
    retrieval: float
    rating: float
    retrieval_verdict: str = NOT_DISTINGUISHABLE
    rating_verdict: str = NOT_DISTINGUISHABLE

    def value(self, task: str) -> float:
        """Return the metric of a task."""
        return self.retrieval if task == "retrieval" else self.rating

    def verdict(self, task: str) -> str:
        """Return the verdict on a task."""
        return self.retrieval_verdict if task == "retrieval" else self.rating_verdict


class Price(NamedTuple):
    """A stretch of the front along which one task gains and the other one pays.

    Attributes:
        gaining: the task that gains, `retrieval` or `rating`.
        start: where the stretch begins.
        end: where it ends.
        gain: of the gaining task, in its metric, above 0.
        loss: of the other task, in its metric, above 0.
    """

    gaining: str
    start: Point
    end: Point
    gain: float
    loss: float


@dataclass(frozen=True)
class Front:
    """The ratios of one way of sharing.

    Attributes:
        name: of the way of sharing, for people.
        points: by position.
        metrics: the retrieval and the rating metric.
        alone: the metric of each task trained alone; a task is left out where it is not known.
        is_line: whether one training gave all points; the yardstick is each task's best ratio.
        missing: how many trainings of the sweep are not there yet.
        overdone: the tasks that are measurably worse at the end of the front where their weight is
            highest than at their best ratio.
    """

    name: str
    points: Sequence[Point]
    metrics: tuple[str, str]
    alone: dict[str, float]
    is_line: bool = False
    missing: int = 0
    overdone: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        """Whether there is enough to conclude from: a complete sweep of two ratios or more."""
        return not self.missing and len(self.points) > 1

    def metric(self, task: str) -> Metric:
        """Return the metric that measures a task."""
        return METRICS[self.metrics[TASKS.index(task)]]

    def loses(self, point: Point, task: str) -> bool:
        """Return whether a task is measurably worse at a point than its yardstick.

        It never is where it is better than alone.
        """
        upward, alone = self.metric(task).upward, self.alone.get(task)
        better = alone is not None and upward(point.value(task)) >= upward(alone)
        return point.verdict(task) == WORSE and not better

    def gains(self, point: Point) -> dict[str, float]:
        """Return how much each task gains at a point over training alone, where measurable."""
        found = {}
        for task, alone in self.alone.items():
            upward = self.metric(task).upward
            gain = upward(point.value(task)) - upward(alone)
            if not self.is_line and point.verdict(task) == BETTER and gain > 0:
                found[task] = gain
        return found

    def best(self, task: str) -> Point:
        """Return the point that is best for a task."""
        return max(self.points, key=lambda point: self.metric(task).upward(point.value(task)))

    def turning(self, task: str) -> Point:
        """Return the point beyond which more weight makes a task worse, see `overdone`.

        It is the task's best point, or farther on the last free one that is better than the end.
        """
        ordered = self._towards(task)
        upward = self.metric(task).upward
        last_free = max(self.free, key=ordered.index, default=ordered[0])
        lost = upward(last_free.value(task)) - upward(ordered[-1].value(task))
        later = last_free if lost > NEGLIGIBLE else ordered[0]
        return max(self.best(task), later, key=ordered.index)

    def _towards(self, task: str) -> Sequence[Point]:
        """Return the points in the direction in which a task's weight grows."""
        return self.points if task == "rating" else self.points[::-1]

    @cached_property
    def free(self) -> Sequence[Point]:
        """The longest run of points at which neither task loses anything."""
        return _longest(
            self.points, [not any(self.loses(p, task) for task in TASKS) for p in self.points]
        )

    @cached_property
    def gaining(self) -> Point | None:
        """The free point at which the tasks gain most, relative to their values."""

        def total(point: Point) -> float:
            gains = self.gains(point)
            return sum(gain / (abs(self.alone[task]) or 1.0) for task, gain in gains.items())

        point = max(self.free, key=total, default=None)
        return point if point is not None and self.gains(point) else None

    @cached_property
    def price(self) -> Price | None:
        """What the task that still gains beyond the free points takes from the other one.

        Without free points: from the ratio that is best for one task to the one best for the other.
        """
        for gaining in ("rating", "retrieval"):
            price = self._price(gaining)
            if price is not None:
                return price
        return None

    def _price(self, gaining: str) -> Price | None:
        paying = OTHER[gaining]
        ordered = self._towards(gaining)
        free = [point for point in ordered if point in self.free]
        start, end = free[-1] if free else self.best(paying), self.best(gaining)
        gain, loss = self._gain(gaining, start, end), self._gain(paying, end, start)
        worth = min(gain, loss) > NEGLIGIBLE and ordered.index(start) < ordered.index(end)
        if worth and self.loses(end, paying):
            return Price(gaining, start, end, gain, loss)
        return None

    def _gain(self, task: str, start: Point, end: Point) -> float:
        upward = self.metric(task).upward
        return upward(end.value(task)) - upward(start.value(task))


def _longest(points: Sequence[Point], flags: Sequence[bool]) -> Sequence[Point]:
    """Return the longest run of flagged points, the first of equals."""
    best, start = range(0), 0
    for at, flag in enumerate([*flags, False]):
        if not flag:
            best = max(best, range(start, at), key=len)
            start = at + 1
    return points[best.start : best.stop]
