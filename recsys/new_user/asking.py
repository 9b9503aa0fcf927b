"""The movies that a new user is asked about: those whose ratings tell the most."""

import numpy as np

from recsys.data.splits import Split

ASKED = 300  # movies spread over the genres; the rest follows by how much they tell
LEVELS = 10  # ratings on more levels are counted in so many bins


def informativeness(split: Split) -> np.ndarray:
    """Return how much a new user's rating of each movie tells: float64 [n_movies].

    It is log(number of ratings) x entropy of the ratings: a movie that many know, and about which
    they disagree. Source: Rashid et al. 2002, "Getting to know you: learning new user preferences
    in recommender systems". Movies with fewer than two ratings have 0.
    """
    train = split.train
    levels, level = np.unique(train.ratings, return_inverse=True)
    if len(levels) > LEVELS:
        low, high = split.rating_scale
        level = np.minimum((train.ratings - low) / (high - low) * LEVELS, LEVELS - 1).astype(int)
    n_levels = min(len(levels), LEVELS)
    cells = train.movies * np.int64(n_levels) + level
    table = np.bincount(cells, minlength=split.n_movies * n_levels).reshape(-1, n_levels)
    total = table.sum(axis=1)
    shares = table / np.maximum(total, 1)[:, np.newaxis]
    entropy = -(shares * np.log(shares, out=np.zeros_like(shares), where=shares > 0)).sum(axis=1)
    told: np.ndarray = np.log(np.maximum(total, 1)) * entropy
    return told


def asking_order(split: Split) -> np.ndarray:
    """Return the movies in the order in which a new user is asked about them: codes, [n_movies].

    Greedy: next is the movie that tells the most for its genres, which count less the more of the
    movies before it have them. So the first few are of many genres and, because the popular movies
    of a genre are used up, of mixed popularity.
    """
    told = informativeness(split)
    order = np.argsort(-told, kind="stable")
    genres = split.movie_genres
    if genres is None or not genres.shape[1]:
        return order
    first = order[:ASKED]
    own = genres[first] / np.maximum(genres[first].sum(axis=1, keepdims=True), 1)
    used = np.zeros(genres.shape[1])
    left = np.ones(len(first), bool)
    places = []
    for _ in first:
        worth = np.where(left, told[first] / (1 + own @ used), -np.inf)
        place = int(worth.argmax())
        left[place] = False
        used += own[place]
        places.append(place)
    return np.concatenate([first[places], order[ASKED:]])
