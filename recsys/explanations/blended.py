"""A serving blend as one model, so that it is explained like a retrieval score."""

from dataclasses import replace
from math import isinf

import numpy as np

from recsys.explanations.person import Person
from recsys.scorer import RATING, RETRIEVAL


def blended(
    person: Person, weight: float, candidates: np.ndarray, scale: tuple[float, float]
) -> Person:
    """Return the user under a model whose retrieval score is a serving blend, up to a constant.

    See `recsys.blend`: a blend is a sum of two dot products, so it is one of longer vectors. The
    standard deviation of the scores stays that of the whole history.

    Args:
        person: the user.
        weight: of the predicted stars, 0 to infinity.
        candidates: bool [n_movies], what may be recommended.
        scale: the lowest and the highest rating of the data set.
    """
    if not weight:
        return person
    model, (low, high) = person.model, scale
    of_stars = (1.0 if isinf(weight) else weight) * (4 / (high - low) if high > low else 1.0)
    of_score = 0.0 if isinf(weight) else 1 / (float(person.scores()[candidates].std()) or 1.0)
    factors = np.float32(of_score), np.float32(of_stars)
    bias = np.zeros(model.n_movies, np.float32)
    for factor, own in zip(factors, (model.candidate_bias, model.rating_movie_bias), strict=True):
        if own is not None:
            bias += factor * own
    (history, residual), (rating_history, rating_residual) = map(
        person.history_vectors, (RETRIEVAL, RATING)
    )
    joined = replace(
        person.as_scorer(),
        query=np.hstack([person.query(), person.query(RATING)])[np.newaxis],
        candidate=np.hstack(
            [factors[0] * person.candidates(), factors[1] * person.candidates(RATING)]
        ),
        candidate_bias=bias,
        history=np.hstack([history, rating_history]),
        history_residual=np.hstack([residual, rating_residual]),
    )
    own_query = np.hstack([person.own[RETRIEVAL], person.own[RATING]])
    return replace(person, model=joined, own={RETRIEVAL: own_query, RATING: person.own[RATING]})
