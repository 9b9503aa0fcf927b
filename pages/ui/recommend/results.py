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
from pages.ui.titles import titles
from recsys.blend import blend
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.evaluation.evaluate import evaluate
from recsys.recommend import Recommendations, retrieve_then_rate
from recsys.scorer import TASKS, Scorer


@dataclass(frozen=True)
class ListOptions:
    """How the list of recommendations is made.

    Attributes:
        k: Number of movies.
        order: What the list is sorted by.
        genres: Only movies with any of these; all if empty.
        with_seen: Whether seen movies may be shown.
        weight: Of the predicted stars in the serving blend, see `recsys.blend`.
        earlier_weight: That of the list which this one is compared with.
    """

    k: int
    order: Order = "retrieval"
    genres: Sequence[str] = field(default_factory=tuple)
    with_seen: bool = False
    weight: float = 0.0
    earlier_weight: float = 0.0


@dataclass(frozen=True, eq=False)
class MovieList:
    """What one model recommends to a user.

    Attributes:
        rows: See `recommendation_rows`.
        score_range: Retrieval scores of an empty and a full bar, see `score_range`.
        left: Titles of movies of the earlier list that are not in this one, best first.
    """

    rows: pd.DataFrame
    score_range: tuple[float, float]
    left: tuple[str, ...] = ()

    @property
    def hits(self) -> int:
        """The number of recommended movies that are in the holdout."""
        return int(self.rows["hit"].sum())


@dataclass(frozen=True, eq=False)
class UserResults:
    """Everything that the page shows of one user.

    Attributes:
        history: See `history_rows`.
        holdout: Under the first model and the blend, see `holdout_rows`.
        metrics: Of the first model, without the blend, on this user's holdout.
        findable: Number of held-out movies with the chosen genres.
        lists: One for each model.
    """

    history: pd.DataFrame
    holdout: pd.DataFrame
    metrics: dict[str, float]
    findable: int
    lists: list[MovieList]


class _OneUser:
    """A scorer for one user code that computes the user's scores only once."""

    def __init__(self, scorer: Scorer, user: int) -> None:
        self.tasks = scorer.tasks
        self.ratings = scorer.ratings
        self._scores = scorer.scores(np.array([user]))

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return a copy of the user's scores, [1, n_movies]: callers may change it."""
        return self._scores.copy()


class _Model:
    """A model and its rankings of one user's movies."""

    def __init__(self, scorer: Scorer, split: Split, user: int) -> None:
        self.own = _OneUser(scorer, user)
        self._scorer, self._split, self._user = scorer, split, user
        self._rankings: dict[float, Scorer] = {0.0: self.own}

    def ranking(self, weight: float) -> Scorer:
        """Return what ranks the movies; a model of one task has nothing to blend."""
        if not self._scorer.tasks >= TASKS:
            return self.own
        if weight not in self._rankings:
            blended = blend(self._scorer, self._split, weight)
            self._rankings[weight] = _OneUser(blended, self._user)
        return self._rankings[weight]


def user_results(
    data: Dataset, split: Split, user: int, options: ListOptions, scorers: Sequence[Scorer]
) -> UserResults:
    """Compute everything that the page shows of one user; each scorer scores once a ranking.

    The blend is that of every scorer that retrieves and rates. The first scorer is the model in
    view; holdout and metrics are computed for it alone.
    """
    allowed = genre_mask(data, options.genres)
    held_out = rated(split, "holdout", user)[0]
    models = [_Model(scorer, split, user) for scorer in scorers]
    return UserResults(
        history=history_rows(data, split, user),
        holdout=holdout_rows(data, split, models[0].ranking(options.weight), user),
        metrics=evaluate(models[0].own, split, "holdout", np.array([user])),
        findable=len(held_out) if allowed is None else int(allowed[held_out].sum()),
        lists=[_movie_list(data, split, user, options, model, allowed) for model in models],
    )


def _movie_list(
    data: Dataset,
    split: Split,
    user: int,
    options: ListOptions,
    model: _Model,
    allowed: np.ndarray | None,
) -> MovieList:
    def retrieve(weight: float) -> Recommendations:
        return retrieve_then_rate(
            model.own,
            split,
            user,
            options.k,
            with_seen=options.with_seen,
            allowed=allowed,
            ranking=model.ranking(weight),
        )

    shown = retrieve(options.weight)
    moved = model.ranking(options.weight) is not model.ranking(options.earlier_weight)
    earlier = retrieve(options.earlier_weight).movies if moved else shown.movies
    left = titles(data, earlier[~np.isin(earlier, shown.movies)])
    rows = recommendation_rows(
        shown, data, split, model.own, user, options.order, earlier if moved else None
    )
    return MovieList(rows, score_range(model.own.scores(np.array([user]))[0]), tuple(left))
