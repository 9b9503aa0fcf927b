import numpy as np
import pytest

from pages.ui import state
from pages.ui.recommend.charts import BOX, scatter_chart
from pages.ui.recommend.results import CANDIDATES, Box, ListOptions, user_results
from pages.ui.recommend.rows import box_row
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.scorer import TwoTowerScorer
from tests.explanations.pooled_model import pooled_model
from tests.pages.small_lab import Lab, OpenPage

USER = 3
PAGE = "pages/4_Recommend.py"
EVERYTHING = (-np.inf, np.inf)


@pytest.fixture
def pooled(scene: tuple[Dataset, Split, TwoTowerScorer]) -> tuple[Dataset, Split, TwoTowerScorer]:
    data, split, _ = scene
    return data, split, pooled_model(split)


def results(pooled, box: Box | None = None, models: int = 1, **options):
    data, split, model = pooled
    chosen = ListOptions(5, view="scatter", box=box, **options)
    return user_results(data, split, USER, chosen, [model] * models)


def test_candidates_are_the_first_movies_with_both_scores(pooled):
    _, split, model = pooled
    shown = results(pooled).lists[0]
    unseen = split.n_movies - len(split.seen(USER))
    assert len(shown.candidates) == min(CANDIDATES, unseen)
    codes = [row["movie"] for row in shown.candidates]
    assert codes[:5] == shown.codes.tolist()
    scores = model.scores(np.array([USER]))[0]
    np.testing.assert_allclose([row["score"] for row in shown.candidates], scores[codes])


def test_a_box_leaves_its_movies_in_the_order_of_the_ranking(pooled):
    everything = results(pooled).lists[0].candidates
    low, high = np.quantile([row["stars"] for row in everything], [0.3, 0.7])
    shown = results(pooled, Box(EVERYTHING, (low, high))).lists[0]
    inside = [row["movie"] for row in everything if low <= row["stars"] <= high]
    assert shown.codes.tolist() == inside[:5]
    assert len(shown.candidates) == len(everything)  # the plot keeps all of them


def test_an_empty_box_shows_no_movie(pooled):
    assert results(pooled, Box((1e6, 2e6), EVERYTHING)).lists[0].movies == []


def test_the_box_filters_the_first_model_alone(pooled):
    first, second = results(pooled, Box((1e6, 2e6), EVERYTHING), models=2).lists
    assert first.movies == []
    assert len(second.movies) == 5
    assert second.candidates is None


def test_the_blend_moves_which_candidates_there_are(pooled):
    plain, blended = (
        [row["movie"] for row in results(pooled, weight=weight).lists[0].candidates]
        for weight in (0.0, 5.0)
    )
    assert plain != blended


@pytest.mark.parametrize(
    "box", [Box((0.2134, 0.35), (3.5, 4.4)), Box((-1.5, -0.25), (0.5, 5.0)), Box((0, 1e-9), (1, 2))]
)
def test_a_box_survives_its_way_through_a_link(box: Box):
    assert Box.from_text(box.to_text()) == box


@pytest.mark.parametrize(
    "text", ["", "1..2", "1..2,3", "1..2,3..x", "1..2,3..nan", "1..2..3,4..5", "1..2,3..4,5..6"]
)
def test_what_is_no_box_is_none(text: str):
    assert Box.from_text(text) is None


def test_a_box_of_a_link_is_drawn_as_far_as_there_are_movies():
    movies = [{"score": 0.1, "stars": 3.0}, {"score": 0.5, "stars": 4.0}]
    (row,) = box_row(movies, (0.2, 9.0), (-9.0, 3.5))
    assert (row["score"], row["score_to"], row["stars"], row["stars_to"]) == (0.2, 0.5, 3.0, 3.5)
    assert box_row(movies, (0.6, 0.9), (3.0, 4.0)) == []


def test_link_opens_with_its_box(lab: Lab, open_page: OpenPage) -> None:
    query = {"run": lab.runs[2], "user": "7", "view": "scatter"}
    app = open_page(PAGE, **query, box="-9..9,99..100")
    assert any("No movie is in the box" in one.value for one in app.info)
    app.button(key=state.RECOMMEND_CLEAR_BOX).click().run()
    assert not app.info
    assert state.BOX not in app.query_params
    app = open_page(PAGE, **query, box="big")
    assert any("box “big”" in one.value for one in app.caption)
    assert not app.info


def test_another_user_takes_the_box_away(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7", view="scatter", box="-9..9,0..9")
    assert app.query_params[state.BOX] == "-9..9,0..9"
    app.button(key=state.RECOMMEND_NEXT).click().run()
    assert state.BOX not in app.query_params


def test_chart_has_the_selection_that_the_page_reads():
    spec = scatter_chart().to_dict()
    assert [param["name"] for param in spec["params"]] == [BOX]


def test_page_draws_the_plot_over_the_tiles(lab: Lab, open_page: OpenPage) -> None:
    app = open_page("pages/4_Recommend.py", run=lab.runs[2], user="7", view="scatter")
    assert not app.exception
    assert any("Draw a box" in caption.value for caption in app.caption)


@pytest.mark.parametrize("place", [0, 1])
def test_run_of_one_task_has_no_plot(lab: Lab, open_page: OpenPage, place: int) -> None:
    app = open_page("pages/4_Recommend.py", run=lab.runs[place], user="7", view="scatter")
    assert any("No plot" in caption.value for caption in app.caption)
    assert not any("Draw a box" in caption.value for caption in app.caption)
