"""The front of a trade-off: the points that no other one beats in both figures."""

from collections.abc import Sequence

import numpy as np


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of the points that are dominated by none, by falling first figure.

    A point dominates another one if it is at least as good in both figures and better in one.
    Equal points do not dominate each other: all of them are on the front.

    Args:
        points: two figures each, higher is better in both.
    """
    front: list[int] = []
    best = -np.inf  # second figure of all points with a higher first one
    ordered = sorted(range(len(points)), key=lambda i: (-points[i][0], -points[i][1]))
    for i in ordered:
        first, second = points[i]
        same = front and points[front[-1]] == (first, second)
        if second > best or same:
            front.append(i)
            best = max(best, second)
    return front
