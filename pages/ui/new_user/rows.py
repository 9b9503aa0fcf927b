"""What the New user page shows, as rows: movies to rate, movies found, and the lists."""

from typing import Any

import numpy as np

from pages.ui.new_user.scene import Model, Scene
from pages.ui.new_user.taste import Taste
from pages.ui.titles import search, titles
from recsys.data.splits import Split
from recsys.data.tables import GENRES, MOVIE_ID, YEAR
from recsys.evaluation.liked import is_liked
from recsys.explanations.parts import history_parts
from recsys.explanations.person import Person
from recsys.recommend import Recommendations, retrieve_then_rate

Row = dict[str, Any]

LENGTH = 10  # of a list
TILES = 9
RESERVE = 15  # movies that take the places of those rated before the server has answered
MOST_GENRES = 2  # named on a tile


def board_data(scene: Scene, taste: Taste) -> Row:
    """Return all that the component shows."""
    scale = scene.scale
    return {
        "of": scene.data.fingerprint,
        "answered": taste.answered,
        "keep": taste.is_too_long_for_url,
        "scale": {"stars": scale.stars, "values": scale.values, "low": scale.low}
        | {"high": scale.high},
        "tiles": TILES,
        "ratings": rated_rows(scene, taste),
        "skipped": scene.split.movie_ids[list(taste.skipped)].tolist(),
        "ask": movie_rows(scene, asked(scene, taste)),
        "query": taste.query,
        "found": movie_rows(scene, found(scene, taste.query)),
        "sentence": sentence(scene, taste),
        "lists": lists(scene, taste),
    }


def movie_rows(scene: Scene, movies: np.ndarray) -> list[Row]:
    """Return movies as `{id, title, about}`; `about` has year and genres, as far as known."""
    rows = scene.data.movies.iloc[movies]
    return [
        {"id": str(id_), "title": title, "about": _about(year, genres)}
        for id_, title, year, genres in zip(
            rows[MOVIE_ID], titles(scene.data, movies), rows[YEAR], rows[GENRES], strict=True
        )
    ]


def rated_rows(scene: Scene, taste: Taste) -> list[Row]:
    """Return the ratings as movies with `stars`, the latest last."""
    rows = movie_rows(scene, taste.movies)
    return [row | {"stars": stars} for row, stars in zip(rows, taste.ratings.values(), strict=True)]


def asked(scene: Scene, taste: Taste) -> np.ndarray:
    """Return the next movies to ask about: codes, neither rated nor skipped."""
    order = scene.asking_order
    done = [*taste.ratings, *taste.skipped]
    first: np.ndarray = order[: TILES + RESERVE + len(done)]
    return first[~np.isin(first, done)][: TILES + RESERVE]


def found(scene: Scene, query: str) -> np.ndarray:
    """Return the movies whose titles have all words of a query, the popular ones first: codes."""
    return search(scene.data, query, scene.split.movie_counts)[:TILES]


def lists(scene: Scene, taste: Taste) -> list[Row]:
    """Return the list of each model; the most popular movies where there is none, or no rating."""
    if not taste.ratings or not scene.models:
        shown = recommended(scene.popular, scene.split, taste.movies)
        movies = movie_rows(scene, shown.movies)
        return [{"label": "", "notes": [], "ranked": True, "movies": movies}]
    several = len(scene.models) > 1
    return [
        {
            "label": model.label if several else "",
            "notes": list(model.notes),
            "ranked": model.retrieves,
            "movies": model_rows(scene, model, taste),
        }
        for model in scene.models
    ]


def model_rows(scene: Scene, model: Model, taste: Taste) -> list[Row]:
    """Return the list of a model: movies with predicted `stars` and `why`, as text."""
    person = model.person(taste.movies, taste.stars)
    shown = recommended(person.as_scorer(), scene.split, taste.movies)
    rows = movie_rows(scene, shown.movies)
    whys = reasons(scene, person, shown.movies) if model.retrieves else [""] * len(rows)
    for row, stars, why in zip(rows, shown.ratings.tolist(), whys, strict=True):
        row |= {"stars": f"{stars:.1f}" if model.rates else "", "why": why}
    return rows


def recommended(scorer: Any, split: Split, rated: np.ndarray) -> Recommendations:
    """Return what a scorer recommends to its user 0, without the movies that they have rated."""
    allowed = np.ones(split.n_movies, bool)
    allowed[rated] = False
    return retrieve_then_rate(scorer, split, 0, LENGTH, with_seen=True, allowed=allowed)


def reasons(scene: Scene, person: Person, movies: np.ndarray) -> list[str]:
    """Return for each movie of a list the rating that speaks for it: `because you liked Fargo`.

    It is the one that adds most to the movie's score compared with the other movies of the list,
    among those that add anything.
    """
    if not len(movies):
        return []
    parts = history_parts(person, movies)
    others = max(len(movies) - 1, 1)
    rest = (parts.sum(axis=1, keepdims=True) - parts) / others
    contrast = np.where(parts > 0, parts - rest, -np.inf)
    best = contrast.argmax(axis=0)
    names = titles(scene.data, person.movies[best])
    liked = is_liked(person.stars[best], scene.split.rating_scale)
    return [
        f"because you {'liked' if is_one else 'saw'} {name}" if part > 0 else ""
        for name, is_one, part in zip(names, liked, parts.max(axis=0), strict=True)
    ]


def sentence(scene: Scene, taste: Taste) -> str:
    """Return the sentence over the lists."""
    if not scene.models:
        return "The most popular movies."
    if not taste.ratings:
        return "So far, the most popular movies. Rate one, and watch this list change."
    count = len(taste.ratings)
    told = f"{count:,} ratings" if count > 1 else "one rating"
    return (
        f"From your {told} alone. Nothing is trained: the model adds up what it has learnt about "
        "each movie you rated."
    )


def _about(year: Any, genres: str) -> str:
    known = [str(year)] if year is not None and str(year).isdigit() else []
    names = ", ".join(genres.split("|")[:MOST_GENRES])
    return " · ".join([*known, *([names] if names else [])])
