import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pages.ui.recommend.board_data import board_data
from pages.ui.recommend.results import ListOptions, MovieList, user_results
from pages.ui.recommend.why import Explainer, explainer
from pages.ui.recommend.why_data import found, why_data
from recsys.baselines import BiasModel, most_popular
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.explanations.parts import Heads
from recsys.explanations.person import person_of
from recsys.scorer import TwoTowerScorer
from tests.explanations.pooled_model import WIDTH, pooled_model
from tests.pages.small_lab import Lab

USER, K = 3, 5


@pytest.fixture
def pooled(scene: tuple[Dataset, Split, TwoTowerScorer]) -> tuple[Dataset, Split, TwoTowerScorer]:
    data, split, _ = scene
    return data, split, pooled_model(split)


def list_of(data: Dataset, split: Split, model: TwoTowerScorer, weight: float = 0.0) -> MovieList:
    return user_results(data, split, USER, ListOptions(K, weight=weight), [model]).lists[0]


def panel_of(one: Explainer, pooled, movie: int) -> dict[str, Any]:
    data, split, model = pooled
    return why_data(one, data, split, USER, movie, 0.0, list_of(data, split, model).movies)


def explainer_of(
    data: Dataset, split: Split, model: TwoTowerScorer, weight: float = 0.0
) -> Explainer:
    shown = list_of(data, split, model, weight)
    return explainer(
        model,
        split,
        BiasModel(split),
        USER,
        ranked_by=shown.ranked_by,
        listed=shown.codes,
        weight=shown.weight,
        heads=Heads(2, WIDTH // 2),
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
    total = bars.values.sum() + bars.rest.sum() + bars.parts.of_user + bars.parts.of_movie
    assert total == pytest.approx(bars.parts.value)
    assert len(bars.movies) + len(bars.rest) == len(one.person.movies)


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
    place = person.movies.tolist().index(bars.movies[0])
    terms = person.terms()[place] @ model.candidate[[movie, *rest]].T
    assert bars.values[0] == pytest.approx(terms[0] - terms[1:].mean(), abs=1e-5)


def test_ranks_without_a_rating_are_told_for_scores_and_not_for_stars(pooled):
    one = explainer_of(*pooled)
    panel = panel_of(one, pooled, int(one.listed[2]))
    contrast, score, stars = panel["modes"]
    assert contrast["has_ranks"]
    assert score["has_ranks"]
    assert not stars["has_ranks"]
    assert all(re.fullmatch(r"=|3 → \d+", row["rank"]) for row in contrast["rows"])


def test_rank_without_all_the_named_ratings_is_that_of_a_list_made_without_them(pooled):
    _, split, model = pooled
    one = explainer_of(*pooled)
    movie = int(one.listed[0])
    bars = one.bars(movie, "contrast")
    person = person_of(model, split, BiasModel(split), USER)
    places = np.flatnonzero(np.isin(person.movies, bars.movies[: bars.n_for]))
    scores = person.without(places).scores()
    expected = 1 + int(((scores > scores[movie]) & one.candidates).sum())
    assert bars.rank_without_all == expected
    text = panel_of(one, pooled, movie)["modes"][0]["together"]
    assert text.startswith(f"Without the first {bars.n_for} of these")
    assert (f"rank 1 → {expected:,}" in text) == (expected != 1)


def test_ranks_without_a_rating_are_left_out_where_none_moves_the_movie(pooled):
    one = explainer_of(*pooled)
    far = replace(one, candidates=np.arange(len(one.candidates)) == one.listed[0])
    modes = panel_of(far, pooled, int(one.listed[0]))["modes"]
    assert not any(mode["has_ranks"] for mode in modes)


def test_panel_tells_the_rank_of_all_movies_and_the_place_in_a_list_that_is_filtered(pooled):
    data, split, model = pooled
    one = explainer_of(*pooled)
    movie = int(one.listed[2])
    shown = list_of(data, split, model).movies
    for place, note in ((3, ""), (1, ", 1 in this list")):
        rows = [row | {"rank": place if row["movie"] == movie else 9} for row in shown]
        fact = why_data(one, data, split, USER, movie, 0.0, rows)["facts"][0]
        assert fact["value"] == "3"
        assert fact["note"] == f"of {one.candidates.sum():,} movies not seen{note}"


def test_the_first_movie_is_said_to_rest_on_ratings_that_really_matter(pooled):
    data, _, _ = pooled
    one = explainer_of(*pooled)
    first, second = int(one.listed[0]), int(one.listed[1])
    text = panel_of(one, pooled, first)["without"]
    removal = one.removal(first)
    assert removal is not None
    titles = [data.movies["title"].iloc[code] for code in one.person.movies[removal.places]]
    assert titles[0].split(" (")[0] in text
    assert panel_of(one, pooled, second)["without"] == ""


def test_a_movie_beyond_the_list_is_told_what_would_bring_it_in(pooled):
    one = explainer_of(*pooled)
    ranked = sorted(np.flatnonzero(one.candidates), key=lambda code: (-one.ranked_by[code], code))
    panel = panel_of(one, pooled, int(ranked[K + 3]))
    assert panel["facts"][0]["value"] == str(K + 4)
    assert panel["wishes"]["text"]
    assert panel_of(one, pooled, int(ranked[0]))["wishes"] is None


def test_a_seen_movie_has_a_rank_as_if_it_were_not_seen(pooled):
    _, split, model = pooled
    one = explainer_of(*pooled)
    movie = int(split.history(USER)[0])
    panel = panel_of(one, pooled, movie)
    person = person_of(model, split, BiasModel(split), USER)
    without = person.without(np.flatnonzero(person.movies == movie)).scores()
    better = int(((without > without[movie]) & one.candidates).sum())
    assert panel["facts"][0]["value"] == str(better + 1)
    for mode in panel["modes"]:  # it does not explain itself
        assert panel["id"] not in [row["id"] for row in mode["rows"]]
    assert panel["facts"][0]["note"] == "if it were not seen"
    assert panel["facts"][-1]["value"].startswith("seen")
    assert panel["wishes"] is None


def test_reasons_speak_for_the_movie_and_more_than_for_the_others(pooled):
    one = explainer_of(*pooled)
    movie = int(one.listed[0])
    bars = one.bars(movie, "contrast")
    low = bars.stars <= 2  # of 1 to 5
    assert low.any()
    assert one.reasons()[0][0] == bars.movies[~low][0]


def test_a_disliked_movie_is_a_reason_where_there_is_no_other(pooled):
    one = explainer_of(*pooled)
    liked_none = replace(one, person=replace(one.person, stars=np.ones_like(one.person.stars)))
    assert any(liked_none.reasons())


def test_a_model_without_histories_has_no_bars(scene):
    data, split, scorer = scene
    for model in (scorer, most_popular(split)):
        one = explainer_of(data, split, model)
        panel = panel_of(one, (data, split, model), int(one.listed[0]))
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
    listed = shown.codes
    one = explainer(
        model,
        split,
        BiasModel(split),
        USER,
        ranked_by=shown.ranked_by,
        listed=listed,
        weight=0.0,
        heads=Heads(2, WIDTH // 2),
        with_seen=True,
    )
    assert [one.rank(movie) for movie in listed.tolist()] == list(range(1, K + 1))
    panel = panel_of(one, pooled, int(listed[0]))
    assert not {panel["id"]} & {row["id"] for mode in panel["modes"] for row in mode["rows"]}
    assert panel["facts"][0]["note"].startswith(f"of {split.n_movies:,} movies")
