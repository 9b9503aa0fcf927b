"""The metrics of all users with lists that avoid similar movies."""

import numpy as np

from recsys.blend import blend
from recsys.data.splits import Split
from recsys.diversity import Diverse
from recsys.evaluation.beyond_accuracy import LIST_LENGTH
from recsys.evaluation.evaluate import Part, Table, not_candidates, per_user_metrics
from recsys.scorer import TwoTowerScorer


def measure_varied(
    model: TwoTowerScorer,
    split: Split,
    part: Part,
    *,
    weight: float,
    diversity: float,
    most_scores: int,
) -> Table:
    """Return each user's metrics, as `per_user_metrics`, of the first LIST_LENGTH places.

    Args:
        model: what ranks the movies, and whose vectors say which are similar.
        split: its ratings.
        part: what is to be found in the lists.
        weight: of the predicted stars in the serving blend.
        diversity: see `recsys.diversity`.
        most_scores: where the users of the part have more scores than this (users x movies), only
            every second, third … of them is measured.
    """
    users = np.flatnonzero(np.diff(split.csr(part).indptr))
    users = users[:: max(1, -(-len(users) * split.n_movies // most_scores))]
    ranking = blend(model, split, weight, part) if weight else model
    seen = not_candidates(split, part)
    varied = Diverse(ranking, model.candidate, diversity, seen, LIST_LENGTH)
    return per_user_metrics(varied, split, part, users)
