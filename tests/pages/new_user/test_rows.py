import numpy as np

from pages.ui.new_user import rows
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import Taste
from pages.ui.titles import folded


def test_what_is_asked_is_neither_rated_nor_skipped(scene: Scene) -> None:
    order = scene.asking_order.tolist()
    assert rows.asked(scene, Taste()).tolist() == order[: rows.TILES + rows.RESERVE]
    taste = Taste({order[0]: 3.0, order[5]: 1.0}, skipped=(order[2],))
    expected = [movie for movie in order if movie not in (order[0], order[5], order[2])]
    assert rows.asked(scene, taste).tolist() == expected[: rows.TILES + rows.RESERVE]
    everything = Taste(dict.fromkeys(range(scene.split.n_movies), 3.0))
    assert rows.asked(scene, everything).tolist() == []


def test_titles_are_found_by_all_words_the_popular_ones_first(scene: Scene) -> None:
    found = rows.found(scene, "movIE 3")
    names = scene.data.movies["title"].iloc[found].tolist()
    assert len(names) == rows.TILES
    assert all("3" in name for name in names)
    popularity = np.bincount(scene.split.train.movies, minlength=scene.split.n_movies)[found]
    assert (np.diff(popularity) <= 0).all()
    for nothing in ("", "   ", "no such movie", "(.*"):
        assert rows.found(scene, nothing).tolist() == []
    assert folded("AMÉLIE Straße") == "amelie strasse"


def test_slider_is_there_once_it_can_change_something(scene: Scene) -> None:
    assert rows.board_data(scene, Taste(), 0)["blend"] is None
    assert rows.board_data(scene, Taste({3: 5.0}), 25)["blend"]["value"] == "score + 2 × stars"
