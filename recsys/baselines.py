"""The trivial models that a trained one has to beat, behind the same Scorer interface.

Both are two-tower scorers without towers: nothing but biases.
"""

from collections.abc import Callable

import numpy as np

from recsys.data.splits import Interactions, Split
from recsys.scorer import RATING, RETRIEVAL, Scorer, TwoTowerScorer

# Lowest RMSE (0.944) of a grid 2 … 15 for each on validation ratings of ML-100K (random 70/10/20
# splits, seeds 10-14).
MOVIE_DAMPING = 3.0
USER_DAMPING = 5.0


def most_popular(split: Split) -> TwoTowerScorer:
    """Return the scorer that ranks movies by their number of train ratings, alike for all users.

    It predicts the mean train rating, but its one task is retrieval.
    """
    counts = np.bincount(split.train.movies, minlength=split.n_movies)
    return TwoTowerScorer(
        query=np.zeros((split.n_users, 0), np.float32),
        candidate=np.zeros((split.n_movies, 0), np.float32),
        candidate_bias=counts.astype(np.float32),
        rating_mean=float(split.train.ratings.mean(dtype=np.float64)),
        tasks=frozenset({RETRIEVAL}),
    )


def user_movie_bias(
    split: Split, *, movie_damping: float = MOVIE_DAMPING, user_damping: float = USER_DAMPING
) -> TwoTowerScorer:
    """Return the scorer that predicts mean + user bias + movie bias.

    A movie's bias is the mean of (rating - mean), a user's bias the mean of
    (rating - mean - movie bias), each damped as if there were `damping` more ratings that equal
    the mean: one that train has never seen gets 0. Source: Koren, Factor in the Neighbors (2010),
    2.1. The default damping was chosen on validation ratings of ML-100K.

    It ranks movies by their bias, but its one task is rating.
    """
    train = split.train
    mean = float(train.ratings.mean(dtype=np.float64))
    rest = train.ratings.astype(np.float64) - mean
    movie_bias = _damped_mean(rest, train.movies, split.n_movies, movie_damping)
    rest -= movie_bias[train.movies]
    user_bias = _damped_mean(rest, train.users, split.n_users, user_damping)
    return TwoTowerScorer(
        query=np.zeros((split.n_users, 0), np.float32),
        candidate=np.zeros((split.n_movies, 0), np.float32),
        candidate_bias=movie_bias.astype(np.float32),
        rating_mean=mean,
        rating_user_bias=user_bias.astype(np.float32),
        rating_movie_bias=movie_bias.astype(np.float32),
        tasks=frozenset({RATING}),
    )


class Residuals:
    """What the biases of `user_movie_bias` leave of a rating, in units of the ratings' spread.

    Attributes:
        mean: of the train ratings, in stars.
        spread: their standard deviation, in stars; 1 where they are all alike.
        user_bias: `[n_users]`, stars.
        movie_bias: `[n_movies]`, stars.
    """

    def __init__(self, split: Split) -> None:
        biases = user_movie_bias(split).to_arrays()
        self.mean = float(split.train.ratings.mean(dtype=np.float64))
        self.spread = float(split.train.ratings.std(dtype=np.float64)) or 1.0
        self.user_bias = biases["rating_user_bias"]
        self.movie_bias = biases["rating_movie_bias"]

    def of(self, rows: Interactions) -> np.ndarray:
        """Return them for these ratings, `[n]`."""
        biases = self.user_bias[rows.users] + self.movie_bias[rows.movies]
        left: np.ndarray = (rows.ratings - self.mean - biases) / self.spread
        return left


BASELINES: dict[str, Callable[[Split], Scorer]] = {
    "most popular": most_popular,
    "user + movie bias": user_movie_bias,
}


def _damped_mean(values: np.ndarray, owners: np.ndarray, n: int, damping: float) -> np.ndarray:
    totals = np.bincount(owners, values, minlength=n)
    weights = np.bincount(owners, minlength=n) + damping
    means: np.ndarray = np.divide(totals, weights, out=np.zeros(n), where=weights > 0)
    return means
