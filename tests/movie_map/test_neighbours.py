import numpy as np
import pytest

from recsys.movie_map.neighbours import LayoutRequest, neighbour_layout, neighbours_kept
from recsys.movie_map.planes import align

GROUPS, SIZE = 3, 20


def groups() -> tuple[np.ndarray, np.ndarray]:
    """Return vectors in three well separated directions, and the group of each."""
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(GROUPS), SIZE)
    vectors = 10 * np.eye(8)[group] + random.normal(size=(GROUPS * SIZE, 8))
    return vectors.astype(np.float32), group


def layout(vectors, start, *, near_start=False, should_stop=lambda: False, on_progress=None):
    return neighbour_layout(
        vectors,
        start,
        near_start,
        on_progress=on_progress or (lambda share: None),
        should_stop=should_stop,
    )


@pytest.fixture(scope="module")
def start() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(GROUPS * SIZE, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def places(start: np.ndarray) -> np.ndarray:
    return layout(groups()[0], start)


def test_neighbours_are_together_though_they_started_apart(start, places) -> None:
    vectors, group = groups()
    assert places.shape == (GROUPS * SIZE, 2)
    nearest = np.square(places[:, None] - places[None]).sum(axis=-1)
    np.fill_diagonal(nearest, np.inf)
    assert (group[nearest.argmin(axis=1)] == group).all()
    assert neighbours_kept(vectors, places) > neighbours_kept(vectors, start) + 0.2


def test_same_request_gives_the_same_places(start, places) -> None:
    np.testing.assert_array_equal(layout(groups()[0], start), places)


def test_layout_of_the_same_vectors_stays_near_its_start(places) -> None:
    """Movies that have not moved in the model do not move on the second map."""
    near, free = (layout(groups()[0], places, near_start=one) for one in (True, False))
    assert align(near, places).agreement > 0.8
    assert align(near, places).agreement > align(free, places).agreement


def test_progress_grows_to_one(start) -> None:
    told: list[float] = []
    layout(groups()[0], start, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1, abs=0.1)


def test_stopped_layout_is_none(start) -> None:
    assert layout(groups()[0], start, should_stop=lambda: True) is None


def test_equal_and_zero_vectors_have_places(start) -> None:
    vectors = groups()[0]
    vectors[:5] = vectors[0]
    vectors[5:8] = 0
    assert np.isfinite(layout(vectors, start)).all()


def test_fewest_movies_have_a_layout() -> None:
    vectors, _ = groups()
    assert layout(vectors[:10], np.zeros((10, 2), "f4") + np.arange(10)[:, None]).shape == (10, 2)


def test_key_tells_requests_apart_and_equal_ones_not() -> None:
    vectors, _ = groups()
    start = vectors[:, :2]
    other = vectors.copy()
    other[3, 4] += 1
    requests = [
        LayoutRequest(vectors, start),
        LayoutRequest(other, start),
        LayoutRequest(vectors, start + 1),
        LayoutRequest(vectors, start, near_start=True),
    ]
    assert len({request.key for request in requests}) == 4
    assert LayoutRequest(vectors.copy(), start.astype(np.float64)).key == requests[0].key


def test_kept_is_one_for_a_map_without_loss_and_by_hand_otherwise() -> None:
    # On a circle the nearest by angle are the nearest in the plane.
    angles = np.linspace(0, 6, 40) ** 1.1
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    assert neighbours_kept(circle, circle) == 1
    # With four vectors, all three others are the nearest ones.
    assert neighbours_kept(circle[:4], circle[[3, 1, 0, 2]]) == 1
    # Twelve vectors, ten neighbours of eleven others: a map that swaps the farthest one for a near
    # one loses one of ten for that vector.
    assert 0.9 <= neighbours_kept(circle[:12], circle[np.random.default_rng(0).permutation(12)]) < 1


def test_kept_of_one_vector_is_nothing() -> None:
    assert neighbours_kept(np.ones((1, 3)), np.ones((1, 2))) == 0
