"""The Pareto front of a trade-off: the points that no other point dominates."""

from collections.abc import Sequence

import numpy as np


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of the points on the Pareto front, the highest first value first.

    A point dominates another one if it is at least as good in both values and better in one.
    Equal points do not dominate each other: all of them are on the front.

    Args:
        points: two values each; higher is better in both.
    """
    front: list[int] = []
    best = -np.inf  # the highest second value so far
    ordered = sorted(range(len(points)), key=lambda i: (-points[i][0], -points[i][1]))
    for i in ordered:
        first, second = points[i]
        same = front and points[front[-1]] == (first, second)
        if second > best or same:
            front.append(i)
            best = max(best, second)
    return front


def hypervolume(points: Sequence[tuple[float, float]], reference: tuple[float, float]) -> float:
    """Return the area that the points dominate, as far as it is better than the reference.

    It measures a whole front: it grows with every point that no other one dominates (Zitzler and
    Thiele 1998, "Multiobjective optimization using evolutionary algorithms").

    Args:
        points: two values each; higher is better in both.
        reference: the worst values that count.
    """
    area, reached = 0.0, reference[1]
    for at in pareto_front(points):  # the second value grows, the first one falls
        first, second = points[at]
        if first > reference[0] and second > reached:
            area += (first - reference[0]) * (second - reached)
            reached = second
    return area
