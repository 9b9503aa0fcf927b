"""Everything the Recommend page shows of one user, computed once for each model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from pages.ui.charts.theme import Rows
from pages.ui.recommend.rows import (
    Order,
    as_table,
    history_rows,
    holdout_rows,
    movie_mask,
    rated,
    recommendation_rows,
    score_range,
)
from recsys.blend import blend
from recsys.data.splits import Csr, Split
from recsys.data.tables import Dataset
from recsys.diversity import Diverse
from recsys.evaluation.evaluate import evaluate
from recsys.line import LineScorer
from recsys.recommend import Recommendations, retrieve_then_rate
from recsys.scorer import RETRIEVAL, TASKS, Scorer, TwoTowerScorer

View = Literal["tiles", "table", "scatter"]
CANDIDATES = 100  # movies in the plot of both scores
BETWEEN = ".."  # the ends of a range in a URL


@dataclass(frozen=True)
class Box:
    """A part of the plot of both scores; each pair is the lowest and the highest value.

    Attributes:
        score: Retrieval scores.
        stars: Predicted stars.
    """

    score: tuple[float, float]
    stars: tuple[float, float]

    @classmethod
    def from_text(cls, text: str) -> "Box | None":
        """Return the box of a URL, as `to_text` writes it; None if it is none."""
        ranges = [part.split(BETWEEN) for part in text.split(",")]
        if [len(one) for one in ranges] != [2, 2]:
            return None
        try:
            ends = np.array(ranges, float)
        except ValueError:
            return None
        if not np.isfinite(ends).all():
            return None
        (left, right), (bottom, top) = np.sort(ends, axis=1).tolist()
        return cls((left, right), (bottom, top))

    def to_text(self) -> str:
        """Return the box as a URL holds it, e.g. `0.21..0.35,3.5..4.4`."""
        return ",".join(f"{low:.4g}{BETWEEN}{high:.4g}" for low, high in (self.score, self.stars))

    def has(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row with `score` and `stars` is in the box."""
        ranges = (("score", self.score), ("stars", self.stars))
        return all(low <= row[field] <= high for field, (low, high) in ranges)

    def holds(self, shown: Recommendations) -> np.ndarray:
        """Return which of these movies are in the box, bool [n]."""
        inside = np.ones(len(shown), bool)
        for values, (low, high) in ((shown.scores, self.score), (shown.ratings, self.stars)):
            inside &= (values >= low) & (values <= high)
        return inside


@dataclass(frozen=True)
class ListOptions:
    """How the list of recommendations is made.

    Attributes:
        k: Number of movies.
        order: What the list is sorted by.
        genres: Only movies with any of these; all if empty.
        years: The first and the last year; all, also unknown ones, if None.
        hidden: How many of the most popular movies are left out.
        view: How the list is drawn.
        box: Only movies in this part of the plot; it is that of the first model.
        with_seen: Whether seen movies may be shown.
        weight: Of the predicted stars in the serving blend, see `recsys.blend`.
        diversity: How much the list avoids similar movies, see `recsys.diversity`.
    """

    k: int
    order: Order = "retrieval"
    genres: Sequence[str] = field(default_factory=tuple)
    with_seen: bool = False
    weight: float = 0.0
    diversity: float = 0.0
    years: tuple[int, int] | None = None
    hidden: int = 0
    view: View = "tiles"
    box: Box | None = None


