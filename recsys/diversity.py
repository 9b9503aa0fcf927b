"""Varied lists: of the best movies, those that are not too similar to the ones before them.

Maximal marginal relevance (Carbonell and Goldstein 1998, "The use of MMR, diversity-based
reranking for reordering documents and producing summaries"): each place goes to the movie with the
largest

    (1 - diversity) · relevance - diversity · largest similarity to the movies placed before

among the POOL best. Relevance is the score, from 0 for the last to 1 for the first of the pool;
similarity is the cosine of the movies' vectors, from -1 to 1.
"""

from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Csr
from recsys.errors import DuetError
from recsys.evaluation.ranking import LOWEST, top_lists
from recsys.scorer import Scorer

POOL = 100  # movies that are placed anew; twice as many places as are asked for, if that is more


class DiversityError(DuetError):
    """A diversity that is not valid; the message is one line for the user."""


@dataclass(frozen=True, eq=False)
class Diverse:
    """A Scorer that ranks by another one, and places the best movies anew.

    Attributes:
        ranking: ranks the movies.
        vectors: float32 [n_movies, d], of which the similarity is the cosine.
        diversity: from 0, the ranking as it is, to 1.
        seen: the movies that are not candidates, by user.
        k: how many places are given anew.
        allowed: bool [n_movies], the movies to choose from; None: all.

    Raises:
        DiversityError: the diversity is not from 0 to 1.
    """

    ranking: Scorer
    vectors: np.ndarray
    diversity: float
    seen: Csr
    k: int
    allowed: np.ndarray | None = None

    def __post_init__(self) -> None:
        """Check the diversity."""
        if not 0 <= self.diversity <= 1:
            raise DiversityError(f"diversity {self.diversity:g}: must be from 0 to 1")

    @property
    def tasks(self) -> frozenset[str]:
        """See `Scorer`."""
        return self.ranking.tasks

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """See `Scorer`: the predicted stars of the ranking."""
        return self.ranking.ratings(users, movies)

    def scores(self, users: np.ndarray) -> np.ndarray:
        """See `Scorer`: the scores of the ranking, but those of the placed movies are highest."""
        scores = self.ranking.scores(users)
        if not self.diversity:
            return scores
        candidates = np.fmax(scores, LOWEST)
        candidates[self.seen.pairs(users)] = -np.inf
        if self.allowed is not None:
            candidates[:, ~self.allowed] = -np.inf
        pool = top_lists(candidates, max(POOL, 2 * self.k))
        placed = self._placed(candidates, pool)
        rows, places = np.nonzero(placed >= 0)
        # Above the best candidate, in the order of the places.
        best = np.where(np.isfinite(candidates), candidates, 0).max(axis=1)
        gap = np.maximum(np.abs(best), 1)
        heights = best[rows] + gap[rows] * (placed.shape[1] - places)
        scores[rows, placed[rows, places]] = heights
        return scores

    def _placed(self, candidates: np.ndarray, pool: np.ndarray) -> np.ndarray:
        """Return the movies of the first k places: int [n_users, k], -1 where there are no more."""
        rows = np.arange(len(pool))
        given = np.take_along_axis(candidates, np.maximum(pool, 0), axis=1)
        there = pool >= 0
        relevance = _from_0_to_1(given, there)
        vectors = _unit(self.vectors)[np.maximum(pool, 0)]
        nearest = np.full(pool.shape, -1.0, np.float32)
        placed = np.full((len(pool), min(self.k, pool.shape[1])), -1, np.int64)
        for place in range(placed.shape[1]):
            value = (1 - self.diversity) * relevance - self.diversity * nearest
            value[~there] = -np.inf
            chosen = value.argmax(axis=1)
            left = there[rows, chosen]
            placed[left, place] = pool[rows, chosen][left]
            there[rows, chosen] = False
            cosines = np.einsum("upd,ud->up", vectors, vectors[rows, chosen])
            np.maximum(nearest, cosines, out=nearest)
        return placed


def _from_0_to_1(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return the values of each row scaled to 0 … 1 over those that are there; 1 if all equal."""
    low = np.where(there, values, np.inf).min(axis=1, keepdims=True)
    high = np.where(there, values, -np.inf).max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):  # rows without candidates
        width = np.where(high > low, high - low, 1)
        scaled: np.ndarray = np.where(there, 1 - (high - values) / width, 0)
    return scaled


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: np.ndarray = vectors / np.maximum(norms, np.float32(1e-12))
    return unit
