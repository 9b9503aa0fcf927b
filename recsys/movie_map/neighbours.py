"""Layouts of vectors in two dimensions that keep neighbours together, and how many a map keeps."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NEIGHBOURS = 15  # that the layout keeps near a vector, where there are so many
FEWEST = 10  # vectors of which a layout by neighbours says anything
LEAST_DISTANCE = 0.1  # between neighbours in the layout; clusters are about 10 wide
FULL_RATE = 1.0
# With this rate a second model's movies stay where the first one's are, unless their neighbours are
# others. ML-100K, an end of a line beside its other end and its middle: each layout explains 39 and
# 65 % of the other's variance, at the full rate 10 and 17 %, and as many neighbours are kept.
NEAR_RATE = 0.02
SEED = 1
VERSION = 1  # raise it when the same request gives another layout
COUNTED = 10  # neighbours of a vector that may be kept
# Vectors whose neighbours are looked at: so many, and fewer where each one has to be compared with
# very many. The mean over the fewest is within about 3 %.
SAMPLED, FEWEST_SAMPLED = 500, 100
MOST_DISTANCES = 2_000_000


@dataclass(frozen=True, eq=False)
class LayoutRequest:
    """What a layout depends on.

    Attributes:
        vectors: [n, d], n at least FEWEST.
        start: where the vectors are at the beginning, [n, 2].
        near_start: whether they are to stay near it.
    """

    vectors: np.ndarray
    start: np.ndarray
    near_start: bool = False

    @property
    def key(self) -> str:
        """A short hash of it."""
        digest = hashlib.sha256(f"{VERSION} {self.near_start} {self.vectors.shape}".encode())
        for array in (self.vectors, self.start):
            digest.update(np.ascontiguousarray(array, np.float32).tobytes())
        return digest.hexdigest()[:16]


def neighbour_layout(
    vectors: np.ndarray,
    start: np.ndarray,
    near_start: bool,
    *,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> np.ndarray | None:
    """Return places for vectors, [n, 2], such that the nearest by cosine are near each other.

    UMAP, McInnes et al. 2018, arXiv 1802.03426. The same request gives the same places.

    Args:
        vectors: of LayoutRequest, like the next two.
        start: of LayoutRequest.
        near_start: of LayoutRequest.
        on_progress: is told the share of the epochs that are done, 0-1.
        should_stop: is asked several times a second.

    Returns:
        The places, or None if it was stopped.
    """
    from umap import UMAP  # seconds, and it imports TensorFlow: never in the server

    watched = _Watched(on_progress, should_stop)
    reducer = UMAP(
        n_neighbors=min(NEIGHBOURS, len(vectors) - 1),
        min_dist=LEAST_DISTANCE,
        metric="cosine",
        init=np.asarray(start, np.float32),
        learning_rate=NEAR_RATE if near_start else FULL_RATE,
        random_state=SEED,
        n_jobs=1,  # with several, the same seed would give other places
        tqdm_kwds={"disable": False, "file": watched, "bar_format": "{n_fmt}/{total_fmt}"},
    )
    try:
        places: np.ndarray = reducer.fit_transform(np.asarray(vectors, np.float32))
    except _StoppedError:
        return None
    return places


class _StoppedError(Exception):
    pass


class _Watched:
    """The file that the progress bar of UMAP writes to; an error raised here ends the layout."""

    def __init__(
        self, on_progress: Callable[[float], None], should_stop: Callable[[], bool]
    ) -> None:
        self._on_progress = on_progress
        self._should_stop = should_stop

    def write(self, text: str) -> None:
        if self._should_stop():
            raise _StoppedError
        done, _, epochs = text.strip().partition("/")
        if done.isdigit() and epochs.isdigit():
            self._on_progress(int(done) / int(epochs))

    def flush(self) -> None:
        pass


def neighbours_kept(vectors: np.ndarray, places: np.ndarray) -> float:
    """Return the share of the nearest vectors that are also nearest on a map, 0-1.

    The nearest ten by cosine, and by distance on the map; of a sample where there are many.

    Args:
        vectors: [n, d].
        places: on the map, [n, 2].
    """
    n = len(vectors)
    k = min(COUNTED, n - 1)
    if k < 1:
        return 0.0
    size = min(SAMPLED, max(FEWEST_SAMPLED, MOST_DISTANCES // n))
    sample = np.random.default_rng(SEED).permutation(n)[:size]
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    kept = 0
    for i in sample.tolist():  # one at a time: all distances would be n x n
        near = _nearest(-(unit @ unit[i]), i, k)
        near_on_map = _nearest(np.square(places - places[i]).sum(axis=1), i, k)
        kept += len(np.intersect1d(near, near_on_map, assume_unique=True))
    return kept / (k * len(sample))


def _nearest(distances: np.ndarray, own: int, k: int) -> np.ndarray:
    distances[own] = np.inf
    nearest: np.ndarray = np.argpartition(distances, k - 1)[:k]
    return nearest
