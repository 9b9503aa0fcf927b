"""The serving blend: one ranking of both outputs of a model, chosen without training.

A user's movies are ranked by

    score / sd + weight · (stars - mean)

`score` is the retrieval score, `stars` the predicted rating in stars of a scale from 1 to 5; `sd`
is the standard deviation of the user's scores and `mean` the mean of the user's stars, both over
the candidates: the movies that the user has not seen. With weight 0 it is the ranking by retrieval
score, with an infinite weight the ranking by predicted stars.
"""

from dataclasses import dataclass
from math import inf, isinf, isnan

import numpy as np

from recsys.data.splits import Csr, Split
from recsys.errors import DuetError
from recsys.evaluation.evaluate import Part, not_candidates
from recsys.evaluation.ranking import LOWEST, top_lists
from recsys.line import LineScorer
from recsys.scorer import Scorer, TwoTowerScorer

STEPS = 50
POSITIONS = tuple(step / STEPS for step in range(STEPS + 1))  # of the curve, 0 to 1
MIDDLE_WEIGHT = 2.0  # at position 0.5: most of what happens lies between 0 and 10
RETRIEVED = 50  # movies that the usual recipe retrieves before it sorts them by stars


class BlendError(DuetError):
    """A weight that is not valid; the message is one line for the user."""


def weight_at(position: float) -> float:
    """Return the weight at a position from 0 (retrieval alone) to 1 (stars alone, infinite)."""
    return inf if position == 1 else MIDDLE_WEIGHT * position / (1 - position)


def position_of(weight: float) -> float:
    """Return the position of a weight, the inverse of `weight_at`."""
    return 1.0 if isinf(weight) else weight / (weight + MIDDLE_WEIGHT)


def check_weight(weight: float) -> float:
    """Return the weight.

    Raises:
        BlendError: it is negative or not a number.
    """
    if isnan(weight) or weight < 0:
        raise BlendError(f"blend {weight:g}: must be 0 or more; inf ranks by stars alone")
    return weight


@dataclass(frozen=True, eq=False)
class Outputs:
    """Both outputs of a model for some users and all movies, ready to be blended.

    Attributes:
        scores: float32 [n_users, n_movies], retrieval scores / sd.
        stars: float32 [n_users, n_movies], predicted stars - mean, in stars of a scale from 1 to 5.
    """

    scores: np.ndarray
    stars: np.ndarray

    def blended(self, weight: float) -> np.ndarray:
        """Return what the movies are ranked by: a new float32 array [n_users, n_movies]."""
        if isinf(weight):
            return self.stars.copy()
        result: np.ndarray = self.stars * np.float32(weight)
        result += self.scores
        return result


def outputs(scorer: Scorer, users: np.ndarray, seen: Csr, scale: tuple[float, float]) -> Outputs:
    """Return both outputs of a model for these users.

    Args:
        scorer: the model.
        users: codes [n_users].
        seen: the movies that are not candidates, by user.
        scale: the lowest and the highest rating of the data set.
    """
    scores = scorer.scores(users)
    stars = predicted_stars(scorer, users, scores.shape[1])
    candidate = np.ones(scores.shape, bool)
    candidate[seen.pairs(users)] = False
    scores /= _spread(scores, candidate)
    stars -= _mean(stars, candidate)
    low, high = scale
    if high > low:
        stars *= np.float32(4 / (high - low))
    return Outputs(scores, stars)


def predicted_stars(scorer: Scorer, users: np.ndarray, n_movies: int) -> np.ndarray:
    """Return the predicted stars of these users for all movies: new, float32 [n_users, n_movies].

    A rating head without an MLP takes one matrix product. Others are asked for all pairs, which
    they do in chunks.
    """
    model = scorer.middle if isinstance(scorer, LineScorer) else scorer
    if isinstance(model, TwoTowerScorer) and not model.kernels:
        return _product(model, users)
    movies = np.tile(np.arange(n_movies), len(users))
    return scorer.ratings(np.repeat(users, n_movies), movies).reshape(len(users), n_movies)


@dataclass(frozen=True, eq=False)
class Blended:
    """A Scorer that ranks by a serving blend of another one; its ratings stay those of the other.

    Attributes:
        scorer: the model.
        weight: of the predicted stars, 0 to infinity.
        seen: the movies that are not candidates, by user.
        scale: the lowest and the highest rating of the data set.
    """

    scorer: Scorer
    weight: float
    seen: Csr
    scale: tuple[float, float]

    @property
    def tasks(self) -> frozenset[str]:
        """See `Scorer`."""
        return self.scorer.tasks

    def scores(self, users: np.ndarray) -> np.ndarray:
        """See `Scorer`: what the movies are ranked by. With weight 0, the retrieval scores."""
        if not self.weight:
            return self.scorer.scores(users)
        return outputs(self.scorer, users, self.seen, self.scale).blended(self.weight)

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """See `Scorer`: the predicted stars of the model."""
        return self.scorer.ratings(users, movies)


def blend(scorer: Scorer, split: Split, weight: float, part: Part = "holdout") -> Blended:
    """Return a model with a serving blend.

    Args:
        scorer: the model.
        split: its ratings.
        weight: of the predicted stars, 0 to infinity.
        part: what is ranked: on "validation", the movies of the validation part are candidates.

    Raises:
        BlendError: the weight is negative or not a number.
    """
    return Blended(scorer, check_weight(weight), not_candidates(split, part), split.rating_scale)


def retrieve_then_sort(given: Outputs, seen: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the ranking of the usual recipe: `RETRIEVED` movies by score, sorted by stars.

    Args:
        given: the outputs of the model.
        seen: (row, movie) pairs that are not candidates.

    Returns:
        The stars of the movies retrieved, -inf for all others: float32 [n_users, n_movies].
    """
    candidates = np.fmax(given.scores, LOWEST)
    candidates[seen] = -np.inf
    lists = top_lists(candidates, RETRIEVED)
    rows, places = np.nonzero(lists >= 0)
    movies = lists[rows, places]
    ranked = np.full_like(given.stars, -np.inf)
    ranked[rows, movies] = given.stars[rows, movies]
    return ranked


def _product(model: TwoTowerScorer, users: np.ndarray) -> np.ndarray:
    stars = np.full((len(users), model.n_movies), model.rating_mean or 0.0, np.float32)
    if model.rating_query is not None and model.rating_candidate is not None and model.use_dot:
        stars += model.rating_query[users] @ model.rating_candidate.T
    if model.rating_user_bias is not None:
        stars += model.rating_user_bias[users, None]
    if model.rating_movie_bias is not None:
        stars += model.rating_movie_bias
    return stars


def _spread(scores: np.ndarray, candidate: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each row's candidates, [n, 1]; 1 where it is 0 or unknown.

    Candidates whose score is not finite are left out.
    """
    kept = candidate & np.isfinite(scores)
    centred = scores - _mean(scores, kept)
    spread: np.ndarray = np.sqrt(_mean(np.square(centred), kept))
    spread[spread == 0] = 1
    return spread


def _mean(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return the mean of the kept values of each row, float32 [n, 1]; 0 without any."""
    known = np.where(kept & np.isfinite(values), values, 0)
    sums = known.sum(axis=1, keepdims=True, dtype=np.float64)
    means: np.ndarray = sums / np.maximum(kept.sum(axis=1, keepdims=True), 1)
    return means.astype(np.float32)
