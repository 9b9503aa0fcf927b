"""Synthetic ratings shaped like MovieLens, of any size, for measuring cost by size.

Movies: a user draws a genre by the user's taste, then a movie of that genre by its popularity,
until the user has enough different movies. Stars: biases of user and movie, the dot product of
their tastes, and noise. So both tasks have a low-rank structure that can be learnt.
"""

import numpy as np
import pandas as pd

from benchmarks.population import N_GENRES, Population, Size
from recsys.data.splits import Interactions
from recsys.data.tables import MOVIE_ID, RATING, USER_ID, Dataset, make_dataset

# The sizes of the MovieLens data sets.
SIZES = {
    "100k": Size(100_000, 943, 1_682),
    "1m": Size(1_000_000, 6_040, 3_706),
    "10m": Size(10_000_000, 69_878, 10_677),
    "25m": Size(25_000_000, 162_541, 62_423),
}
MEAN, NOISE = 3.5, 0.8  # stars
SCALE = (0.5, 5.0)
RATINGS_AT_ONCE = 1_000_000  # limits the memory of drawing


def synthetic_dataset(size: Size, seed: int) -> Dataset:
    """Return synthetic ratings of this size as a data set; user and movie ids count from 1."""
    rows = synthetic_ratings(size, seed)
    user_ids, movie_ids = (
        pd.Index(np.arange(1, n + 1).astype(str).astype(object))
        for n in (size.n_users, size.n_movies)
    )
    ratings = pd.DataFrame(
        {
            USER_ID: pd.Categorical.from_codes(rows.users, user_ids),
            MOVIE_ID: pd.Categorical.from_codes(rows.movies, movie_ids),
            RATING: rows.ratings,
        },
        copy=False,
    )
    return make_dataset(f"synthetic-{size.n_ratings}", ratings, pd.DataFrame({MOVIE_ID: movie_ids}))


def synthetic_ratings(size: Size, seed: int) -> Interactions:
    """Return exactly `size.n_ratings` ratings, sorted by user, then movie; no pair occurs twice.

    Raises:
        ValueError: there are too many or too few ratings for this number of users.
    """
    rng = np.random.default_rng(seed)
    population = Population.draw(size, rng)
    users = np.repeat(np.arange(size.n_users, dtype=np.int32), population.activity)
    movies = np.empty(size.n_ratings, np.int32)
    ratings = np.empty(size.n_ratings, np.float32)
    ends = np.cumsum(population.activity)
    cuts = np.flatnonzero(np.diff(ends // RATINGS_AT_ONCE)) + 1
    for chunk in np.split(np.arange(size.n_users), cuts):
        rows = slice(ends[chunk[0]] - population.activity[chunk[0]], ends[chunk[-1]])
        movies[rows] = _watched(population, chunk, rng)
        ratings[rows] = _stars(population, users[rows], movies[rows], rng)
    return Interactions(users, movies, ratings)


def _watched(population: Population, users: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return `activity` different movies for each of these users, sorted by user, then movie."""
    n_movies = len(population.movies)
    pairs = []
    draws_per_movie = 1.5
    while len(users):
        wanted = population.activity[users]
        draws = (draws_per_movie * wanted).astype(np.int64)
        rows = np.repeat(np.arange(len(users)), draws)
        drawn = users[rows] * n_movies + _draw_movies(population, users, rows, rng)
        new = np.zeros(len(drawn), bool)
        new[np.unique(drawn, return_index=True)[1]] = True
        found = np.cumsum(new)
        before = np.append(0, found[np.cumsum(draws) - 1])
        new &= found - before[rows] <= wanted[rows]
        enough = np.diff(before) >= wanted
        pairs.append(drawn[new & enough[rows]])
        # Users with too many repeated draws draw again, and more.
        users = users[~enough]
        draws_per_movie *= 3
    movies: np.ndarray = np.sort(np.concatenate(pairs)) % n_movies
    return movies


def _draw_movies(
    population: Population, users: np.ndarray, rows: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return one movie for each of `rows`, which are positions in `users`, ascending."""
    # Adding the row's number to each user's cumulative probabilities makes one ascending array, so
    # one binary search is enough for all users.
    reach = np.arange(len(users))[:, np.newaxis] + population.genre_reach[users]
    genre = np.searchsorted(reach.ravel(), rows + rng.random(len(rows))) - rows * N_GENRES
    genre = np.clip(genre, 0, N_GENRES - 1)  # rounding may give the next whole number
    position = np.searchsorted(population.movie_reach, genre + rng.random(len(rows)))
    drawn: np.ndarray = population.movies[np.minimum(position, len(population.movies) - 1)]
    return drawn


def _stars(
    population: Population, users: np.ndarray, movies: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the ratings of these pairs in half stars: float32 `[n]`."""
    stars = MEAN + population.user_bias[users] + population.movie_bias[movies]
    stars += np.vecdot(population.user_taste[users], population.movie_taste[movies])
    stars += np.float32(NOISE) * rng.standard_normal(len(users), np.float32)
    halves: np.ndarray = np.clip(np.round(2 * stars) / 2, *SCALE)
    return halves
