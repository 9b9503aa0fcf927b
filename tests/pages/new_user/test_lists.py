from dataclasses import replace

import numpy as np
import pytest

from pages.ui.new_user import lists
from pages.ui.new_user.scene import Model, Scene
from pages.ui.new_user.taste import Taste
from recsys.baselines import BiasModel
from recsys.blend import blend
from recsys.explanations.person import average_own, new_person, person_of
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RATING, RETRIEVAL
from tests.explanations.pooled_model import pooled_model
from tests.synthetic import random_split

STARS_ALONE = 50  # step of the serving blend


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
    shown = lists.recommended(new.as_scorer(), split, split.seen(user))
    in_data = retrieve_then_rate(model, split, user, lists.LENGTH)
    assert shown.movies.tolist() == in_data.movies.tolist()
    np.testing.assert_allclose(shown.scores, in_data.scores, atol=1e-5)


def test_list_is_that_of_the_model_without_what_is_rated(scene: Scene) -> None:
    taste = Taste({3: 5.0, 8: 1.0})
    (shown,) = lists.lists(scene, taste)
    (model,) = scene.models
    person = new_person(model.scorer, model.biases, model.own, taste.movies, taste.stars)
    scores = person.scores()
    scores[taste.movies] = -np.inf
    best = np.argsort(-scores, kind="stable")[: lists.LENGTH]
    assert [row["id"] for row in shown["movies"]] == scene.split.movie_ids[best].tolist()
    stars = np.clip(person.ratings(best), *scene.split.rating_scale)
    assert [row["stars"] for row in shown["movies"]] == [f"{one:.1f}" for one in stars]


def test_works_with_one_rating_and_with_all_but_one(scene: Scene) -> None:
    (one,) = lists.lists(scene, Taste({3: 5.0}))
    assert len(one["movies"]) == lists.LENGTH
    many = Taste(dict.fromkeys(range(1, scene.split.n_movies), 3.0))
    (last,) = lists.lists(scene, many)
    assert [row["id"] for row in last["movies"]] == [scene.split.movie_ids[0]]
    assert lists.lists(scene, Taste(many.ratings | {0: 3.0}))[0]["movies"] == []


def test_without_a_rating_or_a_model_the_list_is_the_most_popular(scene: Scene) -> None:
    counts = np.bincount(scene.split.train.movies, minlength=scene.split.n_movies)
    best = np.argsort(-counts, kind="stable")
    (shown,) = lists.lists(scene, Taste())
    assert [row["id"] for row in shown["movies"]] == scene.split.movie_ids[best[:10]].tolist()
    (left,) = lists.lists(replace(scene, models=()), Taste({int(best[0]): 5.0}))
    assert [row["id"] for row in left["movies"]] == scene.split.movie_ids[best[1:11]].tolist()


def test_model_that_does_not_rate_shows_no_stars(scene: Scene) -> None:
    (model,) = scene.models
    only = replace(model.scorer, tasks=frozenset({RETRIEVAL}))
    blind = replace(scene, models=(Model("blind", only, model.biases, model.own),))
    (shown,) = lists.lists(blind, Taste({3: 5.0}))
    assert {row["stars"] for row in shown["movies"]} == {""}


@pytest.mark.parametrize("weight", [0.5, 8.0, np.inf])
def test_blend_is_that_of_a_user_of_the_data(weight: float) -> None:
    split = random_split()
    biases, model = BiasModel(split), pooled_model(split)
    user = 3
    person = replace(person_of(model, split, biases, user), movies=split.seen(user))
    alone = replace(
        model,
        query=model.query[[user]],
        rating_query=model.rating_query[[user]],
        rating_user_bias=model.rating_user_bias[[user]],
    )
    shown, _ = lists.ranked(_Fixed(alone, person.movies), split, weight)
    in_data = retrieve_then_rate(
        model, split, user, lists.LENGTH, ranking=blend(model, split, weight)
    )
    assert shown.movies.tolist() == in_data.movies.tolist()


class _Fixed:
    """A person whose scorer is given."""

    def __init__(self, scorer: object, movies: np.ndarray) -> None:
        self.as_scorer = lambda: scorer
        self.movies = movies


def test_stars_alone_rank_by_predicted_stars(scene: Scene) -> None:
    taste = Taste({3: 5.0, 8: 1.0})
    (shown,) = lists.lists(scene, taste, STARS_ALONE)
    (model,) = scene.models
    person = model.person(taste.movies, taste.stars)
    predicted = person.ratings(np.arange(scene.split.n_movies))
    predicted[taste.movies] = -np.inf
    best = np.argsort(-predicted, kind="stable")[: lists.LENGTH]
    assert [row["id"] for row in shown["movies"]] == scene.split.movie_ids[best].tolist()


def test_factors_are_how_much_each_output_counts_in_the_order(scene: Scene) -> None:
    taste = Taste({3: 5.0, 8: 1.0, 20: 4.0})
    (model,) = scene.models
    person = model.person(taste.movies, taste.stars)
    shown, factors = lists.ranked(person, scene.split, 2.0)
    ordered = factors[RETRIEVAL] * shown.scores + factors[RATING] * person.ratings(shown.movies)
    assert (np.diff(ordered) <= 1e-5).all()


@pytest.mark.parametrize("step", [0, STARS_ALONE])
def test_note_counts_what_would_stay_with_the_opposite_stars(scene: Scene, step: int) -> None:
    taste, opposite = Taste({3: 5.0, 8: 1.0, 9: 2.0}), Taste({3: 1.0, 8: 5.0, 9: 4.0})
    (shown,), (other,) = lists.lists(scene, taste, step), lists.lists(scene, opposite, step)
    ids = [{row["id"] for row in one["movies"]} for one in (shown, other)]
    stay = len(ids[0] & ids[1])
    (note,) = shown["notes"]
    assert note.startswith(f"With the opposite stars, {stay} of these 10 would still be here")
    assert ("your stars count" in note) == (stay < 5)
    assert ("move the slider" in note) == (step == 0)


def test_note_points_to_the_slider_where_stars_hardly_count(scene: Scene) -> None:
    (model,) = scene.models
    blind = replace(model.scorer, history_residual=np.zeros_like(model.scorer.history_residual))
    scene = replace(scene, models=(replace(model, scorer=blind),))
    (shown,) = lists.lists(scene, Taste({3: 5.0}))
    (note,) = shown["notes"]
    assert "10 of these 10" in note
    assert "move the slider" in note
    only = replace(blind, tasks=frozenset({RETRIEVAL}))
    (shown,) = lists.lists(replace(scene, models=(replace(model, scorer=only),)), Taste({3: 5.0}))
    assert "slider" not in shown["notes"][0]  # there is none


def test_no_note_where_the_opposite_stars_are_the_same(scene: Scene) -> None:
    (shown,) = lists.lists(scene, Taste({3: 3.0}))
    assert shown["notes"] == []