@dataclass(frozen=True, eq=False)
class MovieList:
    """What one model recommends to a user.

    Attributes:
        movies: See `recommendation_rows`.
        ranked_by: What the movies are ranked by, float32 [n_movies].
        weight: Of the predicted stars in what ranks this model's movies; infinite for a model that
            has not learnt to retrieve.
        score_range: Retrieval scores of an empty and a full bar, see `score_range`.
        left: Titles of movies of the plain list that are not in this one, best first.
        candidates: The first CANDIDATES movies for the plot, as `recommendation_rows`.
    """

    movies: Rows
    ranked_by: np.ndarray
    weight: float
    score_range: tuple[float, float]
    left: tuple[str, ...] = ()
    candidates: Rows | None = None

    @property
    def hits(self) -> int:
        """The number of recommended movies that are in the holdout."""
        return sum(row["hit"] for row in self.movies)

    @property
    def codes(self) -> np.ndarray:
        """The codes of the movies, int [n], in the order of the list."""
        return np.array([row["movie"] for row in self.movies], int)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The movies as a table."""
        return as_table(self.movies)


@dataclass(frozen=True, eq=False)
class UserResults:
    """Everything that the page shows of one user.

    Attributes:
        history: See `history_rows`.
        held_out: Number of movies in the holdout.
        metrics: Of the first model, without the blend, on this user's holdout: the quick ones
            of `evaluate`.
        findable: Number of held-out movies with the chosen genres.
        lists: One for each model.
        rank_holdout: Computes `holdout`, which is seldom looked at.
    """

    history: pa.Table
    held_out: int
    metrics: dict[str, float]
    findable: int
    lists: list[MovieList]
    rank_holdout: Callable[[], pd.DataFrame]

    @cached_property
    def holdout(self) -> pd.DataFrame:
        """The holdout under the first model and the blend, see `holdout_rows`."""
        return self.rank_holdout()


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

    def __init__(
        self, scorer: Scorer, split: Split, user: int, k: int, allowed: np.ndarray | None, seen: Csr
    ) -> None:
        self.own = _OneUser(scorer, user)
        self._scorer, self._split, self._user = scorer, split, user
        self._k, self._allowed, self._seen = k, allowed, seen
        self._rankings: dict[float, Scorer] = {0.0: self.own}

    def weight(self, chosen: float) -> float:
        """Return the weight of the stars in the ranking: a model of one task ranks by its own."""
        if self._scorer.tasks >= TASKS:
            return chosen
        return 0.0 if RETRIEVAL in self._scorer.tasks else inf

    def ranking(self, chosen: float) -> Scorer:
        """Return what ranks the movies at a chosen weight."""
        weight = self.weight(chosen)
        if weight not in self._rankings:
            blended = blend(self._scorer, self._split, weight)
            self._rankings[weight] = _OneUser(blended, self._user)
        return self._rankings[weight]

    def varied(self, weight: float, diversity: float) -> Scorer:
        """Return what places the movies; a model without vectors knows no similar movies."""
        ranking, vectors = self.ranking(weight), movie_vectors(self._scorer)
        if not diversity or vectors is None:
            return ranking
        return Diverse(ranking, vectors, diversity, self._seen, self._k, self._allowed)


def movie_vectors(scorer: Scorer) -> np.ndarray | None:
    """Return the vectors by which movies are similar, float32 [n_movies, d]; None without any.

    A model that has not learnt to retrieve has none: they are those of retrieval.
    """
    if RETRIEVAL not in scorer.tasks:
        return None
    model = scorer.middle if isinstance(scorer, LineScorer) else scorer
    if not isinstance(model, TwoTowerScorer) or not model.candidate.shape[1]:
        return None
    return model.candidate


def user_results(
    data: Dataset,
    split: Split,
    user: int,
    options: ListOptions,
    scorers: Sequence[Scorer],
    plain: Sequence[Scorer] | None = None,
) -> UserResults:
    """Compute everything that the page shows of one user; each scorer scores once a ranking.

    Args:
        data: has titles, years and genres.
        split: the ratings.
        user: the user's code.
        options: of the lists. The blend is that of every scorer that retrieves and rates.
        scorers: the models; the first is the one in view, and holdout and metrics are its own.
        plain: for each of them the model whose plain list (no blend, no diversity) its list is
            compared with; by default the model itself.
    """
    allowed = movie_mask(data, split, options.genres, options.years, options.hidden)
    held_out = rated(split, "holdout", user)[0]
    nothing = Csr(np.zeros(split.n_users + 1, np.int64), np.zeros(0, np.int32))
    seen = nothing if options.with_seen else split.csr("seen")
    models = [_Model(scorer, split, user, options.k, allowed, seen) for scorer in scorers]
    before = [
        model if one is scorer else _Model(one, split, user, options.k, allowed, seen)
        for model, scorer, one in zip(models, scorers, plain or scorers, strict=True)
    ]
    return UserResults(
        history=history_rows(data, split, user),
        held_out=len(held_out),
        metrics=evaluate(models[0].own, split, "holdout", np.array([user]), quick=True),
        findable=len(held_out) if allowed is None else int(allowed[held_out].sum()),
        lists=[
            _movie_list(data, split, user, _own_options(options, place), pair, allowed)
            for place, pair in enumerate(zip(models, before, strict=True))
        ],
        rank_holdout=lambda: holdout_rows(data, split, models[0].ranking(options.weight), user),
    )


def _own_options(options: ListOptions, place: int) -> ListOptions:
    """Return the options of a model's list: only that of the first has a plot."""
    return options if place == 0 else replace(options, view="tiles", box=None)


def _movie_list(
    data: Dataset,
    split: Split,
    user: int,
    options: ListOptions,
    pair: tuple[_Model, _Model],
    allowed: np.ndarray | None,
) -> MovieList:
    model, before = pair

    def retrieve(
        one: _Model, weight: float, diversity: float, k: int, chosen: np.ndarray | None
    ) -> Recommendations:
        return retrieve_then_rate(
            one.own,
            split,
            user,
            k,
            with_seen=options.with_seen,
            allowed=chosen,
            ranking=one.varied(weight, diversity),
        )

    now = (options.weight, options.diversity)
    candidates = None
    if options.view == "scatter":
        plotted = retrieve(model, *now, CANDIDATES, allowed)
        candidates = recommendation_rows(plotted, data, split, model.own, user)
        if options.box is not None:
            allowed = np.zeros(split.n_movies, bool)
            allowed[plotted.movies[options.box.holds(plotted)]] = True
    shown = retrieve(model, *now, options.k, allowed)
    is_plain = now == (0.0, 0.0) and before is model
    plain = shown if is_plain else retrieve(before, 0.0, 0.0, options.k, allowed)
    moved = not np.array_equal(plain.movies, shown.movies)
    left = data.catalogue.names_of(plain.movies[~np.isin(plain.movies, shown.movies)])
    rows = recommendation_rows(
        shown, data, split, model.own, user, options.order, plain.movies if moved else None
    )
    one = np.array([user])
    return MovieList(
        rows,
        model.ranking(options.weight).scores(one)[0],
        model.weight(options.weight),
        score_range(model.own.scores(one)[0]),
        tuple(left),
        candidates,
    )
