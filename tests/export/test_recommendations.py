"""All users' top K: equal to the lists of single users, in both formats, whole or not at all."""

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from recsys.baselines import user_movie_bias
from recsys.data.splits import Split
from recsys.data.tables import Dataset, make_dataset
from recsys.errors import DuetError
from recsys.evaluation import ranking
from recsys.export import recommendations
from recsys.export.recommendations import recommendation_batches, write_recommendations
from recsys.recommend import retrieve_then_rate
from recsys.scorer import RATING, RETRIEVAL, TASKS, TwoTowerScorer
from tests.synthetic import random_split

K = 5


def random_scorer(split: Split, seed: int = 0) -> TwoTowerScorer:
    rng = np.random.default_rng(seed)

    def array(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return TwoTowerScorer(
        query=array(split.n_users, 3),
        candidate=array(split.n_movies, 3),
        candidate_bias=array(split.n_movies),
        rating_mean=3.0,
        rating_query=array(split.n_users, 2),
        rating_candidate=array(split.n_movies, 2),
    )


def dataset_of(split: Split, titles: dict[str, str] | None = None) -> Dataset:
    """Return a data set with the users and movies of a split."""
    rows = [(u, m) for u in split.user_ids for m in split.movie_ids]
    ratings = pd.DataFrame(rows, columns=["user_id", "movie_id"]).assign(rating=3.0)
    movies = pd.DataFrame({"movie_id": split.movie_ids})
    movies["title"] = [(titles or {}).get(one, f"Film {one}") for one in split.movie_ids]
    # The order of the split, which is that of the data set it was made of.
    return dataclasses.replace(make_dataset("made", ratings, movies), movies=movies)


@pytest.fixture
def split() -> Split:
    return random_split()


def table(split: Split, scorer: TwoTowerScorer, tasks: frozenset[str] = TASKS) -> pd.DataFrame:
    batches = recommendation_batches(scorer, tasks, dataset_of(split), split, K)
    return pd.concat([batch.to_pandas() for batch in batches])


def test_lists_are_those_of_retrieve_then_rate(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "CHUNK_SCORES", 7 * split.n_movies)  # 7 users in a chunk
    scorer = random_scorer(split)
    found = table(split, scorer)
    assert list(found["user_id"].unique()) == list(split.user_ids)
    for user, rows in found.groupby("user_id"):
        alone = retrieve_then_rate(scorer, split, split.user_code(str(user)), K)
        assert list(rows["movie_id"]) == list(split.movie_ids[alone.movies])
        assert list(rows["rank"]) == list(range(1, len(alone) + 1))
        assert np.allclose(rows["score"], alone.scores, atol=1e-6)
        assert np.allclose(rows["predicted_stars"], alone.ratings, atol=1e-6)
        assert list(rows["title"]) == [f"Film {one}" for one in rows["movie_id"]]


def test_user_with_few_candidates_gets_a_shorter_list(split: Split) -> None:
    assert split.n_movies < 30
    batches = recommendation_batches(random_scorer(split), TASKS, dataset_of(split), split, 30)
    sizes = pd.concat([batch.to_pandas() for batch in batches]).groupby("user_id").size()
    seen = [len(split.seen(split.user_code(str(user)))) for user in sizes.index]
    assert list(sizes) == [split.n_movies - one for one in seen]


def test_rating_that_was_not_learnt_is_missing(split: Split) -> None:
    found = table(split, random_scorer(split), frozenset({RETRIEVAL}))
    assert found["predicted_stars"].isna().all()
    assert found["score"].notna().all()


def test_without_retrieval_the_highest_stars_come_first(split: Split) -> None:
    scorer = user_movie_bias(split)
    found = table(split, scorer, frozenset({RATING}))
    assert found["score"].isna().all()
    own = found[found["user_id"] == split.user_ids[0]]
    unseen = np.setdiff1d(np.arange(split.n_movies), split.seen(0))
    stars = scorer.ratings(np.zeros(len(unseen), int), unseen)
    expected = np.clip(np.sort(stars)[::-1][:K], *split.rating_scale)
    assert np.allclose(own["predicted_stars"], expected, atol=1e-5)


@pytest.mark.parametrize("group_rows", [1, 1000])
def test_parquet_and_csv_hold_the_same(
    split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group_rows: int
) -> None:
    monkeypatch.setattr(ranking, "CHUNK_SCORES", 7 * split.n_movies)  # 7 users in a chunk
    monkeypatch.setattr(recommendations, "GROUP_ROWS", group_rows)
    scorer, dataset = random_scorer(split), dataset_of(split)
    for name in ("top.parquet", "top.CSV"):
        rows = write_recommendations(tmp_path / name, scorer, TASKS, dataset, split, K)
    parquet = pq.read_table(tmp_path / "top.parquet").to_pandas()
    text = pd.read_csv(tmp_path / "top.CSV").astype({"score": "f4", "predicted_stars": "f4"})
    assert rows == len(parquet)
    pd.testing.assert_frame_equal(parquet, text, check_dtype=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["top.CSV", "top.parquet"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_formula_is_inert_in_csv_and_untouched_in_parquet(
    split: Split, tmp_path: Path, start: str
) -> None:
    title = f'{start}HYPERLINK("http://evil")'
    dataset = dataset_of(split, dict.fromkeys(split.movie_ids, title))
    for name in ("top.parquet", "top.csv"):
        write_recommendations(tmp_path / name, random_scorer(split), TASKS, dataset, split, K)
    with (tmp_path / "top.csv").open(newline="") as file:
        cells = {row["title"] for row in csv.DictReader(file)}
    assert cells == {f"'{title}"}
    assert set(pq.read_table(tmp_path / "top.parquet")["title"].to_pylist()) == {title}


def test_write_that_fails_leaves_the_old_file(
    split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "top.csv"
    file.write_text("old")

    def fails(*_: object) -> None:
        raise OSError("full disk")

    monkeypatch.setattr(recommendations, "inert", fails)
    with pytest.raises(OSError, match="full disk"):
        write_recommendations(file, random_scorer(split), TASKS, dataset_of(split), split, K)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["top.csv"]


def test_other_ending_is_refused(split: Split, tmp_path: Path) -> None:
    with pytest.raises(DuetError, match=r"must end in \.parquet or \.csv"):
        write_recommendations(
            tmp_path / "top.xlsx", random_scorer(split), TASKS, dataset_of(split), split, K
        )
