"""The lists of a new user: what each model would show, why, and how much the stars decide."""

from math import inf, isinf

import numpy as np

from pages.ui import blend_places
from pages.ui.new_user.movies import Row, movie_rows
from pages.ui.new_user.reasons import Factors, reasons
from pages.ui.new_user.scene import Model, Scene
from pages.ui.new_user.taste import Taste
from recsys.blend import Blended
from recsys.data.splits import Csr, Split
from recsys.explanations.person import Person
from recsys.recommend import Recommendations, retrieve_then_rate
from recsys.scorer import RATING, RETRIEVAL, Scorer

LENGTH = 10
# Shares of a list that stay with opposite stars, from which on they count little, and hardly.
MOSTLY, ALMOST_ALL = 0.5, 0.9


def lists(scene: Scene, taste: Taste, place: int = blend_places.RETRIEVAL_ALONE) -> list[Row]:
    """Return the list of each model; the most popular movies where there is none, or no rating.

    Args:
        scene: the models and their data.
        taste: the ratings.
        place: on the slider of the serving blend.
    """
    if not taste.ratings or not scene.models:
        shown = recommended(scene.popular, scene.split, taste.movies)
        movies = movie_rows(scene, shown.movies)
        return [{"model": "", "label": "", "notes": [], "movies": movies}]
    several = len(scene.models) > 1
    return [
        {"model": model.label, "label": model.label if several else ""}
        | model_list(scene, model, taste, _weight(model, place))
        for model in scene.models
    ]


def _weight(model: Model, place: int) -> float:
    """Return the weight of the stars in the order; a model that only rates sorts by them alone."""
    if model.blends:
        return blend_places.weight_of(place)
    return 0.0 if model.retrieves else inf


def model_list(scene: Scene, model: Model, taste: Taste, weight: float) -> Row:
    """Return the list of a model as `{movies, notes}`.

    Args:
        scene: the data.
        model: the model.
        taste: the ratings.
        weight: of the predicted stars in the order, 0 to infinity.

    Returns:
        Movies are rows with predicted `stars` and `why`, as text; notes are sentences.
    """
    person = model.person(taste.movies, taste.stars)
    shown, factors = ranked(person, scene.split, weight)
    rows = movie_rows(scene, shown.movies)
    whys = reasons(scene, person, shown.movies, factors)
    for row, stars, why in zip(rows, shown.ratings.tolist(), whys, strict=True):
        row |= {"stars": f"{stars:.1f}" if model.rates else "", "why": why}
    notes = list(model.notes)
    if len(rows):
        notes += stars_note(scene, model, taste, weight, shown.movies)
    return {"movies": rows, "notes": notes}


def ranked(person: Person, split: Split, weight: float) -> tuple[Recommendations, Factors]:
    """Return a new user's list by a serving blend, and how much each output counts in its order."""
    scorer, rated = person.as_scorer(), person.movies
    if not weight:
        return recommended(scorer, split, rated), {RETRIEVAL: 1.0}
    seen = Csr(np.array([0, len(rated)]), np.sort(rated))
    blended = Blended(scorer, weight, seen, split.rating_scale)
    shown = recommended(scorer, split, rated, blended)
    if isinf(weight):
        return shown, {RATING: 1.0}
    low, high = split.rating_scale
    spread = float(np.delete(scorer.scores(np.array([0]))[0], rated).std()) or 1.0
    return shown, {RETRIEVAL: 1 / spread, RATING: weight * 4 / (high - low)}


def recommended(
    scorer: Scorer, split: Split, rated: np.ndarray, ranking: Scorer | None = None
) -> Recommendations:
    """Return what a scorer recommends to its user 0, without the movies that they have rated."""
    allowed = np.ones(split.n_movies, bool)
    allowed[rated] = False
    return retrieve_then_rate(
        scorer, split, 0, LENGTH, with_seen=True, allowed=allowed, ranking=ranking
    )


def stars_note(
    scene: Scene, model: Model, taste: Taste, weight: float, shown: np.ndarray
) -> list[str]:
    """Say how much the stars decide in this list: how much of it would stay with opposite ones.

    Args:
        scene: the data.
        model: the model.
        taste: the ratings.
        weight: of the predicted stars in the order.
        shown: the list: codes, [k].

    Returns:
        One sentence or two; nothing where the opposite stars are the same, three of five.
    """
    opposite = scene.scale.opposite(taste.stars)
    if np.array_equal(opposite, taste.stars):
        return []
    other, _ = ranked(model.person(taste.movies, opposite), scene.split, weight)
    stay, n = len(np.intersect1d(shown, other.movies)), len(shown)
    if stay >= ALMOST_ALL * n:
        meaning = "what counts is which movies you rated, hardly the stars"
    elif stay >= MOSTLY * n:
        meaning = "which movies you rated counts more than the stars"
    else:
        meaning = "your stars count"
    note = f"With the opposite stars, {stay} of these {n} would still be here: {meaning}."
    if model.blends and not weight:
        note += " The predicted ★ follow your stars: move the slider to rank by them."
    return [note]
