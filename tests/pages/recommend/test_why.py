import re

import numpy as np
import pytest

from pages.ui.recommend.board_data import board_data
from pages.ui.recommend.results import ListOptions, user_results
from pages.ui.recommend.why import Explainer, explainer
from pages.ui.recommend.why_data import found, why_data
from recsys.baselines import BiasModel, most_popular
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.explanations.person import person_of
from recsys.scorer import TwoTowerScorer
from tests.explanations.pooled_model import pooled_model
from tests.pages.small_lab import Lab

USER, K = 3, 5


@pytest.fixture
def pooled(scene: tuple[Dataset, Split, TwoTowerScorer]) -> tuple[Dataset, Split, TwoTowerScorer]:
    data, split, _ = scene
    return data, split, pooled_model(split)


def explainer_of(
    data: Dataset, split: Split, model: TwoTowerScorer, weight: float = 0.0
) -> Explainer:
    options = ListOptions(K, weight=weight, earlier_weight=weight)
    shown = user_results(data, split, USER, options, [model]).lists[0]
    return explainer(
        model,
        split,
        BiasModel(split),
        USER,
        ranked_by=shown.ranked_by,
        listed=shown.rows["movie"].to_numpy(),
        weight=weight if shown.is_blended else 0.0,
        members=2,
    )


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_ranks_in_the_panel_are_those_of_the_list(pooled, weight):
    one = explainer_of(*pooled, weight=weight)
    assert [one.rank(movie) for movie in one.listed.tolist()] == list(range(1, K + 1))


@pytest.mark.parametrize("weight", [0.0, 2.0, float("inf")])
@pytest.mark.parametrize("kind", ["contrast", "score", "stars"])
def test_bars_and_sums_add_up_to_the_value(pooled, weight, kind):
    one = explainer_of(*pooled, weight=weight)
    bars = one.bars(int(one.listed[1]), kind)
    total = bars.values.sum() + bars.rest + bars.parts.of_user + bars.parts.of_movie
    assert total == pytest.approx(bars.parts.value)
    assert len(bars.places) + bars.n_rest == len(one.person.movies)


def test_stars_of_the_panel_are_those_of_the_scorer(pooled):
    _, _, model = pooled
    one = explainer_of(*pooled)
    movie = int(one.listed[0])
    expected = model.ratings(np.array([USER]), np.array([movie]))[0]
    assert one.bars(movie, "stars").parts.value == pytest.approx(expected, abs=1e-4)


def test_contrast_bars_are_parts_minus_their_mean_over_the_rest_of_the_list(pooled):
    _, split, model = pooled
    one = explainer_of(*pooled)
    person = person_of(model, split, BiasModel(split), USER)
    scores = model.scores(np.array([USER]))[0]
    movie, *rest = one.listed.tolist()
    bars = one.bars(movie, "contrast")
    assert bars.parts.value == pytest.approx(scores[movie] - scores[rest].mean(), abs=1e-4)
    place = int(bars.places[0])
    terms = person.terms()[place] @ model.candidate[[movie, *rest]].T
    assert bars.values[0] == pytest.approx(terms[0] - terms[1:].mean(), abs=1e-5)


def test_ranks_without_a_rating_are_told_for_scores_and_not_for_stars(pooled):
    data, split, _ = pooled
    one = explainer_of(*pooled)
    panel = why_data(one, data, split, USER, int(one.listed[2]), 0.0)
    contrast, score, stars = panel["modes"]
    assert contrast["has_ranks"]
    assert score["has_ranks"]
    assert not stars["has_ranks"]
    assert all(re.fullmatch(r"=|3 → \d+", row["rank"]) for row in contrast["rows"])


def test_the_first_movie_is_said_to_rest_on_ratings_that_really_matter(pooled):
    data, split, _ = pooled
    one = explainer_of(*pooled)
    first, second = int(one.listed[0]), int(one.listed[1])
    text = why_data(one, data, split, USER, first, 0.0)["without"]
    removal = one.removal(first)
    assert removal is not None
    titles = [data.movies["title"].iloc[code] for code in one.person.movies[removal.places]]
    assert titles[0].split(" (")[0] in text
    assert why_data(one, data, split, USER, second, 0.0)["without"] == ""


