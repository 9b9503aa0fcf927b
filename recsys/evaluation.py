"""Scorer + split -> metrics, over the whole catalogue and without a loop over users."""

from typing import Literal

import numpy as np

from recsys import metrics
from recsys.data.splits import Split
from recsys.metrics import ACCURACY_CUTOFFS, CUTOFFS, METRICS
from recsys.ranking import rank_relevant
from recsys.scorer import RATING, RETRIEVAL, Scorer

Part = Literal["validation", "holdout"]

USERS = "users"
COUNTS = "counts"


def evaluate(
    scorer: Scorer,
    split: Split,
    part: Part,
    users: np.ndarray | None = None,
    *,
    quick: bool = False,
) -> dict[str, float]:
    """Return the metrics of `scorer` on a part of the split.

    Args:
        scorer: the model.
        split: its ratings.
        part: "validation" (seen = train) or "holdout" (seen = train and validation).
        users: codes; only these users' ratings count. All by default.
        quick: only rmse, recall@20, ndcg@20 and top_k_accuracy@100.

    Returns:
        By name as in `recsys.metrics.METRICS`; only those of the scorer's tasks. Empty if the part
        has no ratings (of these users). A rating of a movie the user has already seen in train
        counts as missed by retrieval: that movie is no candidate.
    """
    table = per_user_metrics(scorer, split, part, users, quick=quick)
    return average_metrics(table)


def average_metrics(table: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the figures of a table that `per_user_metrics` made."""
    if not len(table[USERS]):
        return {}
    return {
        name: metrics.average(name, table[name], table[COUNTS]) for name in METRICS if name in table
    }


def per_user_metrics(
    scorer: Scorer,
    split: Split,
    part: Part,
    users: np.ndarray | None = None,
    *,
    quick: bool = False,
) -> dict[str, np.ndarray]:
    """Return each metric's values per user, for the users with ratings in the part.

    Args: as of `evaluate`.

    Returns:
        "users": their codes [n], ascending; "counts": their ratings in the part [n]; and for each
        metric its value for every user, float64 [n].
    """
    indptr, _ = split.csr(part)
    counts = np.diff(indptr)
    if users is not None:
        chosen = np.zeros(split.n_users, bool)
        chosen[users] = True
        counts = np.where(chosen, counts, 0)
    evaluated = np.flatnonzero(counts)
    table = {USERS: evaluated, COUNTS: counts[evaluated]}
    if len(evaluated) and RATING in scorer.tasks:
        table |= _rating_metrics(scorer, split, part, evaluated, quick)
    if len(evaluated) and RETRIEVAL in scorer.tasks:
        table |= _retrieval_metrics(scorer, split, part, evaluated, quick)
    return table


def _rating_metrics(
    scorer: Scorer, split: Split, part: Part, users: np.ndarray, quick: bool
) -> dict[str, np.ndarray]:
    rows = getattr(split, part)
    position = np.full(split.n_users, -1)
    position[users] = np.arange(len(users))
    owners = position[rows.users]
    kept = owners >= 0
    predicted = scorer.ratings(rows.users[kept], rows.movies[kept])
    errors = metrics.rating_errors(predicted, rows.ratings[kept], split.rating_scale)
    table = {"rmse": metrics.rmse(errors, owners[kept])}
    return table if quick else table | {"mae": metrics.mae(errors, owners[kept])}


def _retrieval_metrics(
    scorer: Scorer, split: Split, part: Part, users: np.ndarray, quick: bool
) -> dict[str, np.ndarray]:
    found = rank_relevant(
        scorer,
        users,
        relevant=split.csr(part),
        seen=split.csr("train" if part == "validation" else "seen"),
        n_movies=split.n_movies,
        depth=max(CUTOFFS + ACCURACY_CUTOFFS),
        exact_first=not quick,
    )
    ranks, owners = found.ranks, found.owners
    cutoffs, accuracy_cutoffs = ((20,), (100,)) if quick else (CUTOFFS, ACCURACY_CUTOFFS)
    table = {f"recall@{k}": metrics.recall(ranks, owners, k) for k in cutoffs}
    table |= {f"ndcg@{k}": metrics.ndcg(ranks, owners, k) for k in cutoffs}
    table |= {
        f"top_k_accuracy@{k}": metrics.top_k_accuracy(ranks, owners, k) for k in accuracy_cutoffs
    }
    if not quick:
        table["mrr"] = metrics.reciprocal_rank(ranks, owners)
        with_seen = metrics.top_k_accuracy(found.ranks_with_seen, owners, 100)
        table["top_k_accuracy_with_seen@100"] = with_seen
    return table
