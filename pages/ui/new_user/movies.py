"""Movies as rows of the New user page: id, title, and what is known of them."""

from typing import Any

import numpy as np

from pages.ui.new_user.scene import Scene

Row = dict[str, Any]

MOST_GENRES = 2  # named on a tile


def movie_rows(scene: Scene, movies: np.ndarray) -> list[Row]:
    """Return movies as `{id, title, about}`; `about` has year and genres, as far as known."""
    catalogue = scene.data.catalogue
    return [
        {
            "id": catalogue.ids[code],
            "title": catalogue.names[code],
            "about": catalogue.about(code, MOST_GENRES),
        }
        for code in movies
    ]