def test_a_movie_beyond_the_list_is_told_what_would_bring_it_in(pooled):
    data, split, _ = pooled
    one = explainer_of(*pooled)
    ranked = sorted(np.flatnonzero(one.candidates), key=lambda code: (-one.ranked_by[code], code))
    panel = why_data(one, data, split, USER, int(ranked[K + 3]), 0.0)
    assert panel["facts"][0]["value"] == str(K + 4)
    assert panel["wishes"]["text"]
    assert why_data(one, data, split, USER, int(ranked[0]), 0.0)["wishes"] is None


def test_a_seen_movie_has_a_rank_as_if_it_were_not_seen(pooled):
    data, split, _ = pooled
    one = explainer_of(*pooled)
    panel = why_data(one, data, split, USER, int(split.history(USER)[0]), 0.0)
    assert panel["facts"][0]["note"] == "if it were not seen"
    assert panel["facts"][-1]["value"].startswith("seen")
    assert panel["wishes"] is None


def test_reasons_speak_for_the_movie_and_more_than_for_the_others(pooled):
    one = explainer_of(*pooled)
    movie = int(one.listed[0])
    bars = one.bars(movie, "contrast")
    best = one.person.movies[bars.places[0]]
    assert one.reasons()[0][0] == best


def test_a_model_without_histories_has_no_bars(scene):
    data, split, scorer = scene
    for model in (scorer, most_popular(split)):
        one = explainer_of(data, split, model)
        panel = why_data(one, data, split, USER, int(one.listed[0]), 0.0)
        assert panel["modes"] == []
        assert panel["without"] == ""
        assert panel["wishes"] is None
        assert one.reasons() == [[] for _ in range(K)]


def test_search_names_the_popular_movies_first(scene):
    data, split, _ = scene
    shown = found(data, split, " mOvie 2")
    counts = dict(zip(data.movies["movie_id"], split.movie_counts, strict=True))
    assert shown
    assert all("Movie" in one["title"] and "2" in one["title"] for one in shown)
    assert [counts[one["id"]] for one in shown] == sorted(
        (counts[one["id"]] for one in shown), reverse=True
    )
    for nothing in ("", "  ", "no such title ("):
        assert found(data, split, nothing) == []


def test_board_holds_every_list_with_its_reasons_and_marks(lab: Lab, pooled):
    data, split, model = pooled
    results = user_results(data, split, USER, ListOptions(K), [model, most_popular(split)])
    explainers = [explainer_of(data, split, one) for one in (model, most_popular(split))]
    board = board_data(
        data, results.lists, explainers, ["a run", "popular"], int(explainers[0].listed[1]), 0
    )
    first, popular = board["lists"]
    assert [movie["rank"] for movie in first["movies"]] == list(range(1, K + 1))
    assert board["chosen"] == first["movies"][1]["id"]
    assert first["movies"][0]["why"].startswith("because of ")
    counts = np.bincount(split.train.movies, minlength=split.n_movies)
    assert popular["movies"][0]["why"] == f"{counts[explainers[1].listed[0]]:,} ratings"
    hits = [movie["hit"] for movie in first["movies"]]
    assert sum(hits) == results.lists[0].hits


def test_with_seen_movies_in_the_list_ranks_count_them_too(pooled):
    data, split, model = pooled
    options = ListOptions(K, with_seen=True)
    shown = user_results(data, split, USER, options, [model]).lists[0]
    listed = shown.rows["movie"].to_numpy()
    one = explainer(
        model,
        split,
        BiasModel(split),
        USER,
        ranked_by=shown.ranked_by,
        listed=listed,
        weight=0.0,
        members=2,
        with_seen=True,
    )
    assert [one.rank(movie) for movie in listed.tolist()] == list(range(1, K + 1))
    panel = why_data(one, data, split, USER, int(listed[0]), 0.0)
    assert panel["facts"][0]["note"] == f"of {split.n_movies:,} movies"
