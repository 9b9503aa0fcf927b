"""Whether users liked what a ranking found: metrics that read the ratings of the held-out movies.

Ranks and owners are those of `recsys.evaluation.metrics`; `ratings` [n_rows] are the stars that
the users gave.
"""

from typing import NamedTuple

import numpy as np

from recsys.data.splits import Csr, RatingsPart, Split
from recsys.evaluation import metrics
from recsys.evaluation.beyond_accuracy import LIST_LENGTH

# Shares of the way from the lowest to the highest rating. On a scale from 1 to 5, with or without
# half stars, they mean: liked from 4, disappointed up to 2; from 1 to 10: from 8, and up to 4.
LIKED_FROM = 0.75
DISAPPOINTED_UP_TO = 0.4

# Columns of a table of metrics per user, beside the metrics.
LIKED = "liked"  # 1 for users with at least one held-out movie that they liked, else 0
HITS = "hits"  # how many of the user's held-out movies are in the top 20


class HeldOut(NamedTuple):
    """The held-out ratings of some users.

    Attributes:
        movies: by user, the lowest ratings first: among movies with equal scores, those come first
            too, so that ties count against the model.
        ratings: float32 [n], in stars, in the order of `movies`.
    """

    movies: Csr
    ratings: np.ndarray


def held_out(split: Split, part: RatingsPart, users: np.ndarray) -> HeldOut:
    """Return the ratings of these users (codes, ascending, each once) in a part."""
    owners, positions = split.positions(part, users)
    rows = getattr(split, part).at(positions)
    order = np.lexsort((rows.ratings, owners))
    indptr = np.zeros(split.n_users + 1, np.int64)
    np.cumsum(np.bincount(rows.users, minlength=split.n_users), out=indptr[1:])
    return HeldOut(Csr(indptr, rows.movies[order]), rows.ratings[order])


def is_liked(ratings: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    """Return whether each rating means that the user liked the movie: bool [n].

    Args:
        ratings: [n], in stars.
        scale: the lowest and the highest rating of the data set.
    """
    low, high = scale
    liked: np.ndarray = ratings >= low + LIKED_FROM * (high - low)
    return liked


def is_disappointing(ratings: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
    """Return whether each rating means that the user disliked the movie: bool [n].

    Arguments as of `is_liked`. If all ratings of the data set are equal, none is.
    """
    low, high = scale
    low_rated: np.ndarray = ratings <= low + DISAPPOINTED_UP_TO * (high - low)
    low_rated &= ~is_liked(ratings, scale)
    return low_rated


def liked_metrics(
    ranks: np.ndarray, owners: np.ndarray, ratings: np.ndarray, scale: tuple[float, float]
) -> dict[str, np.ndarray]:
    """Return `ndcg_liked@20` and `disappointments@20` of each user, and the columns they count by.

    NDCG has only liked movies as relevant ones; it is NaN for users without any. Disappointments
    are the share of a user's hits in the top 20 that disappointed; NaN for users without hits.
    Weighted by `HITS`, their mean is the share of all hits.
    """
    n_users, k = owners.max(initial=-1) + 1, LIST_LENGTH
    liked, hit = is_liked(ratings, scale), ranks <= k
    hits = np.bincount(owners, hit, n_users)
    low_rated = np.bincount(owners, hit & is_disappointing(ratings, scale), n_users)
    ndcg = np.full(n_users, np.nan)
    likers, positions = np.unique(owners[liked], return_inverse=True)
    ndcg[likers] = metrics.ndcg(ranks[liked], positions, k)
    return {
        f"ndcg_liked@{k}": ndcg,
        f"disappointments@{k}": np.divide(
            low_rated, hits, out=np.full(n_users, np.nan), where=hits > 0
        ),
        LIKED: (~np.isnan(ndcg)).astype(np.int64),
        HITS: hits.astype(np.int64),
    }
