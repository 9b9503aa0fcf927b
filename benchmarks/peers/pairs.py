"""A Scorer for a system that only predicts ratings of pairs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys.scorer import RATING


@dataclass(frozen=True, eq=False)
class PairScorer:
    """A system that rates (user, movie) pairs and is not a dot product, unlike `TwoTowerScorer`.

    Attributes:
        rate: from user codes [n] and movie codes [n] to stars [n].
        n_movies: the size of the catalogue.
        tasks: rating only.
    """

    rate: Callable[[np.ndarray, np.ndarray], npt.ArrayLike]
    n_movies: int
    tasks: frozenset[str] = frozenset({RATING})

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """Return the predicted stars of the pairs of codes, float32 `[n]`."""
        return np.asarray(self.rate(users, movies), np.float32)

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return the predicted ratings of all movies, `[n, n_movies]`: not trained to rank."""
        movies = np.arange(self.n_movies)
        pairs = np.repeat(users, self.n_movies), np.tile(movies, len(users))
        return self.ratings(*pairs).reshape(len(users), self.n_movies)
