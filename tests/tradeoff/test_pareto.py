import numpy as np
import pytest

from recsys.tradeoff.pareto import hypervolume, pareto_front


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


def test_hypervolume_of_steps_is_the_sum_of_their_areas():
    # (3, 1) dominates 3 x 1, (2, 2) adds 2 x 1, (1, 4) adds 1 x 2.
    points = [(1.0, 4.0), (3.0, 1.0), (2.0, 2.0)]
    assert hypervolume(points, (0.0, 0.0)) == pytest.approx(7.0)
    assert hypervolume([*points, (1.5, 1.5)], (0.0, 0.0)) == pytest.approx(7.0)
    assert hypervolume(points, (1.0, 1.0)) == pytest.approx(1.0)


def test_points_worse_than_the_reference_have_no_hypervolume():
    assert hypervolume([(-1.0, 5.0), (5.0, -1.0)], (0.0, 0.0)) == 0
    assert hypervolume([], (0.0, 0.0)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_hypervolume_is_the_share_of_random_places_that_are_dominated(seed):
    rng = np.random.default_rng(seed)
    points, places = rng.random((6, 2)), rng.random((40_000, 2))
    covered = (places[:, None] <= points[None]).all(axis=2).any(axis=1).mean()
    assert hypervolume([tuple(p) for p in points], (0.0, 0.0)) == pytest.approx(covered, abs=0.01)
