"""The movies that head each user's ranking: what the users are shown."""

import numpy as np


def top_lists(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the `k` movies with the highest scores, best first: int32 [n, k].

    Equal scores are ordered by movie code, as in `recsys.recommend`. Where there are fewer
    candidates, -1 fills the rest.

    Args:
        scores: float32 [n, n_movies]; -inf for what is no candidate, and never NaN.
        k: how many.
    """
    floor = block_floor(scores, k + 1)
    n_movies = scores.shape[1]
    found = np.flatnonzero(scores > floor[:, None])
    counts = np.bincount(found // n_movies, minlength=len(scores))
    # Without ties at the floor, k scores at least are above it.
    short = np.flatnonzero((counts < k) & np.isfinite(floor))
    tied = [
        row * n_movies + np.flatnonzero(scores[row] == floor[row])[: k - counts[row]]
        for row in short
    ]
    rows, movies = np.divmod(np.concatenate([found, *tied]), n_movies)
    order = np.lexsort((movies, -scores[rows, movies], rows))
    rows, movies = rows[order], movies[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = places < k
    lists = np.full((len(scores), k), -1, np.int32)
    lists[rows[kept], places[kept]] = movies[kept]
    return lists


def block_floor(scores: np.ndarray, depth: int) -> np.ndarray:
    """Return for each row a number [n] that at least `depth` of its scores reach, or -inf.

    It is the `depth`-th highest maximum of blocks of the row: close to the `depth`-th highest
    score, for one cheap pass over all scores. A block takes movies that lie far apart, because
    neighbouring codes can be alike (old ids are popular ones).
    """
    n, n_movies = scores.shape
    if n_movies < depth:
        return np.full(n, -np.inf, np.float32)
    block = max(1, n_movies // (8 * depth))
    n_blocks = n_movies // block
    maxima = scores[:, : block * n_blocks].reshape(n, block, n_blocks).max(axis=1)
    maxima.partition(n_blocks - depth, axis=1)
    floor: np.ndarray = maxima[:, n_blocks - depth]
    return floor
