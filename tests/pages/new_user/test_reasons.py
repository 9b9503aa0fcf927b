from collections.abc import Sequence

import numpy as np
import pytest

from pages.ui.new_user.reasons import reasons
from pages.ui.new_user.scene import Scene
from recsys.explanations.parts import history_parts
from recsys.explanations.person import Person
from recsys.scorer import RATING, RETRIEVAL

MOVIES = np.array([1, 2, 5, 30, 33, 36])
BY_SCORE = {RETRIEVAL: 1.0}


def person_with(scene: Scene, stars: dict[int, float]) -> Person:
    ratings = np.array(list(stars.values()), np.float32)
    return scene.models[0].person(np.array(list(stars)), ratings)


def name_of(scene: Scene, code: int) -> str:
    (name,) = scene.data.catalogue.names_of(np.array([code]))
    return name


def named(scene: Scene, person: Person, reason: str) -> int | None:
    """Return the place in the history of the movie that a reason names."""
    for place, code in enumerate(person.movies):
        if reason.removesuffix(", liked or not").endswith(f" {name_of(scene, code)}"):
            return place
    return None


@pytest.mark.parametrize("factors", [BY_SCORE, {RETRIEVAL: 0.5, RATING: 2.0}, {RATING: 1.0}])
def test_reason_is_the_rating_that_speaks_most_for_a_movie_among_the_list(
    scene: Scene, factors: dict[str, float]
) -> None:
    person = person_with(scene, {3: 5.0, 8: 3.0, 9: 3.0, 20: 4.0})
    parts = sum(factor * history_parts(person, MOVIES, task) for task, factor in factors.items())
    for column, reason in enumerate(reasons(scene, person, MOVIES, factors)):
        own = parts[:, column] - np.delete(parts, column, axis=1).mean(axis=1)
        own[parts[:, column] <= 0] = -np.inf
        place = int(own.argmax())
        verb = "liked" if person.stars[place] >= 4 else "saw"
        name = name_of(scene, person.movies[place])
        assert reason == (f"because you {verb} {name}" if np.isfinite(own[place]) else "")
    assert reasons(scene, person, np.array([], int), factors) == []


def test_disliked_movie_is_named_only_where_no_other_one_speaks(scene: Scene) -> None:
    low_named = 0
    for liked in range(3, 8):
        person = person_with(scene, {liked: 5.0, liked + 7: 1.0, liked + 20: 2.0, 20: 3.0})
        parts = history_parts(person, MOVIES)
        others_speak = (parts[[0, 3]] > 0).any(axis=0)
        for column, reason in enumerate(reasons(scene, person, MOVIES, BY_SCORE)):
            place = named(scene, person, reason)
            assert (place in (0, 3)) == others_speak[column]
            low_named += place in (1, 2)
    assert low_named  # the numbers of this model have both


@pytest.mark.parametrize(
    ("seen", "by_stars", "reason"),
    [
        (1.0, 0.2, "because you saw {}, liked or not"),
        (1.0, -0.2, "because you saw {}, liked or not"),
        (0.2, 1.0, "because you did not like {}"),
        (-0.5, 1.0, "because you did not like {}"),
        (0.2, -1.0, ""),
    ],
)
def test_of_a_disliked_movie_is_said_whether_seeing_or_disliking_it_counts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, seen: float, by_stars: float, reason: str
) -> None:
    def constant(value: float) -> object:
        def part(person: Person, movies: Sequence[int], task: str) -> np.ndarray:
            return np.full((len(person.movies), len(movies)), value)

        return part

    monkeypatch.setattr("pages.ui.new_user.reasons.history_parts", constant(seen + by_stars))
    monkeypatch.setattr("pages.ui.new_user.reasons.seen_parts", constant(seen))
    person = person_with(scene, {8: 1.0})
    (said,) = reasons(scene, person, np.array([5]), BY_SCORE)
    assert said == reason.format(name_of(scene, 8))
