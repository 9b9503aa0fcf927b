"""Retrieve, then rate: what one user would be shown."""

from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Split
from recsys.scorer import Scorer


@dataclass(frozen=True, eq=False)
class Recommendations:
    """Movies for one user, best retrieval score first.

    Attributes:
        movies: int32 [n], codes.
        scores: float32 [n], retrieval scores.
        ratings: float32 [n], predicted stars, clipped to the data set's scale. They mean something
            only if "rating" is among the scorer's tasks.
    """

    movies: np.ndarray
    scores: np.ndarray
    ratings: np.ndarray

    def __len__(self) -> int:
        """Return how many movies there are."""
        return len(self.movies)


def retrieve_then_rate(
    scorer: Scorer,
    split: Split,
    user: int,
    k: int,
    *,
    with_seen: bool = False,
    allowed: np.ndarray | None = None,
) -> Recommendations:
    """Return the `k` movies with the highest retrieval score, each with its predicted rating.

    Args:
        scorer: the model.
        split: whose catalogue and rating scale it serves.
        user: code.
        k: how many; fewer come back if there are fewer candidates.
        with_seen: whether movies the user has seen (train or validation) may come back.
        allowed: bool [n_movies], the movies to choose from; all by default.

    Equal scores are ordered by movie code, so that the answer is always the same.
    """
    scores = scorer.scores(np.array([user]))[0]
    candidate = ~np.isnan(scores)
    if allowed is not None:
        candidate &= allowed
    if not with_seen:
        candidate[split.seen(user)] = False
    movies = top_movies(scores, np.flatnonzero(candidate), k)
    ratings = scorer.ratings(np.full(len(movies), user), movies)
    return Recommendations(movies, scores[movies], np.clip(ratings, *split.rating_scale))


def top_movies(scores: np.ndarray, candidates: np.ndarray, k: int) -> np.ndarray:
    """Return the `k` candidates with the highest scores, best first, then by code: int32 [<= k].

    Args:
        scores: [n_movies], none of the candidates' NaN.
        candidates: movie codes, ascending.
        k: how many.
    """
    k = min(k, len(candidates))
    if k <= 0:
        return np.empty(0, np.int32)
    found = scores[candidates]
    worst = np.partition(found, -k)[-k]
    above = np.flatnonzero(found > worst)
    tied = np.flatnonzero(found == worst)[: k - len(above)]
    chosen = np.concatenate([above, tied])
    order = np.lexsort((chosen, -found[chosen]))
    movies: np.ndarray = candidates[chosen[order]]
    return movies.astype(np.int32)
