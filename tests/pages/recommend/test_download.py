import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd

from pages.ui.recommend import rows as recommend_rows
from pages.ui.recommend.download import list_csv
from pages.ui.recommend.results import ListOptions, user_results
from recsys.baselines import most_popular
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.scorer import TwoTowerScorer

PARTS = ("train", "validation", "holdout")


def test_file_holds_each_models_list_as_the_scorer_gives_it(
    scene: tuple[Dataset, Split, TwoTowerScorer],
) -> None:
    data, split, scorer = scene
    models = [scorer, most_popular(split)]
    shown = user_results(data, split, 3, ListOptions(5, with_seen=True), models).lists
    lists = [one.rows for one in shown]
    content = list_csv(data, "u3", ["a run", "popular"], shown, 0.3).decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["model"] for row in rows] == ["a run"] * 5 + ["popular"] * 5
    assert [row["rank"] for row in rows[:5]] == ["1", "2", "3", "4", "5"]
    for row, code in zip(rows, pd.concat(lists)["movie"], strict=True):
        assert row["movie_id"] == data.movies["movie_id"].iloc[code]
    scores = scorer.scores(np.array([3]))[0][lists[0]["movie"]]
    np.testing.assert_allclose([float(row["score"]) for row in rows[:5]], scores, rtol=1e-5)
    ranked_by = shown[0].ranked_by[lists[0]["movie"]]
    np.testing.assert_allclose([float(row["ranked_by"]) for row in rows[:5]], ranked_by, rtol=1e-5)
    assert {(row["blend"], row["diversity"]) for row in rows} == {("0.0", "0.3")}
    given = {part: dict(zip(*recommend_rows.rated(split, part, 3), strict=True)) for part in PARTS}
    for row, code in zip(rows, pd.concat(lists)["movie"], strict=True):
        assert row["user_id"] == "u3"
        parts = [part for part, stars in given.items() if code in stars]
        assert row["own_rating_in"] == (parts[0] if parts else "")
        assert row["own_rating"] == (str(given[parts[0]][code]) if parts else "")
    assert {row["predicted_stars"] for row in rows[5:]} == {""}  # the baseline does not rate


def test_no_cell_is_a_formula(scene: tuple[Dataset, Split, TwoTowerScorer]) -> None:
    data, split, scorer = scene
    titles = "=HYPERLINK(" + data.movies["title"]
    hostile = replace(data, movies=data.movies.assign(title=titles))
    lists = user_results(hostile, split, 3, ListOptions(5), [scorer]).lists
    for row in csv.DictReader(io.StringIO(list_csv(hostile, "+u3", ["@run"], lists, 0.0).decode())):
        assert row["title"].startswith("'=")
        assert row["model"] == "'@run"
        assert row["user_id"] == "'+u3"
