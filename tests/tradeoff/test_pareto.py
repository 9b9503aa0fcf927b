import numpy as np
import pytest

from recsys.tradeoff.pareto import pareto_front


def dominated(point, points):
    """Return whether a point is beaten: nowhere better, and somewhere worse, than another one."""
    return any(
        other[0] >= point[0] and other[1] >= point[1] and tuple(other) != tuple(point)
        for other in points
    )


@pytest.mark.parametrize("seed", range(20))
def test_front_is_what_nothing_dominates(seed):
    # Few values, so that there are ties in one figure and in both.
    points = np.random.default_rng(seed).integers(0, 8, size=(25, 2))
    front = pareto_front([tuple(map(float, point)) for point in points])
    assert set(front) == {i for i in range(25) if not dominated(points[i], points)}
    firsts = [points[i][0] for i in front]
    assert firsts == sorted(firsts, reverse=True)
    assert len(front) == len(set(front))


def test_front_of_one_point_is_that_point_and_of_none_nothing():
    assert pareto_front([(0.3, -0.9)]) == [0]
    assert pareto_front([]) == []


def test_front_of_points_that_are_all_the_same_is_all_of_them():
    assert sorted(pareto_front([(1.0, 2.0)] * 3)) == [0, 1, 2]
