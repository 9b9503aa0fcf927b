"""Features: the attributes of users and movies as indicator columns for the model."""

from typing import Any

import numpy as np
import pandas as pd

from recsys.data.tables import GENRES, MOVIE_ID, TITLE, USER_ID, YEAR

BINS = 10  # a numeric attribute is binned into deciles
MAX_VALUES = 50  # text attributes with more values (zip codes, names) are ignored


def user_features(users: pd.DataFrame) -> np.ndarray:
    """Return the attributes of users as indicators, float32 `[n_users, n_features]`.

    All columns except the id are used. Numbers are binned into deciles; texts have one indicator
    per value, unless there are more than 50 values. Rows have the norm 1, or 0 without attributes.
    """
    return _unit_rows([_indicators(users[name]) for name in users if name != USER_ID], len(users))


def movie_features(movies: pd.DataFrame) -> np.ndarray:
    """Return the attributes of movies as indicators, float32 `[n_movies, n_features]`.

    Genres have one indicator each; the year and other columns are as in `user_features`. Rows have
    the norm 1, or 0 without attributes.
    """
    others = [name for name in movies if name not in (MOVIE_ID, TITLE, GENRES, YEAR)]
    indicators = [_indicators(movies[name]) for name in (YEAR, *others)]
    return _unit_rows([_genre_indicators(movies[GENRES]), *indicators], len(movies))


def movie_genres(movies: pd.DataFrame) -> np.ndarray | None:
    """Return which genres each movie has, bool `[n_movies, n_genres]`.

    None if no movie has a genre, or if there are more than 50 of them.
    """
    indicators = _genre_indicators(movies[GENRES])
    return indicators.to_numpy(dtype=bool) if indicators.shape[1] else None


def _genre_indicators(genres: "pd.Series[str]") -> pd.DataFrame:
    """Return a column per genre of texts like `Comedy|Drama`; none if there are more than 50."""
    each = genres.astype("str").reset_index(drop=True).str.split("|").explode()
    each = each[each.notna() & (each != "")]
    names = sorted(each.unique())
    if len(names) > MAX_VALUES:
        return pd.DataFrame(index=genres.index)
    has = np.zeros((len(genres), len(names)), bool)
    has[each.index, pd.Categorical(each, categories=names).codes] = True
    return pd.DataFrame(has, columns=names)


def _indicators(column: "pd.Series[Any]") -> pd.DataFrame:
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > BINS:
        return pd.get_dummies(pd.qcut(column.astype("float64"), BINS, duplicates="drop"))
    if column.nunique() > MAX_VALUES:
        return pd.DataFrame(index=column.index)
    return pd.get_dummies(column)


def _unit_rows(columns: list[pd.DataFrame], n: int) -> np.ndarray:
    indicators = [column.to_numpy(dtype=np.float32) for column in columns if column.shape[1] > 1]
    features = np.concatenate([np.zeros((n, 0), np.float32), *indicators], axis=1)
    lengths = np.sqrt(np.square(features).sum(axis=1, keepdims=True))
    unit: np.ndarray = features / np.maximum(lengths, 1.0)
    return unit
