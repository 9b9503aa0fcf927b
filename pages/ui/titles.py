"""Titles of movies: as the pages show them, and searched."""

import unicodedata

import numpy as np
import pandas as pd
import streamlit as st

from recsys.data.tables import MOVIE_ID, TITLE, YEAR, Dataset


def titles(data: Dataset, movies: np.ndarray) -> list[str]:
    """Return the titles of movie codes, without their years."""
    shown = _without_years(data.fingerprint, _data=data)
    return [shown[code] for code in movies]


def movie_code(data: Dataset, id_: str) -> int | None:
    """Return the code of a movie id; None if there is no such movie."""
    found = np.flatnonzero(data.movies[MOVIE_ID].to_numpy() == id_)
    return int(found[0]) if len(found) else None


def search(data: Dataset, query: str, counts: np.ndarray) -> np.ndarray:
    """Return the movies whose titles have all words of a query, the popular ones first.

    Args:
        data: has the titles.
        query: words, or parts of words, without regard to case and accents.
        counts: number of ratings of each movie, [n_movies].

    Returns:
        Codes, int [n]; none for an empty query.
    """
    words = folded(query).split()
    if not words:
        return np.empty(0, np.int64)
    names = _searchable(data.fingerprint, _data=data)
    codes = np.array(
        [code for code, name in enumerate(names) if all(word in name for word in words)], np.int64
    )
    popular: np.ndarray = codes[np.argsort(-counts[codes], kind="stable")]
    return popular


def folded(text: str) -> str:
    """Return a text in lower case and without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@st.cache_resource(max_entries=4, show_spinner=False)
def _without_years(fingerprint: str, _data: Dataset) -> list[str]:
    return [
        title.removesuffix(f" ({year})") if pd.notna(year) else title
        for title, year in zip(_data.movies[TITLE], _data.movies[YEAR], strict=True)
    ]


@st.cache_resource(max_entries=4, show_spinner=False)
def _searchable(fingerprint: str, _data: Dataset) -> list[str]:
    return [folded(title) for title in _data.movies[TITLE]]
