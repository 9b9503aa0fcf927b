"""Titles of movies as the pages show them."""

import numpy as np
import pandas as pd

from recsys.data.tables import TITLE, YEAR, Dataset


def titles(data: Dataset, movies: np.ndarray) -> list[str]:
    """Return the titles of movie codes, without their years."""
    rows = data.movies.iloc[movies]
    return [
        title.removesuffix(f" ({year})") if pd.notna(year) else title
        for title, year in zip(rows[TITLE], rows[YEAR], strict=True)
    ]
