import numpy as np
import pytest

from pages.ui.recommend.charts import BOX, scatter_chart
from pages.ui.recommend.results import CANDIDATES, Box, ListOptions, user_results
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.scorer import TwoTowerScorer
from tests.explanations.pooled_model import pooled_model
from tests.pages.small_lab import Lab, OpenPage

USER = 3
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
    np.testing.assert_array_equal(shown.candidates["movie"][:5], shown.rows["movie"])
    scores = model.scores(np.array([USER]))[0]
    np.testing.assert_allclose(shown.candidates["score"], scores[shown.candidates["movie"]])


def test_a_box_leaves_its_movies_in_the_order_of_the_ranking(pooled):
    everything = results(pooled).lists[0].candidates
    low, high = np.quantile(everything["stars"], [0.3, 0.7])
    shown = results(pooled, Box(EVERYTHING, (low, high))).lists[0]
    inside = everything[everything["stars"].between(low, high)]
    np.testing.assert_array_equal(shown.rows["movie"], inside["movie"][:5])
    assert len(shown.candidates) == len(everything)  # the plot keeps all of them


def test_an_empty_box_shows_no_movie(pooled):
    assert results(pooled, Box((1e6, 2e6), EVERYTHING)).lists[0].rows.empty


def test_the_box_filters_the_first_model_alone(pooled):
    first, second = results(pooled, Box((1e6, 2e6), EVERYTHING), models=2).lists
    assert first.rows.empty
    assert len(second.rows) == 5
    assert second.candidates is None


def test_the_blend_moves_which_candidates_there_are(pooled):
    plain, blended = (
        results(pooled, weight=weight, earlier_weight=weight).lists[0].candidates["movie"]
        for weight in (0.0, 5.0)
    )
    assert plain.tolist() != blended.tolist()


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
