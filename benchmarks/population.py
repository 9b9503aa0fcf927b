"""The users and movies behind the synthetic ratings: activity, popularity and tastes."""

from dataclasses import dataclass
from typing import Self

import numpy as np

# Popularity falls with the rank r as 1 / (r + SHIFT)**2 (Zipf-Mandelbrot). With this shift a third
# of all users rate the top movie, at every size. The tail is long: at 25 M ratings, half of the
# movies have twelve ratings or fewer.
SHIFT = 250
MIN_ACTIVITY = 20  # ratings of the least active user: MovieLens leaves out users with fewer
ACTIVITY_SPREAD = 1.3  # of the log of the number of ratings beyond that
MAX_ACTIVITY = 0.25  # of the catalogue

N_GENRES = 16
TASTE = 0.5  # weight of a user's own genre preferences; the rest is the preferences of all users
TASTE_CONCENTRATION = 3.0  # of the Dirichlet distribution: lower: fewer genres in a taste
DIMENSION = 8  # of the vectors behind the ratings
USER_SPREAD, MOVIE_SPREAD, FIT_SPREAD = 0.4, 0.4, 0.4  # stars


@dataclass(frozen=True)
class Size:
    """The size of a data set."""

    n_ratings: int
    n_users: int
    n_movies: int


@dataclass(frozen=True, eq=False)
class Population:
    """The users and movies that the ratings are drawn from.

    Attributes:
        activity: int64 `[n_users]`, how many movies each user rates.
        genre_reach: float64 `[n_users, N_GENRES]`, the cumulative probabilities with which
            each user chooses a genre; the last is 1.
        genre: int64 `[n_movies]`, the number of each movie's genre.
        movies: int32 `[n_movies]`, the movie codes, genre by genre.
        movie_reach: float64 `[n_movies]`, for each of `movies` its genre's number plus the
            cumulative probability within the genre; ascending.
        user_bias: float32 `[n_users]`, stars.
        movie_bias: float32 `[n_movies]`, stars.
        user_taste: float32 `[n_users, DIMENSION]`.
        movie_taste: float32 `[n_movies, DIMENSION]`; the dot product of both tastes is in stars.
    """

    activity: np.ndarray
    genre_reach: np.ndarray
    genre: np.ndarray
    movies: np.ndarray
    movie_reach: np.ndarray
    user_bias: np.ndarray
    movie_bias: np.ndarray
    user_taste: np.ndarray
    movie_taste: np.ndarray

    @classmethod
    def draw(cls, size: Size, rng: np.random.Generator) -> Self:
        """Return a random population of this size.

        Raises:
            ValueError: there are too many or too few ratings for this number of users.
        """
        popularity = rng.permutation(1 / (np.arange(size.n_movies) + 1.0 + SHIFT) ** 2)
        genre = rng.permutation(size.n_movies) % N_GENRES
        share = np.bincount(genre, popularity, N_GENRES) / popularity.sum()
        own = rng.dirichlet(TASTE_CONCENTRATION * share, size.n_users)
        genre_reach = np.cumsum((1 - TASTE) * share + TASTE * own, axis=1)
        movies = np.argsort(genre, kind="stable")
        reach = np.cumsum(popularity[movies])
        genre_ends = np.append(0.0, np.cumsum(share) * reach[-1])
        user_taste, movie_taste = _tastes(own - share, genre, rng)
        return cls(
            activity=_activity(size, rng),
            genre_reach=genre_reach / genre_reach[:, -1:],
            genre=genre,
            movies=movies.astype(np.int32),
            movie_reach=np.interp(reach, genre_ends, np.arange(N_GENRES + 1.0)),
            user_bias=(USER_SPREAD * rng.standard_normal(size.n_users)).astype(np.float32),
            movie_bias=(MOVIE_SPREAD * rng.standard_normal(size.n_movies)).astype(np.float32),
            user_taste=user_taste,
            movie_taste=movie_taste,
        )


def _tastes(
    leaning: np.ndarray, genre: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the taste vectors of users and of movies. Users like the genres that they watch.

    Args:
        leaning: `[n_users, N_GENRES]`, how much more than others a user watches a genre.
        genre: `[n_movies]`.
        rng: the random generator.
    """
    vectors = rng.standard_normal((N_GENRES, DIMENSION))
    users = leaning @ vectors
    movies = vectors[genre] + rng.standard_normal((len(genre), DIMENSION))
    users *= FIT_SPREAD / (users.std() * movies.std() * DIMENSION**0.5)
    return users.astype(np.float32), movies.astype(np.float32)


def _activity(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return how many movies each user rates, log-normal above the minimum: int64 `[n_users]`."""
    room = int(MAX_ACTIVITY * size.n_movies) - MIN_ACTIVITY
    rest = size.n_ratings - MIN_ACTIVITY * size.n_users
    if not 0 <= rest <= room * size.n_users:
        raise ValueError(
            f"{size.n_users} users rate {MIN_ACTIVITY} to {room + MIN_ACTIVITY} of "
            f"{size.n_movies} movies each: that cannot come to {size.n_ratings} ratings"
        )
    beyond = rng.lognormal(0, ACTIVITY_SPREAD, size.n_users)
    for _ in range(50):  # until the other users make up for those at the limit
        beyond = np.minimum(beyond * (rest / beyond.sum()), room)
    activity = MIN_ACTIVITY + beyond.astype(np.int64)
    open_users = np.flatnonzero(activity < MIN_ACTIVITY + room)
    activity[open_users[: size.n_ratings - activity.sum()]] += 1  # lost by rounding down
    return activity
