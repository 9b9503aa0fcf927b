"""EASE: an item-item model in closed form."""

import numpy as np

from recsys.data.splits import Split
from recsys.scorer import TwoTowerScorer


def fit(split: Split, *, seed: int, l2: float) -> TwoTowerScorer:
    """Return EASE's scorer: scores = X B, where X `[n_users, n_movies]` is 1 for rated movies.

    With P = (XᵀX + l2 I)⁻¹, B is -P / diag(P) with a diagonal of zeros: the least-squares
    prediction of each movie from all others. Source: Steck, Embarrassingly Shallow Autoencoders
    for Sparse Data (2019), (8).

    Args:
        split: the model is fitted on its train part.
        seed: not used; nothing here is random.
        l2: the ridge penalty.
    """
    rated = rated_matrix(split)
    gram = rated.T.astype(np.float64) @ rated
    gram[np.diag_indices_from(gram)] += l2
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return TwoTowerScorer(query=rated, candidate=weights.T.astype(np.float32))


def rated_matrix(split: Split) -> np.ndarray:
    """Return float32 [n_users, n_movies]: 1 where the user rated the movie in train, else 0."""
    rated = np.zeros((split.n_users, split.n_movies), np.float32)
    rated[split.train.users, split.train.movies] = 1
    return rated
