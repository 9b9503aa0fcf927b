"""The maps, and what is marked on them, as lists of numbers for the browser."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.ui.movie_map import colourings
from pages.ui.movie_map.colourings import NAMES
from pages.ui.movie_map.layouts import UMAP, Maps
from pages.ui.movie_map.scene import LEAST_RATINGS, Model, Scene
from recsys.counted import counted
from recsys.data.tables import GENRES, MOVIE_ID, YEAR
from recsys.explanations.similar import similar_movies
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RETRIEVAL

FRAME = 10_000  # the largest coordinate: whole numbers are shorter than decimals
NEIGHBOURS = 10
RECOMMENDED = 20
RULE = f"Movies with fewer than {LEAST_RATINGS} train ratings are left out."


def points_of(scene: Scene, maps: Maps) -> bytes:
    """Return `points_data` as JSON, computed once.

    As Python lists they would take ten times the memory, and Streamlit would turn them into JSON
    with each run of the page.
    """
    labels = tuple(model.label for model in scene.models)
    return _points(map_key(scene, maps), labels, _scene=scene, _maps=maps)


@st.cache_resource(max_entries=16, show_spinner=False)
def _points(key: str, labels: tuple[str, ...], _scene: Scene, _maps: Maps) -> bytes:
    return json.dumps(points_data(_scene, _maps), separators=(",", ":")).encode()


def map_key(scene: Scene, maps: Maps) -> str:
    """Return what tells these maps from others."""
    return "|".join((*scene.key, maps.layout))


def points_data(scene: Scene, maps: Maps) -> dict[str, Any]:
    """Return the maps: everything that stays while movies are clicked.

    Returns:
        `{key, rule, ids, titles, years, genres, kinds, counts, maps, colourings}`. All lists have a
        value for each movie, the most-rated first. `rule` says which are left out. `genres` are
        positions in `kinds`; a map is `{name, x, y}`.
    """
    movies, table = scene.movies, scene.data.movies.iloc[scene.movies]
    kinds, genres = np.unique(table[GENRES].to_numpy(dtype=str), return_inverse=True)
    largest = max((np.abs(points).max(initial=0) for points in maps.points), default=0) or 1
    return {
        "key": map_key(scene, maps),
        "rule": RULE,
        "ids": [str(id_) for id_ in table[MOVIE_ID]],
        "titles": scene.data.catalogue.names_of(movies),
        "years": [None if year is None else int(year) for year in _or_none(table[YEAR])],
        "genres": genres.tolist(),
        "kinds": [kind.replace("|", ", ") for kind in kinds.tolist()],
        "counts": scene.counts[movies].tolist(),
        "maps": [
            {"name": model.label, **_coordinates(FRAME * points / largest)}
            for model, points in zip(scene.models, maps.points, strict=True)
        ],
        "colourings": _colourings(scene),
    }


def _or_none(column: Any) -> list[Any]:
    return [value if known else None for value, known in zip(column, column.notna(), strict=True)]


def _coordinates(points: np.ndarray) -> dict[str, list[int]]:
    rounded = np.rint(points).astype(int)
    return {"x": rounded[:, 0].tolist(), "y": rounded[:, 1].tolist()}


def _colourings(scene: Scene) -> dict[str, dict[str, Any]]:
    data, movies = scene.data, scene.movies
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "genre": lambda: colourings.genre_colouring(data, movies),
        "year": lambda: colourings.year_colouring(data, movies),
        "popularity": lambda: colourings.popularity_colouring(scene.counts[movies]),
        "mean": lambda: colourings.mean_colouring(scene.means[movies]),
    }
    return {
        name: make() | {"name": NAMES[name]}
        for name, make in made.items()
        if name in colourings.known_colourings(data)
    }


def shown_data(
    scene: Scene,
    maps: Maps,
    movie: int | None,
    colour: str,
    user: int | None,
    on_top: Sequence[str],
) -> dict[str, Any]:
    """Return what is marked on the maps.

    Args:
        scene: the models and their data.
        maps: where the movies lie.
        movie: code of the highlighted movie, if any.
        colour: the colouring.
        user: code of the user, if one is chosen.
        on_top: which of `history` and `recommendations` are marked.

    Returns:
        `{key, colour, colouring, movie, user}`. `colouring` is that of the user, or None; `movie`
        is that of `movie_data`, or None; `user` is `{history, stars, recommended}`, positions on
        the map and stars given, the recommended ones a list for each model, or None.
    """
    return {
        "key": map_key(scene, maps),
        "colour": colour,
        "colouring": _user_colouring(scene, colour, user),
        "movie": None if movie is None else movie_data(scene, movie),
        "user": None if user is None else _user_data(scene, user, on_top),
    }


def movie_data(scene: Scene, movie: int) -> dict[str, Any]:
    """Return the highlighted movie and its nearest neighbours in the models' own spaces.

    Returns:
        `{place, title, about, lists, note}`: `place` on the map, None if the movie is not on it; a
        list is `{name, movies}`, its movies `{place, id, title, similarity, both}`, where `both`
        says whether the movie is in both lists.
    """
    catalogue, places = scene.data.catalogue, place_of(scene)
    count = int(scene.counts[movie])
    about = [", ".join(catalogue.genres[movie]), counted(count, "rating")]
    made = {"title": catalogue.titles[movie], "about": " · ".join(filter(None, about)), "note": ""}
    if movie not in places:
        note = f"{counted(count, 'train rating')}, so it is not on the map. {RULE}"
        return made | {"place": None, "lists": [], "note": note}
    found = [_neighbours(scene, model, movie) for model in scene.models]
    common = set.intersection(*({code for code, _ in near} for near in found))
    return made | {
        "place": places[movie],
        "lists": [
            {
                "name": model.label if len(scene.models) > 1 else "",
                "movies": [
                    {
                        "place": places[code],
                        "id": catalogue.ids[code],
                        "title": catalogue.titles[code],
                        "similarity": round(cosine, 2),
                        "both": len(found) > 1 and code in common,
                    }
                    for code, cosine in near
                ],
            }
            for model, near in zip(scene.models, found, strict=True)
        ],
    }


def place_of(scene: Scene) -> dict[int, int]:
    """Return the place on the map of each movie code that is on it."""
    return {code: place for place, code in enumerate(scene.movies.tolist())}


def _neighbours(scene: Scene, model: Model, movie: int) -> list[tuple[int, float]]:
    known = np.zeros(scene.split.n_movies, bool)
    known[scene.movies] = True
    return similar_movies(model.scorer, movie, NEIGHBOURS, known)


def _user_colouring(scene: Scene, colour: str, user: int | None) -> dict[str, Any] | None:
    if user is None or colour not in colourings.OF_USER:
        return None
    of_user = {"stars": colourings.stars_colouring, "rank": colourings.rank_colouring}
    made = of_user[colour](scene.models[0].scorer, scene.split, user, scene.movies)
    return made | {"name": NAMES[colour]}


def _user_data(scene: Scene, user: int, on_top: Sequence[str]) -> dict[str, Any]:
    places = place_of(scene)
    history: dict[int, float] = {}
    if "history" in on_top:
        own = scene.split.of_user("train", user)
        history = {
            places[code]: round(float(stars), 1)
            for code, stars in zip(own.movies.tolist(), own.ratings, strict=True)
            if code in places
        }
    recommended = [
        [places[code] for code in _recommended(scene, model, user) if code in places]
        if "recommendations" in on_top
        else []
        for model in scene.models
    ]
    return {
        "history": list(history),
        "stars": list(history.values()),
        "recommended": recommended,
    }


def _recommended(scene: Scene, model: Model, user: int) -> list[int]:
    if RETRIEVAL not in model.scorer.tasks:
        return []
    movies: list[int] = retrieve_then_rate(
        model.scorer, scene.split, user, RECOMMENDED
    ).movies.tolist()
    return movies


def about(scene: Scene, maps: Maps) -> str:
    """Say in a few sentences what the map shows, and how much of the model."""
    dimensions = scene.models[0].scorer.candidate.shape[1]
    sentences = [
        f"{counted(len(scene.movies), 'movie')} with at least {LEAST_RATINGS} train ratings."
    ]
    if maps.layout == UMAP:
        sentences.append(
            "UMAP keeps neighbours together; how far groups are apart, and their place, say little."
        )
    else:
        sentences.append(
            f"PCA shows the two directions in which the model's {dimensions} dimensions differ "
            f"most: {maps.share:.0%} of their variance. So two movies can be near each other here "
            "and far apart in the other dimensions."
        )
    sentences.append(
        f"Of a movie's ten nearest in all dimensions, by cosine, {maps.kept:.0%} are among its ten "
        "nearest on the map. The list has those in all dimensions."
    )
    if maps.agreement is not None:
        how = (
            "starts from the first, and is turned and scaled to fit it"
            if maps.layout == UMAP
            else "is turned and scaled to fit the first, in all dimensions"
        )
        sentences.append(
            f"The second map {how}: each then explains {maps.agreement:.0%} of the other's "
            "variance."
        )
    return " ".join(sentences)
