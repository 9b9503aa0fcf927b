"""Why a movie is in a new user's list, in a few words: `because you liked Fargo`."""

import re
from collections.abc import Callable

import numpy as np

from pages.ui.new_user.scene import Scene
from recsys.evaluation.liked import is_disappointing, is_liked
from recsys.explanations.parts import history_parts, seen_parts
from recsys.explanations.person import Person

Part = Callable[[Person, np.ndarray, str], np.ndarray]
Factors = dict[str, float]  # task -> how much its output counts in the order of the list
ALTERNATIVE_TITLE = re.compile(r" \(.*\)$")


def reasons(scene: Scene, person: Person, movies: np.ndarray, factors: Factors) -> list[str]:
    """Return for each movie of a list the rating that speaks for it; "" where none does.

    It is the one that adds most to what the movie is ranked by, compared with the other movies of
    the list, among those that add anything. A movie that the person disliked is named only where
    no other one speaks for this one; then the words say whether having seen it or disliking it
    counts.

    Args:
        scene: gives the titles and the scale of the ratings.
        person: the new user.
        movies: codes, the list, [k].
        factors: see `Factors`.
    """
    if not len(movies):
        return []
    parts = _weighted(history_parts, person, movies, factors)
    seen = _weighted(seen_parts, person, movies, factors)
    rest = (parts.sum(axis=1, keepdims=True) - parts) / max(len(movies) - 1, 1)
    contrast = np.where(parts > 0, parts - rest, -np.inf)
    low = is_disappointing(person.stars, scene.split.rating_scale)
    others = np.where(low[:, np.newaxis], -np.inf, contrast)
    speaks = np.isfinite(others).any(axis=0)
    best = np.where(speaks, others.argmax(axis=0), contrast.argmax(axis=0))
    columns = np.arange(len(movies))
    liked = is_liked(person.stars, scene.split.rating_scale)[best]
    by_dislike = parts[best, columns] > 2 * seen[best, columns]  # the stars add more than the rest
    rated = scene.data.catalogue.names_of(person.movies[best])
    names = [ALTERNATIVE_TITLE.sub("", name) for name in rated]
    return [
        _words(name, liked=is_one, low=is_low, by_dislike=by) if part > 0 else ""
        for name, is_one, is_low, by, part in zip(
            names, liked, low[best], by_dislike, parts[best, columns], strict=True
        )
    ]


def _weighted(part: Part, person: Person, movies: np.ndarray, factors: Factors) -> np.ndarray:
    """Return the parts in what the list is ordered by, [n, k]."""
    total: np.ndarray = sum(
        (factor * part(person, movies, task) for task, factor in factors.items() if factor),
        start=np.zeros((len(person.movies), len(movies))),
    )
    return total


def _words(name: str, *, liked: bool, low: bool, by_dislike: bool) -> str:
    if liked:
        return f"because you liked {name}"
    if low and by_dislike:
        return f"because you did not like {name}"
    return f"because you saw {name}, liked or not" if low else f"because you saw {name}"
