"""The movies nearest to a movie in a model's own space."""

import numpy as np

from recsys.scorer import TwoTowerScorer


def similar_movies(
    model: TwoTowerScorer, movie: int, k: int, known: np.ndarray
) -> list[tuple[int, float]]:
    """Return (code, cosine similarity) of the nearest movies by their retrieval vectors.

    Args:
        model: the model; one without vectors has no similar movies.
        movie: a code.
        k: how many.
        known: bool [n_movies], the movies to choose from: the vector of a movie that hardly anybody
            rated says little.
    """
    vectors = model.candidate
    norms = np.linalg.norm(vectors, axis=1)
    if not norms[movie]:
        return []
    cosines = vectors @ vectors[movie] / np.maximum(norms * norms[movie], np.float32(1e-12))
    chosen = known & (norms > 0)
    chosen[movie] = False
    codes = np.flatnonzero(chosen)
    nearest = codes[np.argsort(-cosines[codes], kind="stable")[:k]]
    return [(int(code), float(cosines[code])) for code in nearest]
