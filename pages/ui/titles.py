"""Titles of movies, searched."""

import unicodedata

import numpy as np
import streamlit as st

from recsys.data.tables import Dataset


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
def _searchable(fingerprint: str, _data: Dataset) -> list[str]:
    return [folded(title) for title in _data.catalogue.titles]
