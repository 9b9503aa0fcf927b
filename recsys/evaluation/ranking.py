"""The rank of each held-out movie in the whole catalogue, and the movies that rank first.

Candidates are all movies that the user has not seen. Ties count against the model: among equal
scores, movies that are not held out come first. NaN is the lowest score.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Csr
from recsys.scorer import Scorer
from recsys.threads import in_threads

Pairs = tuple[np.ndarray, np.ndarray]  # rows and movies

# Scores in one chunk of users (16 MB). The system maps larger arrays anew each time, and their page
# faults cost as much as the matrix product.
CHUNK_SCORES = 4_000_000

LOWEST = np.finfo(np.float32).min


@dataclass(frozen=True, eq=False)
class Ranks:
    """The ranks of the relevant movies of some users, one row each, sorted by user.

    Attributes:
        owners: int32 [n_rows], the position of the row's user in the `users` that were passed.
        ranks: float64 [n_rows], from 1; inf for a movie that the user has seen, and for ranks
            beyond `depth`.
        ranks_with_seen: the same if seen movies are candidates too; float64 [0] if not asked for.
        lists: int32 [n_users, list_length], the movies that rank first for each user, as returned
            by `top_lists`.
    """

    owners: np.ndarray
    ranks: np.ndarray
    ranks_with_seen: np.ndarray
    lists: np.ndarray


def rank_relevant(
    scorer: Scorer,
    users: np.ndarray,
    relevant: Csr,
    seen: Csr,
    n_movies: int,
    *,
    depth: int,
    exact_first: bool,
    list_length: int = 0,
    with_seen: bool = True,
) -> Ranks:
    """Rank every relevant movie of these users.

    Args:
        scorer: the model.
        users: codes [n], each once.
        relevant: the movies to find, by user.
        seen: the movies that are not candidates, by user.
        n_movies: the size of the catalogue.
        depth: ranks beyond it are inf.
        exact_first: whether the best rank of each user is exact even beyond `depth`.
        list_length: how many movies to return in `lists`.
        with_seen: whether to return `ranks_with_seen`.
    """

    def rank(chunk: np.ndarray) -> Ranks:
        scores = np.require(scorer.scores(chunk), np.float32, ["C", "W"])
        _make_finite(scores)
        own = relevant.pairs(chunk), seen.pairs(chunk)
        return _rank_chunk(scores, *own, depth, exact_first, list_length, with_seen)

    starts, chunks = zip(*user_chunks(users, n_movies), strict=True) if len(users) else ((), ())
    found = in_threads(rank, chunks)
    if not found:
        empty = np.empty(0)
        return Ranks(np.empty(0, np.int32), empty, empty, np.empty((0, list_length), np.int32))
    return Ranks(
        np.concatenate([one.owners + start for start, one in zip(starts, found, strict=True)]),
        *(
            np.concatenate([getattr(one, name) for one in found])
            for name in ("ranks", "ranks_with_seen", "lists")
        ),
    )


def user_chunks(users: np.ndarray, n_movies: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the users in chunks, each with the position of its first user."""
    size = max(1, CHUNK_SCORES // n_movies)
    for start in range(0, len(users), size):
        yield start, users[start : start + size]


def top_lists(scores: np.ndarray, k: int) -> np.ndarray:
    """Return the `k` movies with the highest scores, best first: int32 [n, k].

    Equal scores are ordered by movie code. If there are fewer candidates, -1 fills the rest.

    Args:
        scores: float32 [n, n_movies]; -inf marks movies that are not candidates. No NaN.
        k: how many.
    """
    found = _above(scores, _block_floor(scores, k + 1), k)
    return _first(*found, len(scores), k)


def _make_finite(scores: np.ndarray) -> None:
    """Make NaN and -inf the lowest number, so that -inf can mean "no candidate".

    There hardly ever are any, and the sum of the squares tells so in less time.
    """
    with np.errstate(all="ignore"):
        if not np.isfinite(np.vdot(scores, scores)):
            np.fmax(scores, LOWEST, out=scores)


def _rank_chunk(
    scores: np.ndarray,
    relevant: Pairs,
    seen: Pairs,
    depth: int,
    exact_first: bool,
    list_length: int,
    with_seen: bool,
) -> Ranks:
    """Rank the `relevant` (row, movie) pairs of `scores` [n, n_movies], which is overwritten.

    The targets are the scores of the relevant movies, the others are all other scores of a row.
    Only others above the row's floor can rank ahead of a target above the floor. A target at or
    below the floor is not within `depth`.
    """
    rows = relevant[0]
    targets = scores[relevant]
    scores[relevant] = -np.inf
    seen_scores = scores[seen] if with_seen else None  # of others: of relevant movies it is -inf
    scores[seen] = np.inf
    candidate = scores[relevant] != np.inf
    scores[seen] = -np.inf
    floor = _block_floor(scores, max(depth, list_length + 1))
    within = targets > floor[rows]

    others = _above(scores, floor, list_length)
    ahead = _count_at_least(_sorted_keys(others[0], others[2]), rows, targets)
    ranks_with_seen = np.empty(0)
    if seen_scores is not None:
        seen_others = seen_scores > floor[seen[0]]
        keys = _sorted_keys(seen[0][seen_others], seen_scores[seen_others])
        ahead_with_seen = ahead + _count_at_least(keys, rows, targets)
        ranks_with_seen = 1.0 + ahead_with_seen + _places(rows, targets)
        ranks_with_seen[~within] = np.inf

    ranks = np.full(len(rows), np.inf)
    places = _places(rows[candidate], targets[candidate])
    ranks[candidate] = 1 + ahead[candidate] + places
    if exact_first:
        best = np.flatnonzero(candidate)[places == 0]
        best = best[~within[best]]
        ahead_of_best = np.count_nonzero(scores[rows[best]] >= targets[best, None], axis=1)
        within[best] = True
        ranks[best] = 1 + ahead_of_best
    ranks[~within] = np.inf

    # The movies of a list are among the others above the floor and the relevant ones.
    own = (rows[candidate], relevant[1][candidate], targets[candidate])
    both = [np.concatenate(parts) for parts in zip(others, own, strict=True)]
    lists = _first(both[0], both[1], both[2], len(scores), list_length)
    return Ranks(rows, ranks, ranks_with_seen, lists)


def _above(
    scores: np.ndarray, floor: np.ndarray, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the scores above each row's floor: their rows, their movies, and they themselves.

    Where fewer than `least` are above it, some that are equal to it make up for that, the lowest
    codes first.
    """
    n_movies = scores.shape[1]
    above = np.flatnonzero(scores > floor[:, None])
    counts = np.bincount(above // n_movies, minlength=len(scores))
    # As many are above the floor as its depth says, unless some are equal to it.
    short = np.flatnonzero((counts < least) & (floor > -np.inf))
    tied = [
        row * n_movies + np.flatnonzero(scores[row] == floor[row])[: least - counts[row]]
        for row in short
    ]
    found = np.concatenate([above, *tied])
    return *np.divmod(found, n_movies), scores.ravel()[found]


def _first(
    rows: np.ndarray, movies: np.ndarray, scores: np.ndarray, n_rows: int, k: int
) -> np.ndarray:
    """Return the `k` movies with the highest of these scores in each row, as `top_lists`."""
    lists = np.full((n_rows, k), -1, np.int32)
    if not k:
        return lists
    order = np.lexsort((movies, -scores, rows))
    rows, movies = rows[order], movies[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = places < k
    lists[rows[kept], places[kept]] = movies[kept]
    return lists


def _block_floor(scores: np.ndarray, depth: int) -> np.ndarray:
    """Return for each row a number [n] that at least `depth` of its scores reach, or -inf.

    Each row is cut into blocks, and the `depth`-th highest of their maxima is taken. It is close to
    the `depth`-th highest score, but needs only one fast pass over all scores. The movies of a
    block have codes far apart, because neighbouring movies can be similar (in MovieLens, movies
    with low ids are popular).
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


def _places(rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return each target's place [n_rows], from 0, among the targets of its row; `rows` ascends."""
    places = np.empty(len(rows), np.int64)
    places[np.lexsort((-targets, rows))] = np.arange(len(rows)) - np.searchsorted(rows, rows)
    return places


def _count_at_least(keys: np.ndarray, rows: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return [n_rows]: how many of the row's scores in `keys` (ascending) are >= the target."""
    row_ends = np.searchsorted(keys, _keys(rows + 1, np.full(len(rows), -np.inf, np.float32)))
    counts: np.ndarray = row_ends - np.searchsorted(keys, _keys(rows, targets))
    return counts


def _sorted_keys(rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    return np.sort(_keys(rows, scores))


def _keys(rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return one int64 per (row, score), in the same order as the pairs, but faster to sort."""
    bits = (scores + np.float32(0)).view(np.int32)  # + 0 turns -0.0 into 0.0
    # The bits of positive floats ascend like the floats, those of negative ones descend.
    ascending = np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits)
    keys: np.ndarray = (rows.astype(np.int64) << 32) + ascending
    return keys
