import numpy as np
import pytest

from recsys.movie_map.planes import align, principal_plane, turned

# Long in the first direction, shorter in the third, flat in the second.
CROSS = np.array([[3.0, 1, 0], [-3, 1, 0], [0, 1, 1], [0, 1, -1]])
QUARTER = np.array([[0.0, 1], [-1, 0]])  # x goes to y
TRIANGLE = np.array([[0.0, 0], [2, 0], [0, 1]])


def test_plane_holds_the_two_directions_of_most_variance() -> None:
    plane = principal_plane(CROSS)
    np.testing.assert_allclose(plane.centre, [0, 1, 0])
    np.testing.assert_allclose(np.abs(plane.axes), [[1, 0, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(
        np.abs(plane.project(CROSS)), [[3, 0], [3, 0], [0, 1], [0, 1]], atol=1e-12
    )


def test_share_is_that_of_the_first_two_components() -> None:
    assert principal_plane(CROSS).share == pytest.approx(1)
    cube = np.vstack([np.diag([3.0, 2, 1]), -np.diag([3.0, 2, 1])])
    assert principal_plane(cube).share == pytest.approx((9 + 4) / (9 + 4 + 1))


def test_one_dimension_gives_a_line_and_equal_vectors_a_point() -> None:
    line = principal_plane(np.array([[1.0], [3]]))
    np.testing.assert_allclose(np.abs(line.project(np.array([[1.0], [3]]))), [[1, 0], [1, 0]])
    same = principal_plane(np.ones((3, 2)))
    assert same.share == 0
    np.testing.assert_allclose(same.project(np.ones((3, 2))), np.zeros((3, 2)), atol=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_turned_plane_has_one_value_to_the_right_and_the_other_upwards(sign: int) -> None:
    right, up = np.array([0.0, 0, 1, -1]), np.array([sign, -sign, 0, 0.0])
    plane = turned(principal_plane(CROSS), CROSS, right, up)
    expected = [[0, 3 * sign], [0, -3 * sign], [1, 0], [-1, 0]]
    np.testing.assert_allclose(plane.project(CROSS), expected, atol=1e-12)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)


def test_plane_without_a_direction_to_the_right_stays() -> None:
    plane = principal_plane(CROSS)
    same = turned(plane, CROSS, np.ones(4), plane.project(CROSS)[:, 1])
    np.testing.assert_allclose(same.axes, plane.axes)


@pytest.mark.parametrize("turn", [QUARTER, np.diag([1.0, -1])], ids=["rotation", "reflection"])
def test_turned_scaled_and_shifted_points_are_carried_back(turn: np.ndarray) -> None:
    moved = 2 * TRIANGLE @ turn + [5, 7]
    found = align(moved, TRIANGLE)
    np.testing.assert_allclose(found.apply(moved), TRIANGLE, atol=1e-12)
    np.testing.assert_allclose(found.rotation, turn.T, atol=1e-12)
    assert found.scale == pytest.approx(0.5)
    assert found.agreement == pytest.approx(1)


def test_alignment_of_some_points_carries_others_along() -> None:
    moved = TRIANGLE @ QUARTER
    found = align(moved, TRIANGLE)
    np.testing.assert_allclose(found.apply(np.array([[4.0, 6]]) @ QUARTER), [[4, 6]], atol=1e-12)


def test_vectors_of_different_lengths_are_filled_up() -> None:
    wide = np.column_stack([TRIANGLE @ QUARTER, np.zeros(3)])
    np.testing.assert_allclose(align(TRIANGLE, wide).apply(TRIANGLE), wide, atol=1e-12)
    onto = align(wide, TRIANGLE).apply(wide)
    np.testing.assert_allclose(onto[:, :2], TRIANGLE, atol=1e-12)
    np.testing.assert_allclose(onto[:, 2], 0, atol=1e-12)


def test_clouds_that_have_nothing_in_common_do_not_agree() -> None:
    square = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    crossed = np.array([[1.0, 1], [-1, -1], [-1, -1], [1, 1]])
    assert align(square, crossed).agreement == pytest.approx(0)
    assert align(np.ones((3, 2)), TRIANGLE).agreement == 0
