"""What each movie of the history adds to a score, or to predicted stars."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from recsys.config import RunConfig
from recsys.explanations.person import Person
from recsys.scorer import RATING, RETRIEVAL


@dataclass(frozen=True, eq=False)
class Parts:
    """A score, or predicted stars, as a sum.

    value = of_history.sum() + of_user + of_movie

    Attributes:
        value: the retrieval score, or the predicted stars (not clipped).
        of_history: float64 [n], the part of each movie of the history.
        of_user: the part that does not come from the history: of the user's attributes, and in
            stars of the mean, the user's bias and the user's own vector.
        of_movie: the movie's bias, equal for all users.
    """

    value: float
    of_history: np.ndarray
    of_user: float
    of_movie: float


def history_parts(person: Person, movies: np.ndarray, task: str = RETRIEVAL) -> np.ndarray:
    """Return the part of each movie of the history in the outputs for some movies.

    Args:
        person: the user, with a history of n movies.
        movies: codes, [k].
        task: "retrieval" for parts of scores, "rating" for parts of predicted stars.

    Returns:
        float64 [n, k].
    """
    parts: np.ndarray = person.terms(task) @ person.candidates(task)[movies].T
    return parts


def seen_parts(person: Person, movies: np.ndarray, task: str = RETRIEVAL) -> np.ndarray:
    """Return what of `history_parts` does not depend on the stars: that the movies were rated.

    It is their part if each were rated as expected, with a residual of 0. Arguments and result as
    of `history_parts`.
    """
    vectors, _ = person.history_vectors(task)
    terms = vectors[person.movies] / np.sqrt(max(len(person.movies), 1))
    parts: np.ndarray = terms.astype(np.float64) @ person.candidates(task)[movies].T
    return parts


def parts_of(person: Person, movie: int, task: str = RETRIEVAL) -> Parts:
    """Return the score, or the predicted stars, of a movie as a sum."""
    of_history = history_parts(person, np.array([movie]), task)[:, 0]
    of_user, of_movie = _of_user_and_movie(person, movie, task)
    return Parts(float(of_history.sum()) + of_user + of_movie, of_history, of_user, of_movie)


def _of_user_and_movie(person: Person, movie: int, task: str) -> tuple[float, float]:
    model = person.model
    of_user = float(np.float64(person.own[task]) @ person.candidates(task)[movie])
    biases = model.candidate_bias
    if task == RATING:
        biases = model.rating_movie_bias
        of_user += (model.rating_mean or 0.0) + person.rating_bias
    return of_user, 0.0 if biases is None else float(biases[movie])


def mean_parts(person: Person, movies: np.ndarray, task: str = RETRIEVAL) -> Parts:
    """Return the means of what `parts_of` gives for each of these movies, [k], k > 0."""
    of_history = history_parts(person, movies, task).mean(axis=1)
    single = [_of_user_and_movie(person, movie, task) for movie in movies.tolist()]
    of_user, of_movie = np.mean(single, axis=0).tolist()
    return Parts(float(of_history.sum()) + of_user + of_movie, of_history, of_user, of_movie)


def contrast(person: Person, movie: int, others: np.ndarray) -> np.ndarray:
    """Return why a movie stands above others: each part minus its mean over the others.

    Args:
        person: the user, with a history of n movies.
        movie: a code.
        others: codes of the rest of the list, [k]; none: the plain parts.

    Returns:
        float64 [n], in units of the retrieval score.
    """
    own = history_parts(person, np.array([movie]))[:, 0]
    if not len(others):
        return own
    difference: np.ndarray = own - history_parts(person, others).mean(axis=1)
    return difference


class Heads(NamedTuple):
    """The rating heads of a model.

    Attributes:
        members: how many there are.
        dimension: of the vectors of each.
    """

    members: int = 1
    dimension: int = 0

    @classmethod
    def of(cls, config: RunConfig) -> Self:
        """Return the heads of a run with this config."""
        return cls(config.rating_members or 1, config.rating_dimension or 0)


def member_spread(person: Person, movies: np.ndarray, heads: Heads) -> np.ndarray | None:
    """Return how far the rating heads differ: their standard deviation, in stars, [k].

    Args:
        person: the user.
        movies: codes, [k].
        heads: those of the model.

    Returns:
        None if there is only one head, or if the model has other vectors than that.
    """
    members, dimension = heads
    if members < 2 or len(person.query(RATING)) < members * dimension:
        return None
    # What all heads read of the retrieval query stands after the vectors of their own.
    own = slice(members * dimension)
    products = person.candidates(RATING)[movies, own] * person.query(RATING)[own]
    by_member = members * products.reshape(len(movies), members, dimension).sum(axis=2)
    spread: np.ndarray = by_member.std(axis=1, ddof=1)
    return spread
