"""BaselineOnly, KNNBaseline, SVD and SVD++ from the package `scikit-surprise`.

All but KNNBaseline are biases and dot products, and are exported as arrays. The package's own
`test` is slow, because it calls a Python function for each rating.
"""

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers.pairs import PairScorer
from recsys.data.splits import Split
from recsys.scorer import RATING, TwoTowerScorer


def fit_baseline_only(
    split: Split, *, seed: int, reg_u: float, reg_i: float, n_epochs: int
) -> TwoTowerScorer:
    """Return mean + user bias + movie bias, by alternating least squares; `seed` is not used.

    Source: Koren, Factor in the Neighbors (2010), 2.1.
    """
    from surprise import BaselineOnly

    options = {"method": "als", "reg_u": reg_u, "reg_i": reg_i, "n_epochs": n_epochs}
    model = BaselineOnly(bsl_options=options, verbose=False).fit(_trainset(split))
    return _two_towers(model, split, np.zeros((len(model.bu), 0)), np.zeros((len(model.bi), 0)))


def fit_svd(split: Split, *, seed: int, **hyperparameters: float) -> TwoTowerScorer:
    """Return biases + user factors · movie factors, by stochastic gradient descent.

    Source: Koren, Bell, Volinsky, Matrix Factorization Techniques for Recommender Systems (2009).
    """
    from surprise import SVD

    model = SVD(random_state=seed, **hyperparameters).fit(_trainset(split))
    return _two_towers(model, split, model.pu, model.qi)


def fit_svdpp(split: Split, *, seed: int, **hyperparameters: float) -> TwoTowerScorer:
    """Return SVD++: user factors plus the sum of the rated movies' factors / sqrt(their number).

    Source: Koren, Factorization meets the neighborhood (2008).
    """
    from surprise import SVDpp

    # `cache_ratings` changes only the speed.
    model = SVDpp(random_state=seed, cache_ratings=True, **hyperparameters).fit(_trainset(split))
    rated = [[movie for movie, _ in model.trainset.ur[user]] for user in range(len(model.bu))]
    implicit = [model.yj[movies].sum(axis=0) / np.sqrt(len(movies)) for movies in rated]
    return _two_towers(model, split, model.pu + np.stack(implicit), model.qi)


def fit_knn_baseline(
    split: Split, *, seed: int, k: int, shrinkage: float, user_based: bool
) -> PairScorer:
    """Return biases + the weighted mean of the `k` nearest neighbours' residuals; no `seed` used.

    Source: Koren, Factor in the Neighbors (2010), 2.2.
    """
    from surprise import KNNBaseline

    similarity = {"name": "pearson_baseline", "shrinkage": shrinkage, "user_based": user_based}
    model = KNNBaseline(k=k, sim_options=similarity, verbose=False).fit(_trainset(split))

    def rate(users: np.ndarray, movies: np.ndarray) -> list[float]:
        pairs = zip(users.tolist(), movies.tolist(), strict=True)
        return [model.predict(user, movie, clip=False).est for user, movie in pairs]

    return PairScorer(rate, split.n_movies)


def _trainset(split: Split) -> Any:
    """Return the train part as Surprise's trainset; its raw ids are the split's codes."""
    from surprise import Dataset, Reader

    train = split.train
    table = pd.DataFrame({"user": train.users, "movie": train.movies, "rating": train.ratings})
    reader = Reader(rating_scale=split.rating_scale)
    return Dataset.load_from_df(table, reader).build_full_trainset()


def _two_towers(
    model: Any, split: Split, query: np.ndarray, candidate: np.ndarray
) -> TwoTowerScorer:
    """Return the fitted biases and factors, reordered from Surprise's inner ids to codes.

    Users and movies without train ratings get zeros, as in Surprise's own predictions.
    """
    trainset = model.trainset
    users = [trainset.to_raw_uid(inner) for inner in range(trainset.n_users)]
    movies = [trainset.to_raw_iid(inner) for inner in range(trainset.n_items)]

    def spread(values: np.ndarray, codes: list[int], n: int) -> np.ndarray:
        result = np.zeros((n, *values.shape[1:]), np.float32)
        result[codes] = values
        return result

    return TwoTowerScorer(
        query=np.zeros((split.n_users, 0), np.float32),
        candidate=np.zeros((split.n_movies, 0), np.float32),
        rating_mean=float(trainset.global_mean),
        rating_user_bias=spread(model.bu, users, split.n_users),
        rating_movie_bias=spread(model.bi, movies, split.n_movies),
        rating_query=spread(query, users, split.n_users),
        rating_candidate=spread(candidate, movies, split.n_movies),
        tasks=frozenset({RATING}),
    )
