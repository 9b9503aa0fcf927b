import pandas as pd
import pytest

from pages.ui.home import charts
from recsys.data.tables import Dataset
from tests.pages.chart_specs import only


def make_dataset(ratings: list[tuple[str, str, float]], n_movies: int) -> Dataset:
    frame = pd.DataFrame(ratings, columns=["user_id", "movie_id", "rating"])
    return Dataset(
        name="tiny",
        ratings=frame.assign(timestamp=0),
        movies=pd.DataFrame({"movie_id": [str(number) for number in range(n_movies)]}),
        users=frame[["user_id"]].drop_duplicates(),
        holdout=None,
        fingerprint="0" * 64,
        has_timestamps=False,
    )


TINY = make_dataset(
    [("a", "0", 4.0), ("b", "0", 5.0), ("c", "0", 4.0), ("a", "1", 1.0), ("b", "1", 4.0)], 5
)


def test_data_facts_count_unrated_movies_too() -> None:
    # 5 of 3 × 5 pairs are rated: two thirds are not.
    facts = charts.data_facts(TINY)
    assert facts == pytest.approx({"users": 3, "movies": 5, "ratings": 5, "sparsity": 200 / 3})


def test_data_facts_with_holdout_count_its_ratings() -> None:
    holdout = TINY.ratings.iloc[:1].assign(movie_id="4")
    data = Dataset(**{**vars(TINY), "holdout": holdout})
    assert charts.data_facts(data)["ratings"] == 6


def test_rating_rows_are_sorted_and_sum_to_one() -> None:
    rows = charts.rating_rows(TINY)
    assert [row["stars"] for row in rows] == [1.0, 4.0, 5.0]
    assert [row["ratings"] for row in rows] == [1, 3, 1]
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)


def test_popularity_rows_fall_and_end_with_unrated_movies() -> None:
    assert charts.popularity_rows(TINY) == [
        {"rank": 1, "ratings": 3},
        {"rank": 2, "ratings": 2},
        {"rank": 3, "ratings": 0},
        {"rank": 4, "ratings": 0},
        {"rank": 5, "ratings": 0},
    ]


def test_popularity_rows_of_large_catalogue_are_thinned() -> None:
    rows = charts.popularity_rows(make_dataset([("a", "0", 1.0)], 20_000))
    assert len(rows) == charts.POINTS
    assert (rows[0]["rank"], rows[-1]["rank"]) == (1, 20_000)


def test_movies_for_half_is_the_smallest_number() -> None:
    assert charts.movies_for_half(TINY) == 1  # 3 of 5
    two = make_dataset([("a", str(number), 1.0) for number in range(4)], 4)
    assert charts.movies_for_half(two) == 2  # exactly half


def test_histogram_has_a_bar_for_each_rating_with_its_share_written_at_it() -> None:
    chart = charts.rating_chart(charts.rating_rows(TINY))
    bars, shares = only(chart, "bar"), only(chart, "text")
    assert bars.field("x") == [1.0, 4.0, 5.0]
    assert bars.field("y") == shares.field("y") == [1, 3, 1]
    assert shares.field("text") == pytest.approx([0.2, 0.6, 0.2])
    assert shares.encoding["text"]["format"].endswith("%")


def test_popularity_falls_with_the_rank_and_half_of_the_ratings_are_marked() -> None:
    chart = charts.popularity_chart(charts.popularity_rows(TINY), 2)
    tail = only(chart, "area")
    assert tail.field("x") == [1, 2, 3, 4, 5]
    assert tail.field("y") == [3, 2, 0, 0, 0]
    assert only(chart, "rule").field("x") == [2]
    label = only(chart, "text")
    assert label.field("x") == [2]
    assert label.field("text") == ["2 movies have half of all ratings"]
