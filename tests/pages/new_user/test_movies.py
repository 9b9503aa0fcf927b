from dataclasses import replace

import numpy as np

from pages.ui.new_user.movies import movie_rows
from pages.ui.new_user.scene import Scene


def test_tiles_say_what_is_known_of_a_movie(scene: Scene) -> None:
    (row,) = movie_rows(scene, np.array([1]))
    assert row == {"id": "2", "title": "Movie 2", "about": "1961 · Comedy, Drama"}
    movies = scene.data.movies.assign(genres="", year=None)
    bare = replace(scene, data=replace(scene.data, movies=movies))
    assert movie_rows(bare, np.array([1]))[0]["about"] == ""
