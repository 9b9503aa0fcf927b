"""iALS and BPR from the package `implicit`."""

from typing import Any

import numpy as np

from recsys.data.splits import Split
from recsys.scorer import TwoTowerScorer


def fit_ials(split: Split, *, seed: int, **hyperparameters: float) -> TwoTowerScorer:
    """Return iALS: matrix factorisation by weighted least squares over all cells.

    Source: Hu, Koren, Volinsky, Collaborative Filtering for Implicit Feedback Datasets (2008).
    """
    from implicit.cpu.als import AlternatingLeastSquares

    return _fit(AlternatingLeastSquares(random_state=seed, **hyperparameters), split)


def fit_bpr(split: Split, *, seed: int, **hyperparameters: float) -> TwoTowerScorer:
    """Return BPR: matrix factorisation that ranks rated movies above randomly drawn ones.

    Source: Rendle et al., BPR: Bayesian Personalized Ranking from Implicit Feedback (2009).
    """
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    return _fit(BayesianPersonalizedRanking(random_state=seed, **hyperparameters), split)


def _fit(model: Any, split: Split) -> TwoTowerScorer:
    from scipy.sparse import csr_matrix
    from threadpoolctl import threadpool_limits

    indptr, movies = split.csr("train")
    ones = np.ones(len(movies), np.float32)
    # implicit uses its own threads, and recommends one thread for BLAS.
    with threadpool_limits(1, "blas"):
        model.fit(
            csr_matrix((ones, movies, indptr), shape=(split.n_users, split.n_movies)),
            show_progress=False,
        )
    # The movie biases of BPR are a column of its factors.
    return TwoTowerScorer(query=model.user_factors, candidate=model.item_factors)
