import dataclasses

import numpy as np
import pandas as pd

from pages.ui.recommend import rows as recommend_rows
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.recommend import retrieve_then_rate
from recsys.scorer import TwoTowerScorer


def test_titles_leave_out_the_year(scene: tuple[Dataset, Split, TwoTowerScorer]) -> None:
    data = dataclasses.replace(scene[0], movies=scene[0].movies.copy(), fingerprint="e" * 64)
    data.movies.loc[0, ["title", "year"]] = ["The Godfather (1972)", 1972]
    data.movies.loc[1, ["title", "genres"]] = ["2001 (1968)", ""]
    columns = recommend_rows.movie_columns(data, np.array([0, 1]))
    assert columns["title"].tolist() == ["The Godfather", "2001 (1968)"]
    assert columns["genres"][1] == []


def test_history_is_train_ratings_newest_first(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, _ = scene
    user = split.user_code("3")
    history = recommend_rows.history_rows(data, split, user).to_pandas()
    assert len(history) == len(split.history(user))
    assert history["date"].is_monotonic_decreasing
    raw = data.ratings[data.ratings["user_id"] == "3"].set_index("movie_id")
    for row in history.to_dict("records"):
        movie = row["title"].removeprefix("Movie ")
        assert row["stars"] == raw["rating"][movie]
        assert row["date"].timestamp() == raw["timestamp"][movie]


def test_unknown_years_and_dates_are_missing_in_the_history(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, _ = scene
    user = split.user_code("3")
    movies = data.movies.assign(year=pd.array([None] * len(data.movies), dtype="Int64"), genres="")
    bare = dataclasses.replace(data, movies=movies, has_timestamps=False, fingerprint="d" * 64)
    history = recommend_rows.history_rows(bare, split, user)
    assert history.num_rows == len(split.history(user)) > 0
    assert history["year"].null_count == history["date"].null_count == history.num_rows
    assert history["genres"].to_pylist() == [[]] * history.num_rows
    # Without dates, the best rated come first.
    stars = history["stars"].to_pylist()
    assert stars == sorted(stars, reverse=True)


def test_holdout_ranks_count_candidates_with_higher_scores(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    user = int(split.holdout.users[0])
    held = recommend_rows.holdout_rows(data, split, scorer, user)
    scores = scorer.scores(np.array([user]))[0]
    candidates = np.setdiff1d(np.arange(split.n_movies), split.seen(user))
    order = candidates[np.argsort(-scores[candidates])].tolist()
    movies, stars = recommend_rows.rated(split, "holdout", user)
    expected = sorted(
        (order.index(movie) + 1, given) for movie, given in zip(movies, stars, strict=True)
    )
    assert list(zip(held["rank"], held["stars"], strict=True)) == expected


def test_hits_are_marked_with_the_rating_given(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    user = int(split.holdout.users[0])
    shown = retrieve_then_rate(scorer, split, user, split.n_movies, with_seen=True)
    rows = recommend_rows.as_table(
        recommend_rows.recommendation_rows(shown, data, split, scorer, user)
    )
    movies, stars = recommend_rows.rated(split, "holdout", user)
    facts = dict(zip(shown.movies.tolist(), rows["own"], strict=True))
    assert rows["hit"].sum() == len(movies)
    for movie, given in zip(movies.tolist(), stars, strict=True):
        assert facts[movie] == f"✓ {given:g} ★"
    for part, name in (("train", "seen"), ("validation", "validation")):
        expected = len(split.of_user(part, user).movies)
        assert sum(fact.startswith(f"{name} ·") for fact in facts.values()) == expected


def test_order_by_stars_keeps_the_ranks(scene: tuple[Dataset, Split, TwoTowerScorer]) -> None:
    data, split, scorer = scene
    shown = retrieve_then_rate(scorer, split, 0, 10)
    rows = recommend_rows.as_table(
        recommend_rows.recommendation_rows(shown, data, split, scorer, 0, "stars")
    )
    assert rows["stars"].is_monotonic_decreasing
    assert sorted(rows["rank"]) == list(range(1, 11))


def test_model_that_does_not_rate_has_no_stars(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    only = dataclasses.replace(scorer, tasks=frozenset({"retrieval"}))
    shown = retrieve_then_rate(only, split, 0, 10)
    rows = recommend_rows.as_table(
        recommend_rows.recommendation_rows(shown, data, split, only, 0, "stars")
    )
    assert rows["stars"].isna().all()
    assert list(rows["rank"]) == list(range(1, 11))


def test_genre_mask_keeps_movies_with_any_of_the_genres(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data = scene[0]
    assert recommend_rows.genre_mask(data, []) is None
    mask = recommend_rows.genre_mask(data, ["Drama"])
    assert mask is not None
    assert mask.tolist() == data.movies["genres"].str.contains("Drama").tolist()


def test_bar_runs_from_the_median_to_the_best() -> None:
    assert recommend_rows.score_range(np.array([1, 2, 3, 4, np.nan])) == (2.5, 4.0)
    low, high = recommend_rows.score_range(np.array([2.0, 2.0]))
    assert low < high == 2.0


def test_genres_most_frequent_in_history_and_list() -> None:
    history = [["Drama"], ["Drama", "War"], ["Comedy"], []]
    recommended = [["War", "Comedy"], ["War"]]
    rows = recommend_rows.genre_shares(history, recommended, most=2)
    assert [(row["genre"], row["part"], row["share"]) for row in rows] == [
        ("War", "history", 0.25),  # 0.25 + 1.0; then Comedy with 0.25 + 0.5
        ("War", "recommended", 1.0),
        ("Comedy", "history", 0.25),
        ("Comedy", "recommended", 0.5),
    ]
    assert recommend_rows.genre_shares([], [[]]) == []
