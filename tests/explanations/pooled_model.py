"""A model with random numbers that pools histories, computed rating by rating."""

from dataclasses import replace

import numpy as np

from recsys.baselines import BiasModel
from recsys.data.splits import Split
from recsys.scorer import TwoTowerScorer

DIMENSION, WIDTH = 3, 4


def pooled_model(split: Split, seed: int = 0) -> TwoTowerScorer:
    """Return a model whose queries are own vectors plus the pooled train ratings."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    n_users, n_movies = split.n_users, split.n_movies
    model = TwoTowerScorer(
        query=draw(n_users, DIMENSION),
        candidate=draw(n_movies, DIMENSION),
        candidate_bias=draw(n_movies),
        rating_mean=3.5,
        rating_user_bias=draw(n_users),
        rating_movie_bias=draw(n_movies),
        rating_query=draw(n_users, WIDTH),
        rating_candidate=draw(n_movies, WIDTH),
        history=draw(n_movies, DIMENSION),
        history_residual=draw(n_movies, DIMENSION),
        rating_history=draw(n_movies, WIDTH),
        rating_history_residual=draw(n_movies, WIDTH),
    )
    biases = BiasModel(split)
    query, rating_query = model.query.copy(), model.rating_query.copy()
    for user in range(n_users):
        own = split.of_user("train", user)
        residuals = np.array(residuals_by_hand(biases, own.movies, own.ratings))
        query[user] += pooled(model.history, model.history_residual, own.movies, residuals)
        rating_query[user] += pooled(
            model.rating_history, model.rating_history_residual, own.movies, residuals
        )
    return replace(model, query=query, rating_query=rating_query)


def pooled(
    vectors: np.ndarray, residual_vectors: np.ndarray, movies: np.ndarray, residuals: np.ndarray
) -> np.ndarray:
    """Return the sum over a history of (vector + residual * residual vector) / sqrt(length)."""
    total = np.zeros(vectors.shape[1])
    for movie, residual in zip(movies, residuals, strict=True):
        total += vectors[movie] + residual * residual_vectors[movie]
    return (total / max(len(movies), 1) ** 0.5).astype(np.float32)


def residuals_by_hand(biases: BiasModel, movies: np.ndarray, stars: np.ndarray) -> list[float]:
    """Return the residuals of one user's ratings: what they are above the movie's usual ones."""
    above = [s - biases.mean - biases.movie_bias[m] for m, s in zip(movies, stars, strict=True)]
    return [value / biases.std for value in above]
