"""Everything the Recommend page shows of one user, computed once for each model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pages.ui.recommend.rows import (
    Order,
    genre_mask,
    history_rows,
    holdout_rows,
    rated,
    recommendation_rows,
    score_range,
)
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.evaluation.evaluate import evaluate
from recsys.recommend import retrieve_then_rate
from recsys.scorer import Scorer


@dataclass(frozen=True)
class ListOptions:
    """How the list of recommendations is made.

    Attributes:
        k: Number of movies.
        order: What the list is sorted by.
        genres: Only movies with any of these; all if empty.
        with_seen: Whether seen movies may be shown.
    """

    k: int
    order: Order = "retrieval"
    genres: Sequence[str] = field(default_factory=tuple)
    with_seen: bool = False


@dataclass(frozen=True, eq=False)
class MovieList:
    """What one model recommends to a user.

    Attributes:
        rows: See `recommendation_rows`.
        score_range: Retrieval scores of an empty and a full bar, see `score_range`.
    """

    rows: pd.DataFrame
    score_range: tuple[float, float]

    @property
    def hits(self) -> int:
        """The number of recommended movies that are in the holdout."""
        return int(self.rows["hit"].sum())


@dataclass(frozen=True, eq=False)
class UserResults:
    """Everything that the page shows of one user.

    Attributes:
        history: See `history_rows`.
        holdout: Under the first model, see `holdout_rows`.
        metrics: Of the first model on this user's holdout.
        findable: Number of held-out movies with the chosen genres.
        lists: One for each model.
    """

    history: pd.DataFrame
    holdout: pd.DataFrame
    metrics: dict[str, float]
    findable: int
    lists: list[MovieList]


class _OneUser:
    """A scorer for one user code that computes the user's retrieval scores only once."""

    def __init__(self, scorer: Scorer, user: int) -> None:
        self.tasks = scorer.tasks
        self.ratings = scorer.ratings
        self._scores = scorer.scores(np.array([user]))

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return a copy of the user's scores, [1, n_movies]: callers may change it."""
        return self._scores.copy()


def user_results(
    data: Dataset, split: Split, user: int, options: ListOptions, scorers: Sequence[Scorer]
) -> UserResults:
    """Compute everything that the page shows of one user; each scorer scores once.

    The first scorer is the model in view; holdout and metrics are computed for it alone.
    """
    allowed = genre_mask(data, options.genres)
    held_out = rated(split, "holdout", user)[0]
    models = [_OneUser(scorer, user) for scorer in scorers]
    return UserResults(
        history=history_rows(data, split, user),
        holdout=holdout_rows(data, split, models[0], user),
        metrics=evaluate(models[0], split, "holdout", np.array([user])),
        findable=len(held_out) if allowed is None else int(allowed[held_out].sum()),
        lists=[_movie_list(data, split, user, options, model, allowed) for model in models],
    )


def _movie_list(
    data: Dataset,
    split: Split,
    user: int,
    options: ListOptions,
    scorer: Scorer,
    allowed: np.ndarray | None,
) -> MovieList:
    shown = retrieve_then_rate(
        scorer, split, user, options.k, with_seen=options.with_seen, allowed=allowed
    )
    rows = recommendation_rows(shown, data, split, scorer, user, options.order)
    return MovieList(rows, score_range(scorer.scores(np.array([user]))[0]))
