"""The two losses of a Scorer on a split, and what trivial predictors pay: the unit of both."""

from dataclasses import dataclass

import numpy as np

from recsys.data.splits import Split
from recsys.scorer import Scorer

CHUNK_FLOATS = 16_000_000  # of the scores held at once


@dataclass(frozen=True)
class TrivialLosses:
    """The loss of a predictor that knows nothing of who is asking.

    Attributes:
        retrieval: of always guessing by popularity, in nats: the entropy of the train unigram.
        rating: of always guessing the mean, in squared stars: the variance of the train ratings.

    Either is 1 where it would be 0 (one single movie, all ratings alike), so that it can divide.
    """

    retrieval: float
    rating: float


def trivial_losses(split: Split) -> TrivialLosses:
    """Return what the trivial predictors pay on the train part."""
    popularity = np.bincount(split.train.movies)
    share = popularity[popularity > 0] / popularity.sum()
    entropy = float(-(share * np.log(share)).sum())
    variance = float(split.train.ratings.var(dtype=np.float64))
    return TrivialLosses(max(entropy, 0.0) or 1.0, variance or 1.0)


def validation_losses(
    scorer: Scorer, split: Split, users: np.ndarray | None = None
) -> tuple[float, float] | None:
    """Return the retrieval and the rating loss on validation, each over its trivial loss.

    The retrieval loss is the mean of -log softmax over the candidates, which as in the metrics
    are all movies that the user has not rated in train. None without validation ratings.

    Args:
        scorer: the model.
        split: its ratings.
        users: codes; only these users' ratings count. All by default.
    """
    rows = split.validation
    chosen = np.ones(len(rows), bool) if users is None else np.isin(rows.users, users)
    if not chosen.any():
        return None
    trivial = trivial_losses(split)
    predicted = scorer.ratings(rows.users[chosen], rows.movies[chosen])
    rating = float(np.mean((predicted - rows.ratings[chosen]) ** 2, dtype=np.float64))
    retrieval = _retrieval_loss(scorer, split, np.unique(rows.users[chosen]))
    return retrieval / trivial.retrieval, rating / trivial.rating


def _retrieval_loss(scorer: Scorer, split: Split, users: np.ndarray) -> float:
    total, count = 0.0, 0
    step = max(1, CHUNK_FLOATS // split.n_movies)
    for start in range(0, len(users), step):
        chunk = users[start : start + step]
        scores = scorer.scores(chunk)
        rows, movies = _pairs(split.csr("train"), chunk)
        relevant_rows, relevant = _pairs(split.csr("validation"), chunk)
        # A validation movie stays a candidate even where train has the same pair.
        own = scores[relevant_rows, relevant]
        scores[rows, movies] = -np.inf
        scores[relevant_rows, relevant] = own
        top = scores.max(axis=1, keepdims=True)
        log_total = np.log(np.exp(scores - top).sum(axis=1)) + top[:, 0]
        total += float(np.sum(log_total[relevant_rows] - own, dtype=np.float64))
        count += len(own)
    return total / count


def _pairs(csr: tuple[np.ndarray, np.ndarray], users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (position in `users`, movie) pairs of a compressed part, [n] and [n]."""
    indptr, movies = csr
    counts = indptr[users + 1] - indptr[users]
    rows = np.repeat(np.arange(len(users)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, movies[indptr[users][rows] + within]
