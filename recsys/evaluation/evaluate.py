"""Evaluation: the metrics of a scorer on a part of a split, over the whole catalogue."""

from math import isnan
from typing import Literal

import numpy as np

from recsys.data.splits import Csr, Interactions, Split
from recsys.evaluation import beyond_accuracy, metrics
from recsys.evaluation.beyond_accuracy import LIST_LENGTH
from recsys.evaluation.liked import HITS, LIKED, held_out, liked_metrics
from recsys.evaluation.metrics import ACCURACY_CUTOFFS, CUTOFFS, METRICS
from recsys.evaluation.ranking import rank_relevant
from recsys.scorer import RATING, RETRIEVAL, Scorer

Part = Literal["validation", "holdout"]

USERS = "users"
COUNTS = "counts"
# The column of a table that weights the users in an average, see `Metric.average`.
WEIGHTS = {"interactions": COUNTS, "squares": COUNTS, "liked": LIKED, "hits": HITS}

Table = dict[str, np.ndarray]  # metrics per user, as `per_user_metrics` returns them


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
        Metrics by name, as in `recsys.evaluation.metrics.METRICS`; only those of the scorer's
        tasks. Empty if the part has no ratings (of these users). `diversity@20` is missing if no
        movie has genres, `ndcg_liked@20` if no held-out movie was liked, `disappointments@20` if
        none is in a top 20.
        A held-out movie that the user has also rated in train counts as missed by retrieval,
        because seen movies are not candidates.
    """
    table = per_user_metrics(scorer, split, part, users, quick=quick)
    return average_metrics(table)


def average_metrics(table: Table) -> dict[str, float]:
    """Return the metrics over all users of a table that `per_user_metrics` returned."""
    if not len(table[USERS]):
        return {}
    averages = {name: average_metric(table, name) for name in METRICS if name in table}
    return {name: value for name, value in averages.items() if not isnan(value)}


def average_metric(table: Table, name: str) -> float:
    """Return one metric over all users of a table; NaN if it is defined for none of them."""
    return metrics.average(name, table[name], weights(table, name))


def weights(table: Table, name: str) -> np.ndarray:
    """Return how much each user of a table counts in the average of a metric: [n_users]."""
    column = WEIGHTS.get(METRICS[name].average)
    return table[column] if column else np.ones(len(table[USERS]), np.int64)


def per_user_metrics(
    scorer: Scorer,
    split: Split,
    part: Part,
    users: np.ndarray | None = None,
    *,
    quick: bool = False,
) -> Table:
    """Return each metric's values per user, for the users with ratings in the part.

    The arguments are those of `evaluate`.

    Returns:
        "users": their codes [n], ascending; "counts": how many ratings each has in the part [n];
        "liked" and "hits", see `recsys.evaluation.liked`; and for each metric one value per user,
        float64 [n]. Coverage, Gini and calibration error are not averages over users: their values
        are each user's contribution, see `recsys.evaluation.beyond_accuracy`.
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
) -> Table:
    errors, owners, rows = rating_errors(scorer, split, part, users)
    table = {"rmse": metrics.rmse(errors, owners)}
    if quick:
        return table
    predicted = errors + rows.ratings
    shares = beyond_accuracy.calibration_error_per_user(predicted, rows.ratings, owners)
    return table | {"mae": metrics.mae(errors, owners), "calibration_error": shares}


def rating_errors(
    scorer: Scorer, split: Split, part: Part, users: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Interactions]:
    """Return the prediction errors of these users' ratings, and which user each belongs to.

    Args:
        scorer: the model.
        split: its ratings.
        part: which of them.
        users: codes, each once.

    Returns:
        errors: predicted - given, in stars, float64 [n].
        owners: int [n], the position of the rating's user among `users`.
        rows: the ratings themselves.
    """
    rows = getattr(split, part)
    position = np.full(split.n_users, -1)
    position[users] = np.arange(len(users))
    owners = position[rows.users]
    kept = np.flatnonzero(owners >= 0)
    own = rows.at(kept)
    predicted = scorer.ratings(own.users, own.movies)
    errors = metrics.rating_errors(predicted, own.ratings, split.rating_scale)
    return errors, owners[kept], own


def not_candidates(split: Split, part: Part) -> Csr:
    """Return the seen movies by user, which are not ranked when this part is measured."""
    return split.csr("train" if part == "validation" else "seen")


def _retrieval_metrics(
    scorer: Scorer, split: Split, part: Part, users: np.ndarray, quick: bool
) -> Table:
    relevant, ratings = held_out(split, part, users)
    ranked = rank_relevant(
        scorer,
        users,
        relevant=relevant,
        seen=not_candidates(split, part),
        n_movies=split.n_movies,
        depth=max(CUTOFFS + ACCURACY_CUTOFFS),
        exact_first=not quick,
        list_length=0 if quick else LIST_LENGTH,
        with_seen=not quick,
    )
    ranks, owners = ranked.ranks, ranked.owners
    cutoffs, accuracy_cutoffs = ((20,), (100,)) if quick else (CUTOFFS, ACCURACY_CUTOFFS)
    table = {f"recall@{k}": metrics.recall(ranks, owners, k) for k in cutoffs}
    table |= {f"ndcg@{k}": metrics.ndcg(ranks, owners, k) for k in cutoffs}
    table |= {
        f"top_k_accuracy@{k}": metrics.top_k_accuracy(ranks, owners, k) for k in accuracy_cutoffs
    }
    if quick:
        return table
    table |= liked_metrics(ranks, owners, ratings, split.rating_scale)
    table["mrr"] = metrics.reciprocal_rank(ranks, owners)
    with_seen = metrics.top_k_accuracy(ranked.ranks_with_seen, owners, 100)
    table["top_k_accuracy_with_seen@100"] = with_seen
    return table | _list_metrics(ranked.lists, split)


def _list_metrics(lists: np.ndarray, split: Split) -> Table:
    seen_share = split.movie_counts / split.n_users
    table = {
        f"coverage@{LIST_LENGTH}": beyond_accuracy.coverage_per_user(lists, split.n_movies),
        f"gini@{LIST_LENGTH}": beyond_accuracy.gini_per_user(lists, split.n_movies),
        f"novelty@{LIST_LENGTH}": beyond_accuracy.novelty(lists, seen_share),
    }
    if split.movie_genres is not None:
        diversity = beyond_accuracy.diversity(lists, split.movie_genres)
        table[f"diversity@{LIST_LENGTH}"] = diversity
    return table
