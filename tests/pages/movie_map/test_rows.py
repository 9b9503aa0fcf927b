import dataclasses
import json

import numpy as np
import pytest

from pages.ui.movie_map import rows
from pages.ui.movie_map.layouts import pca_maps
from pages.ui.movie_map.scene import LEAST_RATINGS, Scene, known_movies
from recsys.explanations.similar import similar_movies
from recsys.movie_map.planes import align
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RETRIEVAL


def alone(scene: Scene) -> Scene:
    return dataclasses.replace(scene, models=scene.models[:1])


def test_movies_with_enough_ratings_are_on_the_map_most_rated_first() -> None:
    counts = np.array([LEAST_RATINGS, 9, LEAST_RATINGS - 1, 9])
    assert known_movies(counts).tolist() == [1, 3, 0]


def test_points_are_short_lists_with_a_value_for_each_movie(scene: Scene) -> None:
    data = rows.points_data(scene, pca_maps(scene))
    n = len(scene.movies)
    assert [len(data[name]) for name in ("ids", "titles", "years", "genres", "counts")] == [n] * 5
    assert all(len(one["values"]) == n for one in data["colourings"].values())
    assert [one["name"] for one in data["maps"]] == [model.label for model in scene.models]
    ends = [abs(value) for one in data["maps"] for axis in "xy" for value in one[axis]]
    assert max(ends) == rows.FRAME
    assert all(isinstance(value, int) for value in data["maps"][0]["x"])
    assert data["counts"] == sorted(data["counts"], reverse=True)
    assert json.loads(json.dumps(data)) == data


def test_points_are_prepared_once(scene: Scene) -> None:
    points = rows.points_of(scene, pca_maps(scene))
    assert json.loads(points) == rows.points_data(scene, pca_maps(scene))
    assert rows.points_of(scene, pca_maps(scene)) is points


def test_second_map_is_seen_from_where_the_first_is(scene: Scene) -> None:
    turned = dataclasses.replace(
        scene.models[0].scorer, candidate=-2 * scene.models[0].scorer.candidate[:, ::-1].copy()
    )
    twin = dataclasses.replace(scene.models[0], key="turned", scorer=turned)
    maps = pca_maps(dataclasses.replace(scene, models=(scene.models[0], twin)))
    np.testing.assert_allclose(maps.points[1], maps.points[0], atol=1e-5)
    assert maps.agreement == pytest.approx(1)
    vectors = [model.scorer.candidate[scene.movies] for model in scene.models]
    assert pca_maps(scene).agreement == pytest.approx(align(vectors[1], vectors[0]).agreement)


def test_popular_movies_are_to_the_right(scene: Scene) -> None:
    (points,) = pca_maps(alone(scene)).points
    popularity = np.log(scene.counts[scene.movies])
    assert np.cov(points[:, 0], popularity)[0, 1] > 0
    assert np.cov(points[:, 1], popularity)[0, 1] == pytest.approx(0, abs=1e-9)


def test_neighbours_are_the_nearest_in_each_models_own_space(scene: Scene) -> None:
    movie = int(scene.movies[3])
    known = np.isin(np.arange(scene.split.n_movies), scene.movies)
    data = rows.movie_data(scene, movie)
    assert data["place"] == 3
    found = []
    for model, shown in zip(scene.models, data["lists"], strict=True):
        near = similar_movies(model.scorer, movie, rows.NEIGHBOURS, known)
        found.append({code for code, _ in near})
        assert [scene.movies[one["place"]] for one in shown["movies"]] == [code for code, _ in near]
        assert [one["similarity"] for one in shown["movies"]] == [round(c, 2) for _, c in near]
        assert shown["name"] == model.label
    for shown in data["lists"]:
        both = {int(scene.movies[one["place"]]) for one in shown["movies"] if one["both"]}
        assert both == found[0] & found[1]


def test_list_of_one_map_has_no_name(scene: Scene) -> None:
    (shown,) = rows.movie_data(alone(scene), int(scene.movies[0]))["lists"]
    assert shown["name"] == ""
    assert not any(one["both"] for one in shown["movies"])


def test_movie_that_is_not_on_the_map_says_why(scene: Scene) -> None:
    few = dataclasses.replace(scene, movies=scene.movies[:-1])
    data = rows.movie_data(few, int(scene.movies[-1]))
    assert data["place"] is None
    count = int(scene.counts[scene.movies[-1]])
    assert data["note"].startswith(f"{count} train ratings, so it is not on the map.")
    assert rows.RULE in data["note"]


def test_one_rating_is_not_one_ratings(scene: Scene) -> None:
    rare = dataclasses.replace(scene, movies=scene.movies[:-1], counts=np.ones_like(scene.counts))
    data = rows.movie_data(rare, int(scene.movies[-1]))
    assert data["about"].endswith(" · 1 rating")
    assert data["note"].startswith("1 train rating,")


def test_user_is_marked_by_history_and_recommendations(scene: Scene) -> None:
    data = rows.shown_data(scene, pca_maps(scene), None, "genre", 4, ["history", "recommendations"])
    own = scene.split.of_user("train", 4)
    places = rows.place_of(scene)
    marked = {
        places[code]: stars
        for code, stars in zip(own.movies.tolist(), own.ratings.tolist(), strict=True)
        if code in places
    }
    assert dict(zip(data["user"]["history"], data["user"]["stars"], strict=True)) == marked
    for model, shown in zip(scene.models, data["user"]["recommended"], strict=True):
        best = retrieve_then_rate(model.scorer, scene.split, 4, rows.RECOMMENDED).movies
        expected = [places[code] for code in best.tolist() if code in places]
        assert shown == (expected if RETRIEVAL in model.scorer.tasks else [])
    assert data["colouring"] is None
    nothing = rows.shown_data(scene, pca_maps(scene), None, "stars", 4, [])
    assert nothing["user"] == {"history": [], "stars": [], "recommended": [[], []]}
    assert nothing["colouring"]["stars"]


def test_caption_names_the_share_of_the_variance_and_the_agreement(scene: Scene) -> None:
    maps = pca_maps(scene)
    about = rows.about(scene, maps)
    assert f"{maps.share:.0%} of their variance" in about
    assert f"by cosine, {maps.kept:.0%} are among its ten nearest on the map" in about
    assert f"explains {maps.agreement:.0%}" in about
    assert "second map" not in rows.about(alone(scene), pca_maps(alone(scene)))
