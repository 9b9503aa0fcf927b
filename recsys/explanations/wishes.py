"""Which movies, rated highest, would bring another movie into the list."""

from dataclasses import dataclass

import numpy as np

from recsys.explanations.person import Person, scores_of
from recsys.explanations.removal import rank_of, ranks_of

MOST_TOGETHER = 5  # more ratings at once are no answer that anybody can use
TRIED = 100  # single ratings whose rank is computed, those with the largest gain first


@dataclass(frozen=True)
class Wish:
    """What the highest rating for a movie would do.

    Attributes:
        movie: the code of the rated movie.
        is_known: whether it is in the history, with a lower rating.
        rank: of the wished movie, from 1, if this rating alone were so.
    """

    movie: int
    is_known: bool
    rank: int


def wishes(
    person: Person,
    wished: int,
    candidates: np.ndarray,
    highest: float,
    listed: np.ndarray,
    to_rate: np.ndarray,
) -> list[Wish]:
    """Return what single highest ratings would do for a movie, the best rank first.

    Of all ratings, those are tried that add most to the movie's score compared with the mean score
    of the list. Ratings that are the highest already, and the movie itself, are left out.

    Args:
        person: the user.
        wished: the code of the movie that is ranked.
        candidates: bool [n_movies], what may be recommended.
        highest: the highest rating, in stars.
        listed: codes of the present list, [k].
        to_rate: bool [n_movies], the movies to rate, besides those of the history.
    """
    known = set(person.movies.tolist())
    gains = _gains(person, wished, highest, listed)
    gains[~to_rate & ~np.isin(np.arange(len(gains)), person.movies)] = -np.inf
    tried = np.argsort(-gains, kind="stable")[:TRIED]
    movies = tried[gains[tried] > 0].tolist()
    ranks = _ranks_with(person, [[movie] for movie in movies], wished, candidates, highest)
    found = [Wish(movie, movie in known, rank) for movie, rank in zip(movies, ranks, strict=True)]
    return sorted(found, key=lambda one: one.rank)


def rated_together(
    person: Person,
    movies: list[int],
    wished: int,
    candidates: np.ndarray,
    highest: float,
    k: int,
) -> tuple[list[int], int]:
    """Return the first few of `movies` that, rated highest together, bring a movie into the list.

    Args:
        person: the user.
        movies: codes, the most effective first; at most MOST_TOGETHER are taken.
        wished: the code of the movie that is ranked.
        candidates: bool [n_movies], what may be recommended.
        highest: the highest rating, in stars.
        k: the length of the list.

    Returns:
        The movies, and the rank of the wished one with all of them: above `k` if they do not
        suffice.
    """
    rank = rank_of(person.scores(), wished, candidates)
    for count in range(1, min(len(movies), MOST_TOGETHER) + 1):
        (rank,) = _ranks_with(person, [movies[:count]], wished, candidates, highest)
        if rank <= k:
            return movies[:count], rank
    return movies[:MOST_TOGETHER], rank


def _ranks_with(
    person: Person, rated: list[list[int]], wished: int, candidates: np.ndarray, highest: float
) -> list[int]:
    """Return the rank of the wished movie for each set of movies that are rated highest."""
    if not rated:
        return []
    queries = np.array([_rated_highest(person, movies, highest).query() for movies in rated])
    scores = scores_of(person.model, queries)
    for row, movies in zip(scores, rated, strict=True):
        row[movies] = -np.inf  # what is rated is not recommended
    ranks: list[int] = ranks_of(scores, wished, candidates).tolist()
    return ranks


def _rated_highest(person: Person, movies: list[int], highest: float) -> Person:
    kept = ~np.isin(person.movies, movies)
    return person.with_history(
        np.concatenate([person.movies[kept], movies]).astype(person.movies.dtype),
        np.concatenate([person.stars[kept], np.full(len(movies), highest, np.float32)]),
    )


def _gains(person: Person, wished: int, highest: float, listed: np.ndarray) -> np.ndarray:
    """Return what each movie's highest rating would add to the wished one: float [n_movies]."""
    model = person.model
    history, history_residual = person.history_vectors()
    direction = model.candidate[wished] - model.candidate[listed].mean(axis=0)
    with_history, with_residual = history @ direction, history_residual @ direction
    biases = person.biases
    everything = np.arange(len(with_history))
    residuals = biases.residuals_of_history(everything, np.full(len(everything), highest))
    gains: np.ndarray = with_history + residuals * with_residual
    gains[person.movies] = (highest - person.stars) / biases.std * with_residual[person.movies]
    gains[person.movies[person.stars >= highest]] = -np.inf
    gains[wished] = -np.inf
    return gains
