"""Movies as rows of the New user page: id, title, and what is known of them."""

from typing import Any

import numpy as np

from pages.ui.new_user.scene import Scene
from pages.ui.titles import titles
from recsys.data.tables import GENRES, MOVIE_ID, YEAR

Row = dict[str, Any]

MOST_GENRES = 2  # named on a tile


def movie_rows(scene: Scene, movies: np.ndarray) -> list[Row]:
    """Return movies as `{id, title, about}`; `about` has year and genres, as far as known."""
    rows = scene.data.movies.iloc[movies]
    return [
        {"id": str(id_), "title": title, "about": _about(year, genres)}
        for id_, title, year, genres in zip(
            rows[MOVIE_ID], titles(scene.data, movies), rows[YEAR], rows[GENRES], strict=True
        )
    ]


def _about(year: Any, genres: str) -> str:
    known = [str(year)] if year is not None and str(year).isdigit() else []
    names = ", ".join(genres.split("|")[:MOST_GENRES])
    return " · ".join([*known, *([names] if names else [])])
