import numpy as np
import pandas as pd
import pytest

from recsys.data.catalogue import Catalogue
from recsys.data.tables import Dataset, make_dataset


@pytest.fixture
def data() -> Dataset:
    ratings = pd.DataFrame(
        {"user_id": ["1", "1", "2"], "movie_id": ["a", "b", "c"], "rating": [3.0, 4.0, 5.0]}
    )
    movies = pd.DataFrame(
        {
            "movie_id": ["a", "b", "c"],
            "title": ["Heat (1995)", "1984", "Sea (2001)"],
            "genres": ["Crime|Drama", "", "Animation"],
            "year": [1995, None, 1999],
        }
    )
    return make_dataset("small", ratings, movies)


def test_movies_are_as_in_the_table_and_a_name_is_without_its_own_year(data: Dataset) -> None:
    movies = data.catalogue
    assert movies.ids == ["a", "b", "c"]
    assert movies.titles == data.movies["title"].tolist()
    assert movies.names == ["Heat", "1984", "Sea (2001)"]
    assert movies.years == [1995, None, 1999]
    assert movies.genres == [["Crime", "Drama"], [], ["Animation"]]
    assert movies.names_of(np.array([2, 0])) == ["Sea (2001)", "Heat"]
    assert movies.codes == {"a": 0, "b": 1, "c": 2}


def test_genres_and_years_of_all_movies(data: Dataset) -> None:
    assert data.catalogue.genre_names == ["Animation", "Crime", "Drama"]
    assert data.catalogue.year_range == (1995, 1999)
    nothing = Catalogue.of(["a"], ["A"], [""], [None])
    assert nothing.genre_names == []
    assert nothing.year_range is None


def test_what_is_known_of_a_movie_in_one_text(data: Dataset) -> None:
    texts = [data.catalogue.about(movie) for movie in range(3)]
    assert texts == ["1995 · Crime, Drama", "", "1999 · Animation"]
    assert data.catalogue.about(0, most=1) == "1995 · Crime"
