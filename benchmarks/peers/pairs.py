"""A system that only rates pairs, as a Scorer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.scorer import RATING


@dataclass(frozen=True, eq=False)
class PairScorer:
    """What rates one (user, movie) pair at a time and does not fit `TwoTowerScorer`.

    Attributes:
        rate: from user codes [n] and movie codes [n] to stars [n].
        n_movies: the size of the catalogue.
        tasks: rating only.
    """

    rate: Callable[[np.ndarray, np.ndarray], npt.ArrayLike]
    n_movies: int
    tasks: frozenset[str] = frozenset({RATING})

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """Return float32 [n], in stars, for the pairs of codes."""
        return np.asarray(self.rate(users, movies), np.float32)

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return the predicted ratings of all movies, [n, n_movies]; ranking is not its task."""
        movies = np.arange(self.n_movies)
        pairs = np.repeat(users, self.n_movies), np.tile(movies, len(users))
        return self.ratings(*pairs).reshape(len(users), self.n_movies)
