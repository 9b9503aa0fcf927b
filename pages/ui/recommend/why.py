"""Why a model recommends a movie to a user, or why not: the figures, without words."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from recsys.baselines import BiasModel
from recsys.data.splits import Split
from recsys.evaluation.liked import is_disappointing
from recsys.explanations.blended import blended
from recsys.explanations.parts import (
    Heads,
    Parts,
    history_parts,
    mean_parts,
    member_spread,
    parts_of,
)
from recsys.explanations.person import Person, person_of
from recsys.explanations.removal import Removal, rank_of, ranks_without, smallest_removal
from recsys.explanations.similar import similar_movies
from recsys.explanations.wishes import Wish, rated_together, wishes
from recsys.line import LineScorer
from recsys.scorer import RATING, RETRIEVAL, TASKS, Scorer, TwoTowerScorer

Kind = Literal["contrast", "score", "stars"]
MOST_FOR, MOST_AGAINST = 7, 3  # ratings shown with their part
NAMED = 2  # ratings named as the reason for a movie
NEIGHBOURS = 6
FEW_RATINGS = 10  # the vector of a movie with fewer train ratings says little
WELL_KNOWN = 300  # most popular movies, which somebody is asked to have rated


@dataclass(frozen=True, eq=False)
class Explainer:
    """One model and one user, ready to be asked about any movie.

    Attributes:
        model: the model as two towers; None for another kind.
        person: the user under what ranks the movies; None if the model does not pool histories.
        plain: the user without the blend; None if the model does not pool histories, or was not
            trained to rate.
        candidates: bool [n_movies], what may be in the list: all that the user has not seen, or
            all movies.
        ranked_by: float32 [n_movies], what the movies are ranked by.
        listed: codes of the list, best first.
        counts: train ratings of each movie, [n_movies].
        lowest: the lowest rating, in stars.
        highest: the highest rating, in stars.
        heads: the rating heads of the model.
        tasks: those that the model was trained for.
    """

    model: TwoTowerScorer | None
    person: Person | None
    plain: Person | None
    candidates: np.ndarray
    ranked_by: np.ndarray
    listed: np.ndarray
    counts: np.ndarray
    lowest: float
    highest: float
    heads: Heads
    tasks: frozenset[str] = TASKS

    @property
    def retrieves(self) -> bool:
        """Whether retrieval scores mean something."""
        return RETRIEVAL in self.tasks

    @property
    def rates(self) -> bool:
        """Whether predicted stars mean something."""
        return RATING in self.tasks

    def rank(self, movie: int) -> int:
        """Return where a movie stands among all candidates, from 1.

        A seen movie that cannot be in the list stands where it would without its own rating.
        """
        ranked_by = self.ranked_by
        if self.person is not None and not self.candidates[movie]:
            ranked_by = _without_itself(self.person, movie).scores()
        return rank_of(ranked_by, movie, self._with(movie))

    def reasons(self) -> list[list[int]]:
        """Return for each listed movie the codes of the ratings that speak most for it.

        Movies that the user disliked are named only where no other one speaks for it.
        """
        if self.person is None or not len(self.listed) or not len(self.person.movies):
            return [[] for _ in self.listed]
        parts = history_parts(self.person, self.listed)
        rest = (parts.sum(axis=1, keepdims=True) - parts) / max(len(self.listed) - 1, 1)
        contrast = parts - rest
        contrast[parts <= 0] = 0
        low = is_disappointing(self.person.stars, (self.lowest, self.highest))
        others = np.where(low[:, np.newaxis], 0, contrast)
        contrast = np.where((others > 0).any(axis=0), others, contrast)
        order = np.argsort(-contrast, axis=0, kind="stable")[:NAMED]
        return [
            [int(self.person.movies[row]) for row in rows if contrast[row, column] > 0]
            for column, rows in enumerate(order.T)
        ]

    def similar(self, movie: int) -> list[tuple[int, float]]:
        """Return (code, similarity) of the nearest movies; none without vectors."""
        if self.model is None or not self.retrieves:
            return []
        return similar_movies(self.model, movie, NEIGHBOURS, self.counts >= FEW_RATINGS)

    def spread(self, movie: int) -> float | None:
        """Return how far the rating heads differ, in stars; None if there are not several."""
        if self.plain is None:
            return None
        found = member_spread(self.plain, np.array([movie]), self.heads)
        return None if found is None else float(found[0])

    def removal(self, movie: int) -> Removal | None:
        """Return the fewest ratings without which a movie in the first place loses it."""
        if self.person is None or self.rank(movie) > 1 or not self.candidates[movie]:
            return None
        return smallest_removal(self.person, movie, self.candidates)

    def wished(self, movie: int) -> tuple[list[Wish], list[int], int] | None:
        """Return what would bring a movie into the list; None if it is in the list or seen.

        Returns:
            Single ratings with the rank they give, the best first.
            Movies that, rated highest together, bring it into the list.
            The rank that these give.
        """
        person, k = self.person, len(self.listed)
        if person is None or not k or self.rank(movie) <= k or not self.candidates[movie]:
            return None
        to_rate = np.zeros(len(self.counts), bool)
        to_rate[np.argsort(-self.counts, kind="stable")[:WELL_KNOWN]] = True
        single = wishes(person, movie, self.candidates, self.highest, self.listed, to_rate)
        codes = [wish.movie for wish in single]
        return single, *rated_together(person, codes, movie, self.candidates, self.highest, k)

    def bars(self, movie: int, kind: Kind) -> "Bars | None":
        """Return the parts of a movie's score, of its difference to the list, or of its stars.

        A movie of the history is explained by the other ratings.
        """
        person = self.plain if kind == "stars" else self.person
        if person is None:
            return None
        if not self.candidates[movie]:
            person = _without_itself(person, movie)
        parts = parts_of(person, movie, RATING if kind == "stars" else RETRIEVAL)
        if kind == "contrast":
            parts = _minus_mean(person, parts, self.listed[self.listed != movie])
        itself = person.movies == movie
        values = np.where(itself, 0.0, parts.of_history)
        order = np.argsort(-values, kind="stable")
        most = order[values[order] > 0][:MOST_FOR]
        least = order[values[order] < 0][-MOST_AGAINST:]
        places = np.concatenate([most, least])
        rest = np.delete(values, places)
        ranks, together = np.array([], int), None
        if kind != "stars":
            ranks = ranks_without(person, movie, self._with(movie), places)
            if len(most) > 1:
                without = person.without(most).scores()
                together = rank_of(without, movie, self._with(movie))
        return Bars(
            movies=person.movies[places],
            stars=person.stars[places],
            values=values[places],
            ranks=ranks,
            n_for=len(most),
            rank_without_all=together,
            rest=rest,
            itself=float(parts.of_history[itself].sum()),
            parts=parts,
        )

    def _with(self, movie: int) -> np.ndarray:
        """Return the candidates, and a movie that may be seen already."""
        result = self.candidates.copy()
        result[movie] = True
        return result


@dataclass(frozen=True, eq=False)
class Bars:
    """The ratings that matter most for one value, with their parts.

    value = values.sum() + rest.sum() + itself + parts.of_user + parts.of_movie

    Attributes:
        movies: codes [n], largest part first.
        stars: float32 [n], their ratings.
        values: float64 [n], their parts.
        ranks: the movie's rank without each of them; empty for stars, where that is not known.
        n_for: how many of them have a positive part; they come first.
        rank_without_all: the movie's rank without all of these; None without several, and for
            stars.
        rest: float64 [m], the parts of all other ratings.
        itself: the part of the movie's own rating; 0 without one.
        parts: the whole sum.
    """

    movies: np.ndarray
    stars: np.ndarray
    values: np.ndarray
    ranks: np.ndarray
    n_for: int
    rank_without_all: int | None
    rest: np.ndarray
    itself: float
    parts: Parts


def explainer(
    scorer: Scorer,
    split: Split,
    biases: BiasModel,
    user: int,
    *,
    ranked_by: np.ndarray,
    listed: np.ndarray,
    weight: float,
    heads: Heads,
    with_seen: bool = False,
) -> Explainer:
    """Return what answers why for one model's list.

    Args:
        scorer: the model.
        split: what it was trained on.
        biases: those of the split.
        user: the user's code.
        ranked_by: float32 [n_movies], what the movies are ranked by.
        listed: codes of the list, best first.
        weight: of the predicted stars in what ranks the movies, see `MovieList.weight`.
        heads: the rating heads of the model.
        with_seen: whether the list may hold seen movies.
    """
    candidates = np.ones(split.n_movies, bool)
    if not with_seen:
        candidates[split.seen(user)] = False
    stored = scorer.middle if isinstance(scorer, LineScorer) else scorer
    model = stored if isinstance(stored, TwoTowerScorer) else None
    plain = person = None
    if model is not None and model.history is not None:
        known = person_of(model, split, biases, user)
        plain = known if RATING in scorer.tasks else None
        person = blended(known, weight, candidates, split.rating_scale)
    return Explainer(
        model=model,
        person=person,
        plain=plain,
        candidates=candidates,
        ranked_by=ranked_by,
        listed=listed,
        counts=split.movie_counts,
        lowest=split.rating_scale[0],
        highest=split.rating_scale[1],
        heads=heads,
        tasks=scorer.tasks,
    )


def _without_itself(person: Person, movie: int) -> Person:
    """Return the person without the rating of a movie, if there is one: it would say itself."""
    places = np.flatnonzero(person.movies == movie)
    return person.without(places) if len(places) else person


def _minus_mean(person: Person, parts: Parts, others: np.ndarray) -> Parts:
    """Return the parts minus their means over other movies."""
    if not len(others):
        return parts
    rest = mean_parts(person, others)
    return Parts(
        parts.value - rest.value,
        parts.of_history - rest.of_history,
        parts.of_user - rest.of_user,
        parts.of_movie - rest.of_movie,
    )
