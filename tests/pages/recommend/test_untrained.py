"""A run that did not learn a task: what it would say about this task is nowhere on the page."""

import io

import numpy as np
import pandas as pd
import pytest

from pages.ui import cache
from pages.ui.recommend.board_data import board_data
from pages.ui.recommend.download import list_csv
from pages.ui.recommend.results import ListOptions, movie_vectors, user_results
from pages.ui.recommend.why import explainer
from pages.ui.recommend.why_data import NOT_PREDICTED, why_data
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.explanations.parts import Heads
from recsys.scorer import RATING, RETRIEVAL, TwoTowerScorer
from tests.explanations.pooled_model import pooled_model
from tests.pages.small_lab import Lab, OpenPage

PAGE = "pages/4_Recommend.py"
USER = 3
RATING_RUN, RETRIEVAL_RUN = 0, 1  # places in `lab.runs`: trained for this task alone


@pytest.fixture(params=[RETRIEVAL, RATING])
def task(request: pytest.FixtureRequest) -> str:
    """The only task that was trained."""
    return str(request.param)


@pytest.fixture
def shown(scene: tuple[Dataset, Split, TwoTowerScorer], task: str):
    """The list of a model of one task, with what explains it."""
    data, split, _ = scene
    model = pooled_model(split).limited_to(frozenset({task}))
    (movies,) = user_results(data, split, USER, ListOptions(5), [model]).lists
    config = cache.default_config(data.name)
    explained = explainer(
        model,
        split,
        cache.bias_model(config),
        USER,
        ranked_by=movies.ranked_by,
        listed=movies.codes,
        weight=movies.weight,
        heads=Heads(),
    )
    return data, split, movies, explained


def test_tiles_leave_out_what_was_not_learnt(shown, task: str) -> None:
    data, _, movies, explained = shown
    tiles = board_data(data, [movies], [explained], ["run"], 0, 0)["lists"][0]["movies"]
    assert all((tile["stars"] == "") == (task == RETRIEVAL) for tile in tiles)
    assert [tile["rank"] for tile in tiles] == [1, 2, 3, 4, 5]


def test_a_model_that_only_rates_sorts_by_its_stars(shown, task: str) -> None:
    _, split, movies, explained = shown
    if task == RATING:
        every = explained.plain.ratings(np.arange(split.n_movies))
        every[~explained.candidates] = -np.inf
        best = np.argsort(-every, kind="stable")[:5]
        assert movies.rows["movie"].tolist() == best.tolist()
        assert [explained.rank(movie) for movie in best.tolist()] == [1, 2, 3, 4, 5]
        assert movie_vectors(pooled_model(split).limited_to(frozenset({RATING}))) is None


def test_file_leaves_these_columns_empty(shown, task: str) -> None:
    data, _, movies, _ = shown
    table = pd.read_csv(io.BytesIO(list_csv(data, "u", ["run"], [movies], 0.0)))
    assert table["predicted_stars"].isna().all() == (task == RETRIEVAL)
    assert table["rank"].tolist() == [1, 2, 3, 4, 5]
    assert table["score"].isna().all() == (task == RATING)
    assert table["title"].notna().all()


def test_panel_says_what_was_not_learnt(shown, task: str) -> None:
    data, split, movies, explained = shown
    first = int(movies.codes[0])
    answer = why_data(explained, data, split, USER, first, movies.weight, movies.movies)
    notes = {fact["name"]: fact["note"] for fact in answer["facts"]}
    assert (notes["Predicted"] == NOT_PREDICTED) == (task == RETRIEVAL)
    names = [mode["name"] for mode in answer["modes"]]
    assert names == (["Why this one", "Score"] if task == RETRIEVAL else ["Why this one", "Stars"])
    if task == RATING:
        assert "stars above the list's mean" in answer["modes"][0]["total"]["name"]
        assert not answer["similar"]


@pytest.mark.parametrize(
    ("place", "missing", "sentence"),
    [(RATING_RUN, "score", "sorted by predicted stars"), (RETRIEVAL_RUN, "stars", "left out")],
)
def test_page_says_it_above_the_list(
    lab: Lab, open_page: OpenPage, place: int, missing: str, sentence: str
) -> None:
    app = open_page(PAGE, run=lab.runs[place], user="7", view="table")
    assert np.all(app.dataframe[0].value[missing].isna())
    texts = [one.value for one in app.markdown][1:]  # after the lead of the page
    note = next(i for i, text in enumerate(texts) if "Trained with" in text)
    assert sentence in texts[note]
    assert note < next(i for i, text in enumerate(texts) if "holdout movie" in text)
