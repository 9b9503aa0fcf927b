"""What the component of the New user page shows: movies to rate, movies found, and the lists."""

import numpy as np

from pages.ui.new_user import blending
from pages.ui.new_user.lists import lists
from pages.ui.new_user.movies import Row, movie_rows
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import Taste
from pages.ui.titles import search

TILES = 9
RESERVE = 15  # movies that take the places of those rated before the server has answered


def board_data(scene: Scene, taste: Taste, step: int) -> Row:
    """Return all that the component shows; `step` is that of the serving blend."""
    scale = scene.scale
    blends = bool(taste.ratings) and any(model.blends for model in scene.models)
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
        "blend": blending.slider(step) if blends else None,
        "lists": lists(scene, taste, step),
    }


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
