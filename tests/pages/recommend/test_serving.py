"""The serving blend on the Recommend page: places of the slider, figures, plot, moved lists."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from pages.ui import state
from pages.ui.recommend import rows as recommend_rows
from pages.ui.recommend import serving_rows
from pages.ui.recommend.charts import blend_chart
from pages.ui.recommend.results import ListOptions, user_results
from recsys.blend import blend, weight_at
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.evaluation.blend_curve import BlendCurve, measure_blends
from recsys.evaluation.bootstrap import Difference
from recsys.evaluation.comparison import Compared
from recsys.evaluation.evaluate import average_metrics, evaluate
from recsys.recommend import retrieve_then_rate
from recsys.scorer import TwoTowerScorer
from tests.pages.chart_specs import layers
from tests.pages.small_lab import Lab, OpenPage

PAGE = "pages/4_Recommend.py"
BLEND = state.bound_field(state.BLEND)


@pytest.fixture
def curve(scene: tuple[Dataset, Split, TwoTowerScorer]) -> BlendCurve:
    _, split, scorer = scene
    return measure_blends(scorer, split, "validation")


def test_places_of_the_slider_are_weights() -> None:
    assert list(serving_rows.WEIGHTS.values()) == [weight_at(n / 50) for n in range(51)]
    assert all(
        float(place) == pytest.approx(weight, rel=0.01)
        for place, weight in serving_rows.WEIGHTS.items()
    )


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (None, None),
        ("", None),
        ("much", None),
        ("nan", None),
        ("-1", None),
        ("-2", None),
        ("0", "0"),
        ("2", "2"),
        ("1.99", "2"),
        ("1000000", "inf"),
        ("inf", "inf"),
    ],
)
def test_place_nearest_to_what_the_url_asks_for(asked: str | None, place: str | None) -> None:
    assert serving_rows.nearest_place(asked) == place


def test_figures_say_what_differs_and_what_may_be_chance(curve: BlendCurve) -> None:
    compared = {
        "ndcg@20": Compared(Difference(-0.002, -0.005, 0.002), "not distinguishable"),
        "ndcg_liked@20": Compared(Difference(0.012, 0.008, 0.017), "better"),
        "disappointments@20": Compared(Difference(0.02, 0.01, 0.03), "worse"),
    }
    ndcg, liked, low = serving_rows.figures(curve, "1.33", compared)
    assert (ndcg.difference, ndcg.is_better) == ("≈ −0.002", None)
    assert (liked.difference, liked.is_better) == ("+0.012", True)
    assert (low.difference, low.is_better) == ("+0.020", False)
    assert "−0.002, 95 % interval −0.005 to +0.002" in ndcg.interval
    assert ndcg.value == curve.figures[20]["ndcg@20"]
    assert [one.difference for one in serving_rows.figures(curve, "0", compared)] == ["", "", ""]


def test_comparison_is_with_retrieval_alone(curve: BlendCurve) -> None:
    compared = curve.compared(30)
    for name in ("ndcg@20", "ndcg_liked@20", "disappointments@20"):
        expected = curve.figures[30][name] - curve.figures[0][name]
        assert compared[name].difference.difference == pytest.approx(expected)


def test_plot_has_the_curve_its_ends_the_recipe_and_the_place(curve: BlendCurve) -> None:
    curve = BlendCurve(curve.tables, curve.tables[10])
    rows = serving_rows.plot_rows(curve, "2")
    kinds = [row["kind"] for row in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "curve": 51, "end": 2, "chosen": 1, "recipe": 1,
    }  # fmt: skip
    (chosen,) = [row for row in rows if row["kind"] == "chosen"]
    assert (chosen["label"], chosen["ndcg"]) == ("score + 2 × stars", curve.figures[25]["ndcg@20"])
    assert [row["label"] for row in rows if row["kind"] == "end"] == [
        "retrieval alone", "stars alone",
    ]  # fmt: skip
    # A ranking without hits has no disappointments, so it has no place.
    none = np.zeros_like(curve.tables[50]["hits"])
    hitless = curve.tables[50] | {"hits": none}
    without = BlendCurve((*curve.tables[:50], hitless), curve.recipe)
    assert len(serving_rows.plot_rows(without, "2")) == len(rows) - 2


def test_recipe_of_fewer_movies_than_it_retrieves_is_the_end_and_no_mark_of_its_own(
    curve: BlendCurve,
) -> None:
    assert curve.figures[-1] == average_metrics(curve.recipe)
    assert "recipe" not in [row["kind"] for row in serving_rows.plot_rows(curve, "2")]


def test_chart_shows_better_to_the_upper_right(curve: BlendCurve) -> None:
    curve = BlendCurve(curve.tables, curve.tables[10])
    chart = blend_chart()
    marks = [layer.mark for layer in layers(chart, rows=serving_rows.plot_rows(curve, "2"))]
    assert marks.count("line") == 1
    assert marks.count("text") == 3
    (line,) = layers(chart, "line")
    assert not line.scale("x")["reverse"]
    assert line.scale("y")["reverse"]


def test_list_is_that_of_the_blend_with_the_models_own_outputs(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    options = ListOptions(10, weight=1.5)
    results = user_results(data, split, 3, options, [scorer])
    ranking = blend(scorer, split, 1.5)
    now = retrieve_then_rate(scorer, split, 3, 10, ranking=ranking)
    before = retrieve_then_rate(scorer, split, 3, 10)
    rows = results.lists[0].rows
    np.testing.assert_array_equal(rows["score"], now.scores)
    np.testing.assert_array_equal(rows["stars"], now.ratings)
    place = {movie: rank for rank, movie in enumerate(before.movies.tolist())}
    for rank, (movie, change) in enumerate(zip(now.movies.tolist(), rows["change"], strict=True)):
        climbed = place.get(movie, 99) - rank
        arrow = "↑" if climbed > 0 else "↓"
        expected = "new" if movie not in place else f"{arrow} {abs(climbed)}" if climbed else ""
        assert change == expected
    gone = [movie for movie in before.movies.tolist() if movie not in now.movies]
    assert results.lists[0].left == tuple(data.catalogue.names[code] for code in gone)
    assert gone
    held = recommend_rows.holdout_rows(data, split, ranking, 3)
    assert results.holdout["rank"].tolist() == held["rank"].tolist()
    assert results.metrics == evaluate(scorer, split, "holdout", np.array([3]))


def test_list_is_compared_with_that_of_another_place_on_the_line(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    other = replace(scorer, candidate=scorer.candidate[:, ::-1].copy())
    first, popular = user_results(
        data, split, 3, ListOptions(10), [scorer, other], [other, other]
    ).lists
    plain = retrieve_then_rate(other, split, 3, 10).movies
    is_new = first.rows["change"] == "new"
    assert is_new.tolist() == (~first.rows["movie"].isin(plain)).tolist()
    assert is_new.any()
    assert not popular.rows["change"].any()


def test_plain_list_shows_no_change(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    one_task = replace(scorer, tasks=frozenset({"retrieval"}))
    moved = ListOptions(10, weight=inf)
    for model, options in ((scorer, ListOptions(10)), (one_task, moved)):
        shown = user_results(data, split, 3, options, [model]).lists[0]
        assert not shown.rows["change"].any()
        assert shown.left == ()
    plain = user_results(data, split, 3, ListOptions(10), [one_task]).lists[0].rows
    assert plain["title"].tolist() == shown.rows["title"].tolist()


def test_slider_moves_list_figures_and_url(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7", view="table")
    before = app.dataframe[0].value["title"].tolist()
    figures = [one.value for one in app.metric[-3:]]
    app.select_slider(key=BLEND).set_value("inf").run()
    assert not app.exception
    assert app.query_params[state.BLEND] == "inf"
    shown = app.dataframe[0].value
    assert shown["stars"].is_monotonic_decreasing
    assert set(shown[shown["change"] == "new"]["title"]) == set(shown["title"]) - set(before)
    (left,) = [one.value for one in app.caption if "Left the list: " in one.value]
    assert left.startswith("Marks compare with **retrieval alone**")
    gone = [title for title in before if title not in set(shown["title"])]
    assert all(title in left for title in gone[:6])
    assert [one.value for one in app.metric[-3:]] != figures
    assert all(one.delta for one in app.metric[-3:])
    # Back again: this is the list that all others are compared with.
    app.select_slider(key=BLEND).set_value("0").run()
    again = app.dataframe[0].value
    assert again["title"].tolist() == before
    assert not again["change"].any()
    assert state.BLEND not in app.query_params


def test_link_opens_at_its_blend(lab: Lab, open_page: OpenPage) -> None:
    app = open_page(PAGE, run=lab.runs[2], user="7", blend="2.01")
    assert app.select_slider(key=BLEND).value == "2"
    app = open_page(PAGE, run=lab.runs[2], user="7", blend="much")
    assert app.select_slider(key=BLEND).value == "0"


@pytest.mark.parametrize("place", [0, 1])
def test_run_that_learnt_one_task_has_no_slider(lab: Lab, open_page: OpenPage, place: int) -> None:
    app = open_page(PAGE, run=lab.runs[place], user="7", blend="2", view="table")
    assert BLEND not in [one.key for one in app.select_slider]
    assert not app.dataframe[0].value["change"].any()


def test_empty_lab_has_no_slider(empty_lab: Lab, open_page: OpenPage) -> None:
    assert BLEND not in [one.key for one in open_page(PAGE, user="7").select_slider]


def test_what_changes_for_all_users_stays_open_whatever_the_sliders_say(
    lab: Lab, open_page: OpenPage
) -> None:
    labels = set()
    for diversity in ("", "0.3"):
        app = open_page(PAGE, run=lab.runs[2], user="7", diversity=diversity)
        labels |= {one.label for one in app.expander if "all users" in one.label}
    assert len(labels) == 1  # Streamlit would take another label for another expander
