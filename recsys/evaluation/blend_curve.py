"""All users ranked at many serving blends, from retrieval alone to stars alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recsys.blend import POSITIONS, Outputs, outputs, retrieve_then_sort, weight_at
from recsys.data.splits import Split
from recsys.evaluation import metrics
from recsys.evaluation.beyond_accuracy import LIST_LENGTH
from recsys.evaluation.comparison import Compared, Measured, compare, measure
from recsys.evaluation.evaluate import COUNTS, USERS, Part, Table, average_metrics, not_candidates
from recsys.evaluation.liked import HeldOut, held_out, liked_metrics
from recsys.evaluation.ranking import rank_relevant, user_chunks
from recsys.scorer import Scorer

BLEND_METRICS = tuple(f"{name}@{LIST_LENGTH}" for name in ("ndcg", "ndcg_liked", "disappointments"))


@dataclass(frozen=True, eq=False)
class BlendCurve:
    """The metrics of the ranking at each blend, per user, see `BLEND_METRICS`.

    Attributes:
        tables: one for each position asked for, as `per_user_metrics` returns them.
        recipe: of the usual recipe: retrieve `recsys.blend.RETRIEVED` movies, sort them by stars.
    """

    tables: tuple[Table, ...]
    recipe: Table

    @cached_property
    def figures(self) -> tuple[dict[str, float], ...]:
        """The metrics of all users at each position."""
        return tuple(map(average_metrics, self.tables))

    def compared(self, place: int) -> dict[str, Compared]:
        """Return each metric's difference to the first blend of the curve, and its verdict.

        A metric that is not defined for both, e.g. disappointments without hits, is left out.
        """
        model, first = measure([self.tables[place]]), self._first
        shared = [name for name in BLEND_METRICS if name in model.seeds and name in first.seeds]
        return {name: compare(model, first, name) for name in shared}

    @cached_property
    def _first(self) -> Measured:
        return measure([self.tables[0]])


class _Ranking:
    """A Scorer of users whose ranking is known."""

    tasks = frozenset({"retrieval"})

    def __init__(self, scores: np.ndarray) -> None:
        self._scores = scores

    def scores(self, users: np.ndarray) -> np.ndarray:
        """Return the ranking of the users it was made for."""
        return self._scores

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        """Ratings are not ranked."""
        raise NotImplementedError


def measure_blends(
    scorer: Scorer,
    split: Split,
    part: Part,
    positions: Sequence[float] = POSITIONS,
    most_scores: int | None = None,
) -> BlendCurve:
    """Rank all users of a part at each blend, and measure the rankings.

    Scores and ratings are computed once for all blends.

    Args:
        scorer: a model that retrieves and rates.
        split: its ratings.
        part: what is to be found in the rankings; it has ratings.
        positions: of the blends, see `recsys.blend.weight_at`.
        most_scores: where the users of the part have more scores than this (users x movies), only
            every second, third … of them is measured.
    """
    users = np.flatnonzero(np.diff(split.csr(part).indptr))
    if most_scores is not None:
        users = users[:: max(1, -(-len(users) * split.n_movies // most_scores))]
    wanted, seen = held_out(split, part, users), not_candidates(split, part)
    ranks: list[list[np.ndarray]] = [[] for _ in range(len(positions) + 1)]
    for _, chunk in user_chunks(users, split.n_movies):
        given = outputs(scorer, chunk, seen, split.rating_scale)
        for own, ranking in zip(ranks, _rankings(given, positions, seen.pairs(chunk)), strict=True):
            ranked = rank_relevant(
                ranking,
                chunk,
                wanted.movies,
                seen,
                split.n_movies,
                depth=LIST_LENGTH,
                exact_first=False,
            )
            own.append(ranked.ranks)
    *tables, recipe = (_table(np.concatenate(own), users, wanted, split) for own in ranks)
    return BlendCurve(tuple(tables), recipe)


def _rankings(
    given: Outputs, positions: Sequence[float], seen: tuple[np.ndarray, np.ndarray]
) -> Iterator[_Ranking]:
    """Yield the ranking at each position, then that of the usual recipe."""
    for position in positions:
        yield _Ranking(given.blended(weight_at(position)))
    yield _Ranking(retrieve_then_sort(given, seen))


def _table(ranks: np.ndarray, users: np.ndarray, wanted: HeldOut, split: Split) -> Table:
    owners, _ = wanted.movies.positions(users)
    name, *_ = BLEND_METRICS
    return {
        USERS: users,
        COUNTS: np.bincount(owners),
        name: metrics.ndcg(ranks, owners, LIST_LENGTH),
    } | liked_metrics(ranks, owners, wanted.ratings, split.rating_scale)
