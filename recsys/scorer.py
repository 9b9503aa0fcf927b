"""Scorers: models at serving time. They score and rate with plain arrays, without TensorFlow."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from recsys.errors import DuetError

RETRIEVAL = "retrieval"
RATING = "rating"
TASKS = frozenset({RETRIEVAL, RATING})

# Floats in the largest intermediate array of `TwoTowerScorer.ratings` (16 MB). This is small enough
# for the allocator to reuse the memory from chunk to chunk.
RATING_CHUNK_FLOATS = 4_000_000

_ARRAY_NDIM = {
    "query": 2,
    "candidate": 2,
    "candidate_bias": 1,
    "rating_user_bias": 1,
    "rating_movie_bias": 1,
    "rating_query": 2,
    "rating_candidate": 2,
    "history": 2,
    "history_residual": 2,
    "rating_history": 2,
    "rating_history_residual": 2,
}
# How a history becomes a query: all four or none.
HISTORY_ARRAYS = ("history", "history_residual", "rating_history", "rating_history_residual")


class ScorerError(DuetError):
    """Arrays that are not a valid scorer; the message is one line for the user."""


class Scorer(Protocol):
    """A model at serving time: a trained model, a baseline, or a model for a new user."""

    @property
    def tasks(self) -> frozenset[str]:
        """The tasks whose outputs are meaningful: "retrieval", "rating" or both."""

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return a new float32 array [n, n_movies] for user codes [n]; higher is ranked first."""

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """Return float32 [n], in stars and not clipped, for codes `users` [n], `movies` [n]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TwoTowerScorer:
    """A two-tower model as arrays, all float32.

    score(u, i) = query[u] · candidate[i] + candidate_bias[i]

    rating(u, i) = rating_mean + rating_user_bias[u] + rating_movie_bias[i]
    + rating_query[u] · rating_candidate[i] (only with `use_dot`)
    + mlp(concat(rating_query[u], rating_candidate[i])) (ReLU between the layers, the last linear)

    Terms whose arrays are None, and an MLP without layers, add 0.

    A model that pools the user's history also keeps what each movie in it adds to the queries, see
    `recsys.explanations.person`. Scores and ratings do not need it.

    Attributes:
        query: [n_users, d]; d may be 0.
        candidate: [n_movies, d].
        candidate_bias: [n_movies].
        rating_mean: stars.
        rating_user_bias: [n_users], stars.
        rating_movie_bias: [n_movies], stars.
        rating_query: [n_users, e].
        rating_candidate: [n_movies, e].
        history: [n_movies, d], added to the query for a movie in the history.
        history_residual: [n_movies, d], the same times the residual of its rating.
        rating_history: [n_movies, e], as `history`, added to the rating query.
        rating_history_residual: [n_movies, e], as `history_residual`.
        use_dot: whether the rating contains the dot product of the rating vectors.
        kernels: the MLP's weights, [2e, h1], [h1, h2] … [h, 1].
        biases: the MLP's biases, [h1], [h2] … [1].
        tasks: the tasks whose outputs are meaningful; by default "retrieval", and "rating" if any
            rating array is set.

    Raises:
        ScorerError: types are wrong, shapes do not match, or numbers are not finite.
    """

    query: np.ndarray
    candidate: np.ndarray
    candidate_bias: np.ndarray | None = None
    rating_mean: float | None = None
    rating_user_bias: np.ndarray | None = None
    rating_movie_bias: np.ndarray | None = None
    rating_query: np.ndarray | None = None
    rating_candidate: np.ndarray | None = None
    history: np.ndarray | None = None
    history_residual: np.ndarray | None = None
    rating_history: np.ndarray | None = None
    rating_history_residual: np.ndarray | None = None
    use_dot: bool = True
    kernels: tuple[np.ndarray, ...] = ()
    biases: tuple[np.ndarray, ...] = ()
    tasks: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Check all arrays, so that no later call can fail on them."""
        object.__setattr__(self, "tasks", frozenset(self.tasks) or self._default_tasks())
        if not self.tasks <= TASKS:
            raise ScorerError(f"tasks: {sorted(self.tasks)} must be of {sorted(TASKS)}")
        for name, ndim in _ARRAY_NDIM.items():
            array = getattr(self, name)
            if array is not None:
                _check_array(name, array, ndim)
            elif name in ("query", "candidate"):
                raise ScorerError(f"{name}: is missing")
        if self.rating_mean is not None and not np.isfinite(self.rating_mean):
            raise ScorerError("rating_mean: must be a finite number")
        self._check_shapes()
        self._check_mlp()

    @property
    def n_users(self) -> int:
        """The number of users."""
        return len(self.query)

    @property
    def n_movies(self) -> int:
        """The number of movies in the catalogue."""
        return len(self.candidate)

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return the retrieval scores, float32 [n, n_movies], of the user codes [n]."""
        query = self.query[users]
        if self.candidate_bias is not None:
            query = np.column_stack([query, np.ones(len(query), np.float32)])
        if len(query) == 1:
            # BLAS would use threads for this small product, and wait for them while another process
            # trains: 8 ms instead of 1 ms with 62,000 movies.
            row: np.ndarray = np.vecdot(self._candidate_with_bias, query)
            return row[np.newaxis]
        scores: np.ndarray = query @ self._candidate_with_bias.T
        return scores

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """Return the predicted ratings, float32 [n] in stars, of the pairs of codes [n], [n]."""
        result = np.full(len(users), self.rating_mean or 0.0, np.float32)
        if self.rating_user_bias is not None:
            result += self.rating_user_bias[users]
        if self.rating_movie_bias is not None:
            result += self.rating_movie_bias[movies]
        if self.rating_query is not None and self.rating_candidate is not None:
            for rows in self._rating_chunks(len(users)):
                query = self.rating_query[users[rows]]
                candidate = self.rating_candidate[movies[rows]]
                if self.use_dot:
                    result[rows] += np.einsum("ij,ij->i", query, candidate)
                if self.kernels:
                    result[rows] += self._mlp(np.concatenate([query, candidate], axis=1))
        return result

    def limited_to(self, tasks: frozenset[str]) -> "TwoTowerScorer":
        """Return the same model of which only the outputs for these tasks are meaningful."""
        limited = copy(self)  # without checking all arrays again
        object.__setattr__(limited, "tasks", self.tasks & tasks)
        return limited

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the scorer as arrays for `np.savez`; `from_arrays` reads them back."""
        arrays = {name: getattr(self, name) for name in _ARRAY_NDIM}
        arrays = {name: array for name, array in arrays.items() if array is not None}
        if self.rating_mean is not None:
            arrays["rating_mean"] = np.array(self.rating_mean, np.float32)
        arrays |= {f"kernel_{i}": kernel for i, kernel in enumerate(self.kernels)}
        arrays |= {f"bias_{i}": bias for i, bias in enumerate(self.biases)}
        arrays["use_dot"] = np.array(self.use_dot)
        arrays["tasks"] = np.array(sorted(self.tasks))
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "TwoTowerScorer":
        """Return the scorer from the arrays of `to_arrays`.

        Raises:
            ScorerError: names are unknown or missing, types are wrong, shapes do not match, or
                numbers are not finite.
        """
        rest = dict(arrays)
        layers = sum(name.startswith("kernel_") for name in rest)
        missing = {"query", "candidate", "use_dot", "tasks"} - rest.keys()
        missing |= {
            f"{kind}_{i}" for kind in ("kernel", "bias") for i in range(layers)
        } - rest.keys()
        if missing:
            raise ScorerError(f"{min(missing)}: is missing")
        kernels = tuple(rest.pop(f"kernel_{i}") for i in range(layers))
        biases = tuple(rest.pop(f"bias_{i}") for i in range(layers))
        use_dot, tasks, mean = rest.pop("use_dot"), rest.pop("tasks"), rest.pop("rating_mean", None)
        unknown = rest.keys() - _ARRAY_NDIM.keys()
        if unknown:
            raise ScorerError(f"{min(unknown)}: is not an array of a scorer")
        if use_dot.dtype != bool or use_dot.ndim:
            raise ScorerError("use_dot: must be one bool")
        if tasks.dtype.kind != "U" or tasks.ndim != 1 or not len(tasks):
            raise ScorerError("tasks: must be a list of names")
        if mean is not None:
            _check_array("rating_mean", mean, 0)
        return cls(
            **rest,
            rating_mean=None if mean is None else float(mean),
            use_dot=bool(use_dot),
            kernels=kernels,
            biases=biases,
            tasks=frozenset(tasks.tolist()),
        )

    @cached_property
    def _candidate_with_bias(self) -> np.ndarray:
        # The bias is part of the matrix product, because adding it afterwards would take another
        # pass over [n, n_movies].
        if self.candidate_bias is None:
            return self.candidate
        return np.column_stack([self.candidate, self.candidate_bias])

    def _mlp(self, layer: np.ndarray) -> np.ndarray:
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            layer = layer @ kernel
            layer += bias
            np.maximum(layer, 0, out=layer)
        last: np.ndarray = layer @ self.kernels[-1] + self.biases[-1]
        return last[:, 0]

    def _rating_chunks(self, n: int) -> Iterator[slice]:
        assert self.rating_query is not None
        widest = max([2 * self.rating_query.shape[1], 1, *(k.shape[1] for k in self.kernels)])
        size = max(1, RATING_CHUNK_FLOATS // widest)
        return (slice(start, start + size) for start in range(0, n, size))

    def _default_tasks(self) -> frozenset[str]:
        rating_arrays = (
            self.rating_mean,
            self.rating_user_bias,
            self.rating_movie_bias,
            self.rating_query,
        )
        return (
            TASKS if any(array is not None for array in rating_arrays) else frozenset({RETRIEVAL})
        )

    def _check_shapes(self) -> None:
        n_users, n_movies = len(self.query), len(self.candidate)
        expected: dict[str, tuple[int, ...]] = {
            "candidate": (n_movies, self.query.shape[1]),
            "candidate_bias": (n_movies,),
            "rating_user_bias": (n_users,),
            "rating_movie_bias": (n_movies,),
        }
        if (self.rating_query is None) != (self.rating_candidate is None):
            raise ScorerError("rating_query, rating_candidate: set both or none")
        if self.rating_query is not None:
            width = self.rating_query.shape[1]
            expected |= {"rating_query": (n_users, width), "rating_candidate": (n_movies, width)}
        expected |= self._history_shapes()
        for name, shape in expected.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise ScorerError(f"{name}: has shape {array.shape}, must be {shape}")

    def _history_shapes(self) -> dict[str, tuple[int, ...]]:
        absent = [getattr(self, name) is None for name in HISTORY_ARRAYS]
        if all(absent):
            return {}
        if any(absent) or self.rating_candidate is None:
            raise ScorerError(f"{', '.join(HISTORY_ARRAYS)}: set all, with rating_query, or none")
        shapes = [self.candidate.shape] * 2 + [self.rating_candidate.shape] * 2
        return dict(zip(HISTORY_ARRAYS, shapes, strict=True))

    def _check_mlp(self) -> None:
        if len(self.kernels) != len(self.biases):
            raise ScorerError(f"{len(self.kernels)} kernels, but {len(self.biases)} biases")
        if not self.kernels:
            return
        if self.rating_query is None:
            raise ScorerError("kernel_0: an MLP needs rating_query and rating_candidate")
        width = 2 * self.rating_query.shape[1]
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            _check_array(f"kernel_{i}", kernel, 2)
            _check_array(f"bias_{i}", bias, 1)
            out = 1 if i == len(self.kernels) - 1 else kernel.shape[1]
            if kernel.shape != (width, out):
                raise ScorerError(f"kernel_{i}: has shape {kernel.shape}, must be {(width, out)}")
            if bias.shape != (out,):
                raise ScorerError(f"bias_{i}: has shape {bias.shape}, must be {(out,)}")
            width = out


def _check_array(name: str, array: np.ndarray, ndim: int) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.float32:
        kind = getattr(array, "dtype", type(array).__name__)
        raise ScorerError(f"{name}: is {kind}, must be a float32 array")
    if array.ndim != ndim:
        raise ScorerError(f"{name}: has {array.ndim} dimensions, must have {ndim}")
    if not np.isfinite(array).all():
        raise ScorerError(f"{name}: has numbers that are not finite; the training has diverged")
