"""The two losses of a Scorer on a split, each relative to the loss of a trivial predictor."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from recsys.baselines import BiasModel
from recsys.data.splits import Interactions, Split
from recsys.scorer import Scorer

CHUNK_FLOATS = 16_000_000  # scores held in memory at once
ROUNDING = 1e-9  # a trivial loss below this is 0 up to rounding errors


class RetrievalLoss(Protocol):
    """A loss that is low if the movies a user rated score higher than the others.

    Attributes:
        left_out: the score that stands for a movie that is not a candidate.
    """

    left_out: ClassVar[float]

    def trivial(self, split: Split) -> float:
        """Return the train loss of scores that are equal for all users; 1 if that loss is 0."""

    def per_rating(
        self, scores: np.ndarray, rated_scores: np.ndarray, ratings: "Ratings"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the loss and the weight of each rating, float64 `[n]` each.

        Args:
            scores: scores of the whole catalogue, `[n_users, n_movies]`; `left_out` for movies
                that are not candidates.
            rated_scores: the score of each rating's movie, `[n]`.
            ratings: the ratings of these users.
        """


class Ratings(NamedTuple):
    """Ratings of some users.

    Attributes:
        rows: the ratings, `[n]`.
        user_rows: for each rating, the row of its user in the scores, `[n]`.
        history_lengths: number of train ratings of each user, `[n_users]`.
    """

    rows: Interactions
    user_rows: np.ndarray
    history_lengths: np.ndarray


