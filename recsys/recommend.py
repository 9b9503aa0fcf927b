"""Recommendations for one user: retrieve movies, then predict their ratings."""

from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Split
from recsys.evaluation.ranking import LOWEST, top_lists
from recsys.scorer import Scorer


@dataclass(frozen=True, eq=False)
class Recommendations:
    """Movies for one user, best first: by retrieval score, or by a serving blend.

    Attributes:
        movies: int32 [n], codes.
        scores: float32 [n], retrieval scores.
        ratings: float32 [n], predicted stars, clipped to the data set's scale. Meaningless if
            "rating" is not among the scorer's tasks.
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
    ranking: Scorer | None = None,
) -> Recommendations:
    """Return the `k` movies with the highest retrieval score, each with its predicted rating.

    Args:
        scorer: the model.
        split: gives the movies that each user has seen, and the rating scale.
        user: the user's code.
        k: how many movies; fewer are returned if there are fewer candidates.
        with_seen: whether movies the user has seen (train or validation) may be returned.
        allowed: bool [n_movies], the movies to choose from; all by default.
        ranking: ranks the movies instead of the model, e.g. `recsys.blend.blend` of it. Scores and
            ratings stay the model's own.

    Equal scores are ordered by movie code, so that the result is always the same.
    """
    scores = scorer.scores(np.array([user]))[0]
    ranked_by = scores if ranking is None else ranking.scores(np.array([user]))[0]
    candidate = ~np.isnan(ranked_by)
    if allowed is not None:
        candidate &= allowed
    if not with_seen:
        candidate[split.seen(user)] = False
    # A candidate scored -inf is still a candidate: `top_lists` takes -inf for "no candidate".
    ranked = np.where(candidate, np.fmax(ranked_by, LOWEST), -np.inf)
    first = top_lists(ranked[None], max(k, 0))[0]
    movies = first[first >= 0]
    ratings = scorer.ratings(np.full(len(movies), user), movies)
    return Recommendations(movies, scores[movies], np.clip(ratings, *split.rating_scale))
