from dataclasses import replace

import numpy as np
import pytest

from pages.ui.new_user import rows
from pages.ui.new_user.scene import Model, Scene
from pages.ui.new_user.taste import Taste
from pages.ui.titles import folded
from recsys.baselines import BiasModel
from recsys.explanations.parts import history_parts
from recsys.explanations.person import average_own, new_person, person_of
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RETRIEVAL
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import random_split


@pytest.mark.parametrize("user", [0, 7])
def test_a_new_user_is_shown_the_same_as_the_same_person_in_the_data(user: int) -> None:
    split = random_split()
    biases, model = BiasModel(split), pooled_model(split)
    own = np.array(
        [person_of(model, split, biases, u).own[RETRIEVAL] for u in range(split.n_users)]
    )
    model = replace(model, query=model.query - own)  # without attributes, there is nothing else
    history = split.of_user("train", user)
    new = new_person(
        model, biases, average_own(model, split, biases), history.movies, history.ratings
    )
    shown = rows.recommended(new.as_scorer(), split, split.seen(user))
    in_data = retrieve_then_rate(model, split, user, rows.LENGTH)
    assert shown.movies.tolist() == in_data.movies.tolist()
    np.testing.assert_allclose(shown.scores, in_data.scores, atol=1e-5)


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


def test_list_is_that_of_the_model_without_what_is_rated(scene: Scene) -> None:
    taste = Taste({3: 5.0, 8: 1.0})
    (shown,) = rows.lists(scene, taste)
    (model,) = scene.models
    person = new_person(model.scorer, model.biases, model.own, taste.movies, taste.stars)
    scores = person.scores()
    scores[taste.movies] = -np.inf
    best = np.argsort(-scores, kind="stable")[: rows.LENGTH]
    assert [row["id"] for row in shown["movies"]] == scene.split.movie_ids[best].tolist()
    stars = np.clip(person.ratings(best), *scene.split.rating_scale)
    assert [row["stars"] for row in shown["movies"]] == [f"{one:.1f}" for one in stars]


def test_reason_is_the_rating_that_speaks_most_for_a_movie_among_the_list(scene: Scene) -> None:
    taste = Taste({3: 5.0, 8: 1.0, 9: 2.0, 20: 4.0})
    person = scene.models[0].person(taste.movies, taste.stars)
    movies = np.array([1, 2, 5, 30])
    parts = history_parts(person, movies)
    for column, reason in enumerate(rows.reasons(scene, person, movies)):
        own = parts[:, column] - np.delete(parts, column, axis=1).mean(axis=1)
        own[parts[:, column] <= 0] = -np.inf
        place = int(own.argmax())
        title = scene.data.movies["title"][taste.movies[place]]
        verb = "liked" if taste.stars[place] >= 4 else "saw"
        expected = f"because you {verb} {title}" if np.isfinite(own[place]) else ""
        assert reason == expected.replace(f" ({1960 + taste.movies[place]})", "")
    assert rows.reasons(scene, person, np.array([], int)) == []


def test_works_with_one_rating_and_with_all_but_one(scene: Scene) -> None:
    (one,) = rows.lists(scene, Taste({3: 5.0}))
    assert len(one["movies"]) == rows.LENGTH
    many = Taste(dict.fromkeys(range(1, scene.split.n_movies), 3.0))
    (last,) = rows.lists(scene, many)
    assert [row["id"] for row in last["movies"]] == [scene.split.movie_ids[0]]
    assert rows.lists(scene, Taste(many.ratings | {0: 3.0}))[0]["movies"] == []


def test_without_a_rating_or_a_model_the_list_is_the_most_popular(scene: Scene) -> None:
    counts = np.bincount(scene.split.train.movies, minlength=scene.split.n_movies)
    best = np.argsort(-counts, kind="stable")
    (shown,) = rows.lists(scene, Taste())
    assert [row["id"] for row in shown["movies"]] == scene.split.movie_ids[best[:10]].tolist()
    (left,) = rows.lists(replace(scene, models=()), Taste({int(best[0]): 5.0}))
    assert [row["id"] for row in left["movies"]] == scene.split.movie_ids[best[1:11]].tolist()


def test_model_that_does_not_rate_shows_no_stars(scene: Scene) -> None:
    (model,) = scene.models
    only = replace(model.scorer, tasks=frozenset({RETRIEVAL}))
    blind = replace(scene, models=(Model("blind", only, model.biases, model.own),))
    (shown,) = rows.lists(blind, Taste({3: 5.0}))
    assert {row["stars"] for row in shown["movies"]} == {""}


def test_tiles_say_what_is_known_of_a_movie(scene: Scene) -> None:
    (row,) = rows.movie_rows(scene, np.array([1]))
    assert row == {"id": "2", "title": "Movie 2", "about": "1961 · Comedy, Drama"}
    movies = scene.data.movies.assign(genres="", year=None)
    bare = replace(scene, data=replace(scene.data, movies=movies))
    assert rows.movie_rows(bare, np.array([1]))[0]["about"] == ""