class SoftmaxRetrieval:
    """Softmax cross-entropy over the candidates: -log softmax of the rated movie's score, in nats.

    The trivial predictor scores every movie by the log of its popularity.
    """

    left_out: ClassVar[float] = -math.inf

    def trivial(self, split: Split) -> float:
        """Return the entropy of the movies' shares of the train ratings, in nats."""
        popularity = np.bincount(split.train.movies)
        share = popularity[popularity > 0] / popularity.sum()
        return max(float(-(share * np.log(share)).sum()), 0.0) or 1.0

    def per_rating(
        self, scores: np.ndarray, rated_scores: np.ndarray, ratings: Ratings
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `RetrievalLoss`."""
        top = scores.max(axis=1, keepdims=True)
        log_total = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
        losses = (log_total[ratings.user_rows] - rated_scores).astype(np.float64)
        return losses, np.ones(len(rated_scores))


@dataclass(frozen=True)
class SquaredRetrieval:
    """Weighted squared error over the whole catalogue: target 1 for rated movies, 0 for the rest.

    loss of a rating = (target - score)² + unrated_weight * (sum of the squared scores of the
    user's unrated movies) / (length of the history)
    target = 1 + target_slope * residual: a little more than 1 for liked movies
    weight of a rating = (length of the history)^-balance

    The squared error is that of Hu, Koren and Volinsky (2008), "Collaborative filtering for
    implicit feedback datasets". The trivial predictor gives each movie its best score, equal for
    all users.

    Attributes:
        unrated_weight: weight of an unrated movie; a rated movie has the weight 1.
        bias_model: gives the residuals of the ratings.
        balance: 0 weights all ratings equally, 1 all users equally.
        target_slope: how much the target grows with a residual of one standard deviation.
    """

    unrated_weight: float
    bias_model: BiasModel
    balance: float = 0.4
    target_slope: float = 0.15
    left_out: ClassVar[float] = 0.0

    def user_weights(self, history_lengths: Any) -> Any:
        """Return the weight of one rating of each user, `[n_users]`."""
        return history_lengths**-self.balance

    def targets(self, residuals: Any) -> Any:
        """Return the target scores of rated movies, `[n]`, from their ratings' residuals, `[n]`."""
        return 1 + self.target_slope * residuals

    def trivial(self, split: Split) -> float:
        """Return the train loss of the best score for each movie, equal for all users."""
        train = split.train
        counts = np.bincount(train.users, minlength=split.n_users)
        weights = np.where(counts > 0, self.user_weights(np.maximum(counts, 1.0)), 0.0)
        targets = self.targets(self.bias_model.residuals(train))
        weight = weights[train.users]
        rated, weighted_targets, weighted_squares = (
            np.bincount(train.movies, weight * value) for value in (1.0, targets, targets**2)
        )
        unrated = self.unrated_weight * np.maximum(weights.sum() - rated, 0.0)
        has_ratings = rated > 0
        # The best score is weighted_targets / (rated + unrated).
        explained = weighted_targets[has_ratings] ** 2 / (rated + unrated)[has_ratings]
        losses = weighted_squares[has_ratings] - explained
        loss = float(losses.sum() / rated.sum())
        return loss if loss > ROUNDING else 1.0

    def per_rating(
        self, scores: np.ndarray, rated_scores: np.ndarray, ratings: Ratings
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `RetrievalLoss`."""
        user_rows, lengths = ratings.user_rows, np.maximum(ratings.history_lengths, 1.0)
        squares = np.einsum("ij,ij->i", scores, scores).astype(np.float64)
        unrated_squares = squares - np.bincount(user_rows, rated_scores**2.0, len(scores))
        targets = self.targets(self.bias_model.residuals(ratings.rows))
        losses = (targets - rated_scores.astype(np.float64)) ** 2
        losses += self.unrated_weight * (unrated_squares / lengths)[user_rows]
        return losses, self.user_weights(lengths)[user_rows]


def trivial_rating_loss(split: Split) -> float:
    """Return the train loss of always predicting the mean, the variance; 1 if that is 0."""
    return float(split.train.ratings.var(dtype=np.float64)) or 1.0


class ValidationLosses:
    """The retrieval and the rating loss on validation, each divided by its trivial loss.

    What is the same for every scorer is computed once: it is measured after each epoch.
    """

    def __init__(
        self, split: Split, retrieval: RetrievalLoss, users: np.ndarray | None = None
    ) -> None:
        """Choose what to measure.

        Args:
            split: the ratings.
            retrieval: the loss that the model is trained with.
            users: user codes; only their validation ratings count. All users by default.
        """
        rows = split.validation
        chosen = np.ones(len(rows), bool) if users is None else np.isin(rows.users, users)
        self._retrieval = retrieval
        self._rows = rows.at(np.flatnonzero(chosen))
        if not len(self._rows):
            return
        owners = np.unique(self._rows.users)
        step = max(1, CHUNK_FLOATS // split.n_movies)
        starts = range(0, len(owners), step)
        self._chunks = [_Chunk.of(split, owners[start : start + step]) for start in starts]
        self._trivial = retrieval.trivial(split), trivial_rating_loss(split)

    def of(self, scorer: Scorer) -> tuple[float, float] | None:
        """Return the two losses of a scorer; None if there are no validation ratings.

        The candidates are all movies that the user has not rated in train, as in the metrics.
        """
        rows = self._rows
        if not len(rows):
            return None
        predicted = scorer.ratings(rows.users, rows.movies)
        rating = float(np.mean((predicted - rows.ratings) ** 2, dtype=np.float64))
        return self._retrieval_loss(scorer) / self._trivial[0], rating / self._trivial[1]

    def _retrieval_loss(self, scorer: Scorer) -> float:
        total, weight = 0.0, 0.0
        for users, seen, ratings in self._chunks:
            scores = scorer.scores(users)
            # A validation movie stays a candidate even if train has the same pair.
            held_out = ratings.user_rows, ratings.rows.movies
            rated_scores = scores[held_out]
            scores[seen] = self._retrieval.left_out
            scores[held_out] = rated_scores
            losses, weights = self._retrieval.per_rating(scores, rated_scores, ratings)
            total += float(losses @ weights)
            weight += float(weights.sum())
        return total / weight


class _Chunk(NamedTuple):
    """Some users whose scores are in memory at once.

    Attributes:
        users: their codes, `[n_users]`.
        seen: the rows and the movies of their train ratings.
        ratings: their validation ratings.
    """

    users: np.ndarray
    seen: tuple[np.ndarray, np.ndarray]
    ratings: Ratings

    @classmethod
    def of(cls, split: Split, users: np.ndarray) -> "_Chunk":
        """Return the chunk of these users."""
        train_rows, positions = split.positions("train", users)
        seen = train_rows, split.train.movies[positions]
        user_rows, positions = split.positions("validation", users)
        lengths = np.bincount(train_rows, minlength=len(users))
        return cls(users, seen, Ratings(split.validation.at(positions), user_rows, lengths))
