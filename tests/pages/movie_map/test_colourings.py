import dataclasses

import numpy as np
import pandas as pd
import pytest

from pages.ui.charts import theme
from pages.ui.movie_map import colourings
from pages.ui.movie_map.scene import Scene
from recsys.data.tables import GENRES, YEAR, Dataset
from recsys.scorer import RATING, RETRIEVAL


def with_genres(data: Dataset, genres: list[str]) -> Dataset:
    movies = data.movies.head(len(genres)).assign(**{GENRES: genres})
    return dataclasses.replace(data, movies=movies)


def test_first_genre_colours_a_movie_most_frequent_first(scene: Scene) -> None:
    data = with_genres(scene.data, ["Drama", "Comedy|Drama", "", "Comedy"])
    made = colourings.genre_colouring(data, np.array([3, 2, 1, 0]))
    assert made["names"] == ["Comedy", "Drama"]
    assert made["values"] == [0, -1, 0, 1]
    assert made["colours"] == list(colourings.GENRE_COLOURS[:2])


def test_rare_genres_are_others(scene: Scene) -> None:
    genres = [f"Genre {i}" for i in range(9) for _ in range(3 - (i == 8))]
    made = colourings.genre_colouring(with_genres(scene.data, genres), np.arange(len(genres)))
    assert made["names"] == [*(f"Genre {i}" for i in range(8)), colourings.OTHER]
    assert made["values"][-1] == 8
    assert made["colours"][-1] == theme.BASELINE


def test_scale_is_whole_numbers_and_knows_what_is_missing() -> None:
    values = np.array([1.0, np.nan, 3.004])
    made = colourings.scale(values, lambda value: f"{value:.1f}", decimals=2)
    assert made["values"] == [100, None, 300]
    assert (made["low"], made["high"]) == (104, 296)
    assert made["ends"] == ["1.0", "3.0"]


def test_ends_say_that_there_are_values_beyond_them() -> None:
    values = np.array([0.0, *[10.0] * 98, 99.0])
    made = colourings.scale(values, lambda value: f"{value:.0f}", decimals=0)
    assert made["ends"] == ["≤ 10", "≥ 10"]
    falling = colourings.scale(values, lambda value: f"{-value:.0f}", decimals=0, before="rank ")
    assert falling["ends"] == ["rank ≥ -10", "rank ≤ -10"]


def test_logarithmic_scales_name_their_ends_as_they_are(scene: Scene) -> None:
    assert colourings.popularity_colouring(np.full(5, 1000))["ends"] == ["1,000 ratings"] * 2
    movies = scene.data.movies.assign(**{YEAR: pd.array([1990] * 39 + [None], dtype="Int64")})
    made = colourings.year_colouring(dataclasses.replace(scene.data, movies=movies), np.arange(40))
    assert made["ends"] == ["1990", "1990"]
    assert made["values"][-1] is None


def test_first_rank_is_at_the_upper_end(scene: Scene) -> None:
    scorer = scene.models[0].scorer
    made = colourings.rank_colouring(scorer, scene.split, 3, np.arange(scene.split.n_movies))
    assert made["values"][int(np.argmax(scorer.scores(np.array([3]))[0]))] == 0
    assert min(made["values"]) == round(-1000 * np.log(scene.split.n_movies))


def test_predicted_stars_stay_on_the_scale(scene: Scene) -> None:
    scorer = scene.models[0].scorer
    made = colourings.stars_colouring(scorer, scene.split, 3, scene.movies)
    predicted = scorer.ratings(np.full(len(scene.movies), 3), scene.movies)
    assert made["values"][0] == round(100 * float(np.clip(predicted[0], 1, 5)))
    assert made["stars"]


def test_colourings_without_data_are_absent(scene: Scene) -> None:
    assert colourings.known_colourings(scene.data) == ["genre", "year", "popularity", "mean"]
    movies = scene.data.movies.assign(**{GENRES: "", YEAR: pd.array([None] * 40, dtype="Int64")})
    bare = dataclasses.replace(scene.data, movies=movies)
    assert colourings.known_colourings(bare) == ["popularity", "mean"]


@pytest.mark.parametrize(
    ("tasks", "names"), [({RETRIEVAL}, ["rank"]), ({RATING, RETRIEVAL}, ["stars", "rank"])]
)
def test_colourings_of_a_user_are_those_of_the_tasks_learnt(
    tasks: set[str], names: list[str]
) -> None:
    assert colourings.user_colourings(tasks) == names
