import numpy as np
import pandas as pd
import pytest

from recsys.data.features import BINS, MAX_VALUES, movie_features, movie_genres, user_features

HALF = 0.5**0.5


def users(**columns) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"user_id": [f"u{i}" for i in range(n)]} | columns)


def movies(genres: list[str], years: list[int | None], **columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "movie_id": [f"m{i}" for i in range(len(genres))],
            "title": [f"Movie {i}" for i in range(len(genres))],
            "genres": pd.array(genres, dtype="str"),
            "year": pd.array(years, dtype="Int64"),
        }
        | columns
    )


def test_text_attributes_are_indicators_in_rows_of_length_one() -> None:
    found = user_features(users(gender=["F", "M", "F"], job=["cook", "poet", "poet"]))
    assert found.dtype == np.float32
    # F, M; cook, poet.
    expected = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1]]) * HALF
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_number_with_many_values_is_cut_into_tenths_of_the_users() -> None:
    found = user_features(users(age=list(range(100, 0, -1))))
    assert found.shape == (100, BINS)
    assert found.sum(axis=0).tolist() == [10] * BINS
    assert found[:10, -1].tolist() == [1] * 10  # the oldest
    assert found[-10:, 0].tolist() == [1] * 10


def test_number_with_few_values_has_an_indicator_for_each() -> None:
    np.testing.assert_array_equal(user_features(users(age=[18, 50, 18])), [[1, 0], [0, 1], [1, 0]])


def test_bins_that_fall_together_are_one() -> None:
    ages = [30] * 80 + list(range(31, 51))
    found = user_features(users(age=ages))
    assert 1 < found.shape[1] < BINS
    assert found.sum(axis=1).tolist() == [1] * 100


def test_text_with_too_many_values_and_attribute_with_one_value_say_nothing() -> None:
    n = MAX_VALUES + 1
    table = users(zip_code=[f"z{i}" for i in range(n)], country=["NL"] * n)
    assert user_features(table).shape == (n, 0)
    assert user_features(table.iloc[1:]).shape == (MAX_VALUES, MAX_VALUES)
    assert user_features(users(nothing=[None] * 3)).shape == (3, 0)
    assert user_features(users(age=[1.0]).drop(columns="age")).shape == (1, 0)


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_what_is_missing_is_zero(missing: object) -> None:
    table = users(gender=["F", missing, "M", missing], age=[1.0, 2.0, np.nan, np.nan])
    expected = [[HALF, 0, HALF, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(user_features(table), expected, rtol=1e-6)


def test_movies_have_genres_and_the_tenth_of_the_year() -> None:
    years = [1900 + i for i in range(20)]
    genres = ["Comedy|Drama", "Drama", "", "Comedy|Comedy", *["War"] * 16]
    found = movie_features(movies(genres, years))
    assert found.shape == (20, 3 + BINS)
    np.testing.assert_allclose((found**2).sum(axis=1), np.ones(20), rtol=1e-6)
    # Comedy, Drama, War, then two movies a bin.
    np.testing.assert_allclose(found[0, :4], [3**-0.5] * 2 + [0, 3**-0.5], rtol=1e-6)
    np.testing.assert_allclose(found[1, :4], [0, HALF, 0, HALF], rtol=1e-6)
    np.testing.assert_allclose(found[2, :5], [0, 0, 0, 0, 1], rtol=1e-6)
    np.testing.assert_allclose(found[3, :5], [HALF, 0, 0, 0, HALF], rtol=1e-6)


def test_movie_without_genre_or_year_is_zero_there() -> None:
    found = movie_features(movies(["Comedy", "", "War", ""], [1999, 2001, None, None]))
    expected = [[HALF, 0, HALF, 0], [0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_movies_of_which_nothing_is_known_have_no_features() -> None:
    assert movie_features(movies(["", ""], [None, None])).shape == (2, 0)
    assert movie_features(movies(["War", "War"], [1999, 1999])).shape == (2, 0)


def test_genres_that_are_all_different_say_nothing_and_take_no_memory() -> None:
    n = 20_000
    found = movie_features(movies([f"tag {i}" for i in range(n)], [1999, 2000] * (n // 2)))
    assert found.shape == (n, 2)


def test_titles_and_ids_are_no_attributes_but_other_columns_are() -> None:
    table = movies(["", ""], [None, None], country=["NL", "FR"])
    np.testing.assert_array_equal(movie_features(table), [[0, 1], [1, 0]])
    relabelled = table.set_index(pd.Index([7, 7]))
    np.testing.assert_array_equal(movie_features(relabelled), [[0, 1], [1, 0]])


def test_genres_of_each_movie_are_indicators_and_none_is_none() -> None:
    found = movie_genres(movies(["Action|Comedy", "", "Comedy"], [None] * 3))
    np.testing.assert_array_equal(found, [[True, True], [False, False], [False, True]])
    assert movie_genres(movies(["", ""], [None, None])) is None
