"""What a list would be without some movies of the history. The model is not trained anew.

A removed movie stays seen: it is not recommended itself.
"""

from dataclasses import dataclass

import numpy as np

from recsys.explanations.parts import history_parts
from recsys.explanations.person import Person, scores_of

# Differences of parts computed for one user: of a history of 100 movies, the 20,000 movies that
# rank next to the top one.
MOST_DIFFERENCES = 2_000_000


@dataclass(frozen=True, eq=False)
class Removal:
    """Movies of the history whose removal changes the first place of the list.

    Attributes:
        places: int [k], where they stand in the history, the most effective first.
        first: code of the movie that is then first.
    """

    places: np.ndarray
    first: int


def rank_of(scores: np.ndarray, movie: int, candidates: np.ndarray) -> int:
    """Return the rank of a movie among the candidates, from 1; equal scores by movie code.

    Args:
        scores: float32 [n_movies].
        movie: a code.
        candidates: bool [n_movies].
    """
    return int(ranks_of(scores[np.newaxis], movie, candidates)[0])


def ranks_of(scores: np.ndarray, movie: int, candidates: np.ndarray) -> np.ndarray:
    """Return the rank of a movie under each row of scores, as `rank_of`: int [n].

    Args:
        scores: float32 [n, n_movies].
        movie: a code.
        candidates: bool [n_movies].
    """
    own = scores[:, movie : movie + 1]
    higher = scores > own
    higher[:, :movie] |= scores[:, :movie] == own
    ranks: np.ndarray = np.count_nonzero(higher & candidates, axis=1) + 1
    return ranks


def ranks_without(
    person: Person, movie: int, candidates: np.ndarray, places: np.ndarray
) -> np.ndarray:
    """Return the rank of a movie without each of these ratings alone: int [n].

    Args:
        person: the user.
        movie: the code of the movie that is ranked.
        candidates: bool [n_movies], what may be recommended.
        places: int [n], of the history.
    """
    if not len(places):
        return np.zeros(0, int)
    queries = np.array([person.without(place).query() for place in places])
    return ranks_of(scores_of(person.model, queries), movie, candidates)


def smallest_removal(person: Person, top: int, candidates: np.ndarray) -> Removal | None:
    """Return the fewest ratings without which another movie is first; None if there are none.

    Movie i is above movie t without the set S of k of n ratings if

        rest(t) - rest(i) + (sum of all d - sum over S of d) * sqrt(n / (n - k)) < 0

    where d is the part of a rating in t minus its part in i, and rest is what does not come from
    the history. For a given k this is smallest for the k largest d. So sorting d finds the fewest
    ratings for each i, and the smallest k over all i is the answer. Where rounding brings the movie
    back, further ratings are taken.

    Args:
        person: the user.
        top: code of the movie in the first place.
        candidates: bool [n_movies], what may be recommended.
    """
    n = len(person.movies)
    scores = person.scores()
    rivals = np.flatnonzero(candidates & (np.arange(len(scores)) != top))
    most = max(1, MOST_DIFFERENCES // max(n, 1))
    if len(rivals) > most:
        rivals = rivals[np.argpartition(-scores[rivals], most)[:most]]
    if not n or not len(rivals):
        return None
    own = history_parts(person, np.array([top]))
    differences = own - history_parts(person, rivals)
    gaps = np.float64(scores[top]) - scores[rivals]
    order = _fewest(differences, gaps)
    if order is None:
        return None
    count, rival = order
    ranked = np.argsort(-differences[:, rival], kind="stable")
    for k in range(count, n + 1):
        left = person.without(ranked[:k]).scores()
        if rank_of(left, top, candidates) > 1:
            first = int(np.argmax(np.where(candidates, left, -np.inf)))
            return Removal(ranked[:k], first)
    return None


def _fewest(differences: np.ndarray, gaps: np.ndarray) -> tuple[int, int] | None:
    """Return the fewest ratings, and the column of the rival that is then above.

    Args:
        differences: [n, n_rivals], of the parts.
        gaps: [n_rivals], of the scores.
    """
    n = len(differences)
    totals = differences.sum(axis=0)
    rests = gaps - totals
    removed = np.zeros_like(totals)
    ranked = -np.sort(-differences, axis=0)
    for k in range(1, n + 1):
        removed += ranked[k - 1]
        grown = np.sqrt(n / (n - k)) if k < n else 0.0
        left = rests + (totals - removed) * grown
        if left.min() < 0:
            return k, int(left.argmin())
    return None
