"""How many directions of taste the ratings show, and the embedding dimension that this asks for."""

from weakref import WeakKeyDictionary

import numpy as np

from recsys.config import RunConfig
from recsys.data.splits import Interactions, Split

USUAL = 20  # directions that the default dimension is enough for; MovieLens 100K has 14
MOST = 50  # are counted
LARGEST = 150  # dimension that is chosen here; a larger one that is asked for stays
MOST_MOVIES = 20_000  # with more, larger embeddings would take too much memory and time
TOLERANCE = 1e-3  # of a singular value
_found: WeakKeyDictionary[Split, int] = WeakKeyDictionary()  # the runs of a sweep share a split


def adapted(config: RunConfig, split: Split) -> RunConfig:
    """Return the config with the embedding dimension, and its L2 penalty, that suit the ratings.

    The dimension grows in proportion to the directions of taste. With more dimensions each number
    of an embedding is smaller, so the penalty falls with the root of the dimension.
    """
    if not config.adapt_dimension or config.retrieval_l2 is None:
        return config
    if split.n_movies > MOST_MOVIES:
        return config
    usual = config.embedding_dimension
    if split not in _found:
        _found[split] = directions(split.train, split.n_users, split.n_movies)
    found = _found[split]
    dimension = min(round(usual * found / USUAL), LARGEST)
    if dimension <= usual:
        return config
    penalty = config.retrieval_l2 * (usual / dimension) ** 0.5
    return config.model_copy(update={"embedding_dimension": dimension, "retrieval_l2": penalty})


def most_dimension(config: RunConfig, n_movies: int) -> int:
    """Return the largest embedding dimension that `adapted` may choose."""
    usual = config.embedding_dimension
    if not config.adapt_dimension or n_movies > MOST_MOVIES:
        return usual
    return max(usual, min(round(usual * MOST / USUAL), LARGEST))


def directions(rows: Interactions, n_users: int, n_movies: int) -> int:
    """Return how many directions of taste the ratings show, at most `MOST`.

    That is the number of singular values of the 0/1 matrix of who rated what, each row and column
    divided by the root of its sum, that are above those of chance: above the second one of the same
    number of ratings per user and movie, paired at random. Groups of users who rate movies of their
    own are one direction each.
    """
    fewest = min(n_users, n_movies)
    if fewest <= 2 or not len(rows):
        return 0
    chance = np.random.default_rng(0).permutation(rows.movies)
    _, limit = _singular_values(rows.users, chance, (n_users, n_movies), 2)
    values = _singular_values(rows.users, rows.movies, (n_users, n_movies), min(MOST, fewest - 1))
    return int(np.count_nonzero(values > limit * (1 + TOLERANCE)))


def _singular_values(
    users: np.ndarray, movies: np.ndarray, shape: tuple[int, int], n: int
) -> np.ndarray:
    """Return the largest singular values of the normalised matrix of these pairs, `[n]`."""
    # Imported here: the pages ask for `most_dimension` alone, and this takes a while.
    from scipy.sparse import csr_matrix, diags
    from scipy.sparse.linalg import svds

    rated = csr_matrix((np.ones(len(users), np.float32), (users, movies)), shape=shape)
    rated.data[:] = 1  # a random pair may occur twice
    by_user, by_movie = (
        diags(1 / np.sqrt(np.maximum(np.asarray(rated.sum(axis=axis)).ravel(), 1)))
        for axis in (1, 0)
    )
    start = np.ones(min(shape))  # in place of a random one: the same values each time
    values = svds(
        by_user @ rated @ by_movie, n, v0=start, tol=TOLERANCE, return_singular_vectors=False
    )
    return np.sort(values)[::-1]
