"""Vectors in the plane in which they differ most, and one cloud of vectors turned onto another."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through a cloud of vectors.

    Attributes:
        centre: the mean of the cloud, [d].
        axes: the directions of x and y, orthonormal, [2, d]; 0 where the cloud has fewer.
        share: the share of the cloud's variance that lies in the plane, 0-1.
    """

    centre: np.ndarray
    axes: np.ndarray
    share: float

    def project(self, vectors: np.ndarray) -> np.ndarray:
        """Return where vectors [n, d] lie in the plane, [n, 2]."""
        points: np.ndarray = (vectors - self.centre) @ self.axes.T
        return points


@dataclass(frozen=True, eq=False)
class Alignment:
    """A rotation or reflection, one scale and a shift that carry one cloud onto another.

    Attributes:
        centre: the mean of the first cloud, [d].
        rotation: orthogonal, [d, d].
        scale: the same in all directions; it makes the two clouds equally large.
        target: the mean of the second cloud, [d].
        agreement: the share of either cloud's variance that the other explains, 0-1.
    """

    centre: np.ndarray
    rotation: np.ndarray
    scale: float
    target: np.ndarray
    agreement: float

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        """Return vectors [n, d] of the first cloud in the frame of the second, [n, d]."""
        centred = _widened(vectors, len(self.rotation)) - self.centre
        moved: np.ndarray = self.scale * (centred @ self.rotation) + self.target
        return moved


def principal_plane(vectors: np.ndarray) -> Plane:
    """Return the plane of the first two principal components of vectors [n, d], d at least 1."""
    cloud = np.array(vectors, np.float64)
    centre = cloud.mean(axis=0)
    cloud -= centre
    # The same directions as of the cloud itself, which is long: [d, d] instead of [n, d].
    _, variance, directions = np.linalg.svd(cloud.T @ cloud)
    axes = np.zeros((2, cloud.shape[1]))
    axes[: min(2, len(directions))] = directions[:2]
    total = float(variance.sum())
    return Plane(centre, axes, float(variance[:2].sum() / total) if total else 0.0)


def turned(plane: Plane, vectors: np.ndarray, right: np.ndarray, up: np.ndarray) -> Plane:
    """Return the plane, turned so that `right` grows to the right and `up` upwards.

    Principal components have no sign, and two of about the same variance no fixed direction:
    without this, the map of a model that was trained again would be another one.

    Args:
        plane: of the vectors.
        vectors: [n, d].
        right: a value of each vector, [n].
        up: the same; it decides only which way round the plane is seen.
    """
    points = plane.project(vectors)
    along = points.T @ (right - right.mean())
    length = float(np.hypot(*along))
    x, y = along / length if length else (1.0, 0.0)
    turn = np.array([[x, y], [-y, x]])
    if (points @ turn[1]) @ (up - up.mean()) < 0:
        turn[1] *= -1
    return Plane(plane.centre, turn @ plane.axes, plane.share)


def align(vectors: np.ndarray, onto: np.ndarray) -> Alignment:
    """Return what carries vectors [n, d] onto others [n, e]; the shorter ones get zeros at the end.

    The rotation is that of the smallest squared distance, the orthogonal Procrustes problem:
    P. Schönemann 1966, Psychometrika 31. The smallest distance would also have a smaller scale, the
    smaller the less the two agree; a map of it would shrink. So the scale is that of equal size.
    """
    width = max(vectors.shape[1], onto.shape[1])
    first, second = (_widened(np.asarray(one, np.float64), width) for one in (vectors, onto))
    centre, target = first.mean(axis=0), second.mean(axis=0)
    first, second = first - centre, second - target
    left, lengths, right = np.linalg.svd(first.T @ second)
    own, other = np.square(first).sum(), np.square(second).sum()
    scale = np.sqrt(other / own) if own else 0.0
    agreement = lengths.sum() ** 2 / (own * other) if own and other else 0.0
    return Alignment(centre, left @ right, float(scale), target, float(agreement))


def _widened(vectors: np.ndarray, width: int) -> np.ndarray:
    return np.pad(vectors, ((0, 0), (0, width - vectors.shape[1])))
