"""The baselines that a trained model has to beat, behind the same Scorer interface.

Both are two-tower scorers with empty towers: they consist of biases only.
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
    """Return the scorer that ranks movies by their number of train ratings, equal for all users.

    It predicts the mean train rating for every pair, but counts as a model of retrieval only.
    """
    counts = split.movie_counts
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

    movie bias = sum of (rating - mean) / (number of ratings + movie_damping)
    user bias = sum of (rating - mean - movie bias) / (number of ratings + user_damping)

    A user or movie without train ratings has the bias 0. Source: Koren 2010, "Factor in the
    neighbors", section 2.1. The default damping was chosen on validation ratings of ML-100K.

    It ranks movies by their bias, but counts as a model of ratings only.
    """
    train = split.train
    mean = float(train.ratings.mean(dtype=np.float64))
    residuals = train.ratings.astype(np.float64) - mean
    movie_bias = _damped_mean(residuals, train.movies, split.n_movies, movie_damping)
    residuals -= movie_bias[train.movies]
    user_bias = _damped_mean(residuals, train.users, split.n_users, user_damping)
    return TwoTowerScorer(
        query=np.zeros((split.n_users, 0), np.float32),
        candidate=np.zeros((split.n_movies, 0), np.float32),
        candidate_bias=movie_bias.astype(np.float32),
        rating_mean=mean,
        rating_user_bias=user_bias.astype(np.float32),
        rating_movie_bias=movie_bias.astype(np.float32),
        tasks=frozenset({RATING}),
    )


class BiasModel:
    """The biases of `user_movie_bias`, and the residuals of ratings under them.

    A rating's residual is the rating minus mean, user bias and movie bias, divided by the standard
    deviation of the train ratings.

    Attributes:
        mean: mean of the train ratings, in stars.
        std: standard deviation of the train ratings, in stars; 1 if all ratings are equal.
        user_bias: `[n_users]`, in stars.
        movie_bias: `[n_movies]`, in stars.
    """

    def __init__(self, split: Split) -> None:
        biases = user_movie_bias(split).to_arrays()
        self.mean = float(split.train.ratings.mean(dtype=np.float64))
        self.std = float(split.train.ratings.std(dtype=np.float64)) or 1.0
        self.user_bias = biases["rating_user_bias"]
        self.movie_bias = biases["rating_movie_bias"]

    def residuals(self, rows: Interactions) -> np.ndarray:
        """Return the residuals of these ratings, `[n]`, in standard deviations."""
        biases = self.user_bias[rows.users] + self.movie_bias[rows.movies]
        residuals: np.ndarray = (rows.ratings - self.mean - biases) / self.std
        return residuals

    def residuals_of_history(self, movies: np.ndarray, ratings: np.ndarray) -> np.ndarray:
        """Return the residuals of ratings in a history, `[n]`, in standard deviations.

        They have no user bias, which is a mean of the history. With it, a rating would be known
        from the residuals of the other ratings: together they are 0.

        Args:
            movies: codes, `[n]`.
            ratings: in stars, `[n]`.
        """
        residuals: np.ndarray = (ratings - self.mean - self.movie_bias[movies]) / self.std
        return residuals


BASELINES: dict[str, Callable[[Split], Scorer]] = {
    "most popular": most_popular,
    "user + movie bias": user_movie_bias,
}


def _damped_mean(values: np.ndarray, groups: np.ndarray, n: int, damping: float) -> np.ndarray:
    """Return the sum of the values in each group over (their number + damping), `[n]`; empty: 0."""
    totals = np.bincount(groups, values, minlength=n)
    counts = np.bincount(groups, minlength=n) + damping
    means: np.ndarray = np.divide(totals, counts, out=np.zeros(n), where=counts > 0)
    return means
