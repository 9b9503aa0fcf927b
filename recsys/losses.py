"""The two losses of a Scorer on a split, and what trivial predictors pay: the unit of both."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from recsys.baselines import Residuals
from recsys.data.splits import Interactions, Split
from recsys.scorer import Scorer

CHUNK_FLOATS = 16_000_000  # of the scores held at once
ROUNDING = 1e-9  # a trivial loss below is 0, but for the order in which it was added up


class RetrievalLoss(Protocol):
    """A loss that says how well scores single out what a user rates."""

    def trivial(self, split: Split) -> float:
        """Return what always scoring by popularity pays on train; 1 where that is 0."""

    def per_rating(
        self, scores: np.ndarray, rated: np.ndarray, ratings: "Ratings"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the loss and the weight of ratings, float64 `[n]` each.

        Args:
            scores: of some users for the catalogue, `[n_users, n_movies]`; -inf for movies that
                are no candidates.
            rated: the score of each rating's movie, `[n]`.
            ratings: what is scored.
        """


class Ratings(NamedTuple):
    """Ratings of some users.

    Attributes:
        rows: the ratings, n of them.
        owners: which of the users each rating belongs to, `[n]`.
        lengths: of the users' histories, `[n_users]`.
    """

    rows: Interactions
    owners: np.ndarray
    lengths: np.ndarray


class SoftmaxRetrieval:
    """-log softmax over the candidates, in nats."""

    def trivial(self, split: Split) -> float:
        """Return the entropy of the train unigram."""
        popularity = np.bincount(split.train.movies)
        share = popularity[popularity > 0] / popularity.sum()
        return max(float(-(share * np.log(share)).sum()), 0.0) or 1.0

    def per_rating(
        self, scores: np.ndarray, rated: np.ndarray, ratings: Ratings
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `RetrievalLoss`."""
        top = scores.max(axis=1, keepdims=True)
        log_total = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
        return (log_total[ratings.owners] - rated).astype(np.float64), np.ones(len(rated))


@dataclass(frozen=True)
class SquaredRetrieval:
    """(target - score)² of a rated movie + its share of the squared scores of unrated ones.

    The weighted squares of Hu, Koren and Volinsky (2008), "Collaborative filtering for implicit
    feedback datasets". The target is 1, and more for a movie that was rated higher than the biases
    of its user and itself let expect: what somebody likes shall come before what they rate. A user
    with n ratings counts n * n^-balance: between every rating alike (0) and every user alike (1).

    Attributes:
        unrated_weight: how much an unrated movie counts beside a rated one.
        residuals: what the biases leave of a rating.
        balance: 0 to 1.
        liking: what a rating one spread above expectation adds to the target.
    """

    unrated_weight: float
    residuals: Residuals
    balance: float = 0.4
    liking: float = 0.15

    def user_weights(self, lengths: Any) -> Any:
        """Return what one rating of users with histories of these lengths counts, `[n_users]`."""
        return lengths**-self.balance

    def targets(self, residuals: Any) -> Any:
        """Return what rated movies shall score, `[n]`, from the residuals of their ratings."""
        return 1 + self.liking * residuals

    def trivial(self, split: Split) -> float:
        """Return what the best score for each movie, alike for all users, pays on train."""
        train = split.train
        counts = np.bincount(train.users, minlength=split.n_users)
        weights = np.where(counts > 0, self.user_weights(np.maximum(counts, 1.0)), 0.0)
        targets = self.targets(self.residuals.of(train))
        weight = weights[train.users]
        rated, pull, squares = (
            np.bincount(train.movies, weight * value) for value in (1.0, targets, targets**2)
        )
        unrated = self.unrated_weight * np.maximum(weights.sum() - rated, 0.0)
        seen = rated > 0
        # The best score is pull / (rated + unrated).
        losses = squares[seen] - pull[seen] ** 2 / (rated + unrated)[seen]
        loss = float(losses.sum() / rated.sum())
        return loss if loss > ROUNDING else 1.0

    def per_rating(
        self, scores: np.ndarray, rated: np.ndarray, ratings: Ratings
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `RetrievalLoss`."""
        owners, lengths = ratings.owners, np.maximum(ratings.lengths, 1.0)
        squares = np.where(np.isfinite(scores), scores, 0).astype(np.float64) ** 2
        unrated = squares.sum(axis=1) - np.bincount(owners, rated**2.0, minlength=len(scores))
        targets = self.targets(self.residuals.of(ratings.rows))
        loss = (targets - rated.astype(np.float64)) ** 2
        loss += self.unrated_weight * (unrated / lengths)[owners]
        return loss, self.user_weights(lengths)[owners]


def trivial_rating_loss(split: Split) -> float:
    """Return what always guessing the mean pays on train: the variance; 1 where that is 0."""
    return float(split.train.ratings.var(dtype=np.float64)) or 1.0


def validation_losses(
    scorer: Scorer, split: Split, retrieval: RetrievalLoss, users: np.ndarray | None = None
) -> tuple[float, float] | None:
    """Return the retrieval and the rating loss on validation, each over its trivial loss.

    The candidates are, as in the metrics, all movies that the user has not rated in train. None
    without validation ratings.

    Args:
        scorer: the model.
        split: its ratings.
        retrieval: the loss that the model was trained with.
        users: codes; only these users' ratings count. All by default.
    """
    rows = split.validation
    chosen = np.ones(len(rows), bool) if users is None else np.isin(rows.users, users)
    if not chosen.any():
        return None
    predicted = scorer.ratings(rows.users[chosen], rows.movies[chosen])
    rating = float(np.mean((predicted - rows.ratings[chosen]) ** 2, dtype=np.float64))
    return (
        _retrieval_loss(scorer, split, retrieval, np.unique(rows.users[chosen])),
        rating / trivial_rating_loss(split),
    )


def _retrieval_loss(
    scorer: Scorer, split: Split, retrieval: RetrievalLoss, users: np.ndarray
) -> float:
    total, weight = 0.0, 0.0
    step = max(1, CHUNK_FLOATS // split.n_movies)
    indptr, _ = split.csr("train")
    for start in range(0, len(users), step):
        chunk = users[start : start + step]
        scores = scorer.scores(chunk)
        owners, positions = split.positions("train", chunk)
        seen = owners, split.train.movies[positions]
        owners, positions = split.positions("validation", chunk)
        rows = split.validation.at(positions)
        # A validation movie stays a candidate even where train has the same pair.
        rated = scores[owners, rows.movies]
        scores[seen] = -np.inf
        scores[owners, rows.movies] = rated
        lengths = indptr[chunk + 1] - indptr[chunk]
        losses, weights = retrieval.per_rating(scores, rated, Ratings(rows, owners, lengths))
        total += float(losses @ weights)
        weight += float(weights.sum())
    return total / weight / retrieval.trivial(split)
