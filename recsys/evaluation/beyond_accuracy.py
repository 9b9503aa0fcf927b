"""Metrics beyond accuracy: how varied the lists are, and how well ratings are calibrated.

Lists are int32 [n_users, k]: the codes of the movies each user is shown, best first, then -1 if
there are fewer candidates; see `recsys.evaluation.ranking.top_lists`.

Coverage, Gini and calibration error are computed over all users together. For intervals over users
the `…_per_user` functions return each user's contribution: the jackknife pseudo-values, shifted so
that their mean is the metric. Source: Tukey, Bias and confidence in not-quite large samples (1958);
Efron, Tibshirani, An Introduction to the Bootstrap (1993), 11.5.
"""

from typing import NamedTuple

import numpy as np

LIST_LENGTH = 20
GROUPS = 10  # of ratings with similar predictions


class CalibrationGroup(NamedTuple):
    """Ratings with similar predictions.

    Attributes:
        predicted: the mean prediction, in stars.
        given: the mean rating, in stars.
        ratings: how many there are.
    """

    predicted: float
    given: float
    ratings: int


def coverage(lists: np.ndarray, n_movies: int) -> float:
    """Return the share of the catalogue that is in at least one user's list, 0 to 1.

    Source: "catalogue coverage" of Ge, Delgado-Battenfeld, Jannach, Beyond accuracy: evaluating
    recommender systems by coverage and serendipity (2010).
    """
    return float(np.count_nonzero(_times_shown(lists, n_movies)) / n_movies)


def gini(lists: np.ndarray, n_movies: int) -> float:
    """Return how unevenly the places in the lists are spread over the catalogue, 0 to 1.

    G = Σ_j (2j - n - 1) p_j / (n - 1), where p_j is movie j's share of all places, in ascending
    order: 0 if every movie is shown equally often, 1 if one movie has all places. It is 0 for a
    catalogue of one movie, and for empty lists.

    Source: Shani, Gunawardana, Evaluating recommendation systems (2011), 8.3.
    """
    times = np.sort(_times_shown(lists, n_movies))
    places = times.sum()
    if n_movies < 2 or not places:
        return 0.0
    weights = 2 * np.arange(1, n_movies + 1) - n_movies - 1
    return float(weights @ times / places / (n_movies - 1))


def novelty(lists: np.ndarray, seen_share: np.ndarray) -> np.ndarray:
    """Return each user's mean of 1 - seen_share over the list: float64 [n_users], 0 to 1.

    The "expected popularity complement" of Vargas, Castells, Rank and relevance in novelty and
    diversity metrics for recommender systems (2011), without weights for rank and relevance. It
    is 0 for an empty list.

    Args:
        lists: [n_users, k].
        seen_share: [n_movies], the share of all users who have rated the movie in train.
    """
    shown = lists >= 0
    unseen = np.where(shown, 1.0 - seen_share[lists], 0.0)
    mean: np.ndarray = unseen.sum(axis=1) / np.maximum(shown.sum(axis=1), 1)
    return mean


def diversity(lists: np.ndarray, genres: np.ndarray) -> np.ndarray:
    """Return each user's mean distance of two movies of the list: float64 [n_users], 0 to 1.

    The distance of two movies is 1 - the cosine of their genres, |A ∩ B| / √(|A| |B|): 0 with the
    same genres, 1 without a common one. Movies without genres are left out. A list with fewer than
    two movies that have genres has diversity 0.

    Source: the complement of the "intra-list similarity" of Ziegler, McNee, Konstan, Lausen,
    Improving recommendation lists through topic diversification (2005), as a mean over pairs.

    Args:
        lists: [n_users, k].
        genres: bool [n_movies, n_genres], which genres a movie has.
    """
    unit: np.ndarray = genres / np.sqrt(np.maximum(genres.sum(axis=1, keepdims=True), 1))
    known: np.ndarray = genres.sum(axis=1) > 0
    sums = np.zeros((len(lists), genres.shape[1]))
    movies = np.zeros(len(lists))
    # Place by place, because an array [n_users, k, n_genres] would be large.
    for place in lists.T:
        shown = (place >= 0) & known[place]
        sums[shown] += unit[place[shown]]
        movies += shown
    # |Σ v|² = Σ |v|² + the cosines of all ordered pairs, and each |v| is 1.
    pairs = movies * (movies - 1)
    cosines = np.square(sums).sum(axis=1) - movies
    distance = np.where(pairs, 1 - cosines / np.maximum(pairs, 1), 0.0)
    clipped: np.ndarray = np.clip(distance, 0, 1)  # against rounding errors
    return clipped


def calibration_groups(
    predicted: np.ndarray, given: np.ndarray, groups: int = GROUPS
) -> list[CalibrationGroup]:
    """Return the ratings in groups of about equal size, from the lowest prediction to the highest.

    Equal predictions are in one group, so there may be fewer groups.

    Args:
        predicted: [n], clipped to the data's scale, in stars.
        given: [n], in stars.
        groups: how many.
    """
    members = equal_groups(predicted, groups)
    sizes = np.bincount(members)
    sums = [np.bincount(members, values) for values in (predicted, given)]
    return [
        CalibrationGroup(float(p / n), float(g / n), int(n))
        for p, g, n in zip(*sums, sizes, strict=True)
        if n
    ]


def calibration_error(predicted: np.ndarray, given: np.ndarray) -> float:
    """Return how far mean ratings are from mean predictions, in stars: 0 is calibrated.

    The mean over `calibration_groups`, weighted by their sizes, of |mean predicted - mean given|.

    Source: the "expected calibration error" of Naeini, Cooper, Hauskrecht, Obtaining well
    calibrated probabilities using Bayesian binning (2015), with stars for probabilities; groups
    of equal size after Nguyen, O'Connor, Posterior calibration and exploratory analysis for
    natural language processing models (2015).
    """
    gaps = np.bincount(equal_groups(predicted, GROUPS), predicted - given)
    return float(np.abs(gaps).sum() / max(len(predicted), 1))


def equal_groups(values: np.ndarray, groups: int) -> np.ndarray:
    """Return the number of each value's group: int64 [n], 0 … groups - 1, by ascending value.

    The groups have about equal sizes. Equal values are in one group, so some may be empty.

    Args:
        values: [n].
        groups: how many.
    """
    if not len(values):
        return np.empty(0, np.int64)
    ascending = np.sort(values)
    starts = np.unique(ascending[np.arange(1, groups) * len(ascending) // groups])
    return np.searchsorted(starts, values, side="right")


def coverage_per_user(lists: np.ndarray, n_movies: int) -> np.ndarray:
    """Return each user's contribution to `coverage`: float64 [n_users], with `coverage` as mean."""
    figure = coverage(lists, n_movies)
    alone = (_times_shown(lists, n_movies)[lists] == 1) & (lists >= 0)
    return _contributions(figure, figure - alone.sum(axis=1) / n_movies)


def gini_per_user(lists: np.ndarray, n_movies: int) -> np.ndarray:
    """Return each user's contribution to `gini`: float64 [n_users], with `gini` as mean."""
    figure = gini(lists, n_movies)
    times = _times_shown(lists, n_movies)
    ascending = np.sort(times)
    shown = lists >= 0
    left = ascending.sum() - shown.sum(axis=1)
    # Without a user, each of their movies is shown once less. The counts stay in ascending order if
    # the user's movies are the first among those shown equally often.
    own = np.sort(np.where(shown, times[lists], 0), axis=1)
    places = np.searchsorted(ascending, own) + _earlier_equals(own)
    weights = 2 * np.arange(1, n_movies + 1) - n_movies - 1
    lost = np.where(own > 0, weights[np.minimum(places, n_movies - 1)], 0).sum(axis=1)
    scale = np.maximum(left, 1) * max(n_movies - 1, 1)
    return _contributions(figure, np.where(left > 0, (weights @ ascending - lost) / scale, 0.0))


def calibration_error_per_user(
    predicted: np.ndarray, given: np.ndarray, owners: np.ndarray
) -> np.ndarray:
    """Return each user's contribution to `calibration_error`: float64 [n_users].

    Their mean is the calibration error. The groups stay the same when a user is left out.

    Args:
        predicted: [n], in stars.
        given: [n], in stars.
        owners: [n], the position 0 … n_users - 1 of the rating's user; each has at least one.
    """
    members = equal_groups(predicted, GROUPS)
    n_users, rest = owners.max(initial=-1) + 1, predicted - given
    cells = np.bincount(owners * GROUPS + members, rest, minlength=n_users * GROUPS)
    own = cells.reshape(n_users, GROUPS)
    left = len(predicted) - np.bincount(owners)
    without = np.abs(own.sum(axis=0) - own).sum(axis=1) / np.maximum(left, 1)
    return _contributions(calibration_error(predicted, given), without)


def _contributions(figure: float, without: np.ndarray) -> np.ndarray:
    """Return the shifted pseudo-values [n_users] of a metric.

    Args:
        figure: the metric over all users.
        without: [n_users], the metric over all users but one.
    """
    if not len(without):
        return np.empty(0)
    lost = (len(without) - 1) * (figure - without)
    contributions: np.ndarray = figure + lost - lost.mean()
    return contributions


def _earlier_equals(rows: np.ndarray) -> np.ndarray:
    """Return for each number how many equal ones precede it in its row; each row ascends."""
    equals = np.zeros(rows.shape, np.int64)
    for place in range(1, rows.shape[1]):
        same = rows[:, place] == rows[:, place - 1]
        equals[:, place] = np.where(same, equals[:, place - 1] + 1, 0)
    return equals


def _times_shown(lists: np.ndarray, n_movies: int) -> np.ndarray:
    """Return how many lists each movie is in, [n_movies]."""
    return np.bincount(lists[lists >= 0], minlength=n_movies)
