"""The movies of a data set as plain lists: what is shown of a movie is looked up, not computed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

SEPARATOR = "|"  # of the genres in the table


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All movies, in the order of their codes.

    A table gives one cell in the time in which a list gives a thousand.

    Attributes:
        ids: their ids.
        titles: their titles, as the data set has them.
        names: their titles without their years.
        years: their years of release; None where unknown.
        genres: their genres; shared, not to be changed.
    """

    ids: list[str]
    titles: list[str]
    names: list[str]
    years: list[int | None]
    genres: list[list[str]]

    @classmethod
    def of(
        cls, ids: Iterable[str], titles: Iterable[str], genres: Iterable[str], years: Iterable[int]
    ) -> "Catalogue":
        """Return the catalogue of these columns, see `recsys.data.tables.Dataset.movies`."""
        whole = list(titles)
        known: list[int | None] = [None if pd.isna(year) else int(year) for year in years]
        names = [
            title if year is None else title.removesuffix(f" ({year})")
            for title, year in zip(whole, known, strict=True)
        ]
        kinds = [one.split(SEPARATOR) if one else [] for one in genres]
        return cls(list(ids), whole, names, known, kinds)

    @cached_property
    def codes(self) -> dict[str, int]:
        """Id -> code."""
        return {id_: code for code, id_ in enumerate(self.ids)}

    @cached_property
    def genre_names(self) -> list[str]:
        """Every genre, alphabetically."""
        return sorted(set().union(*self.genres))

    @cached_property
    def year_range(self) -> tuple[int, int] | None:
        """The first and the last year; None where none is known."""
        known = [year for year in self.years if year is not None]
        return (min(known), max(known)) if known else None

    def names_of(self, movies: np.ndarray) -> list[str]:
        """Return the titles of movie codes [n] without their years."""
        return [self.names[code] for code in movies.tolist()]

    def about(self, movie: int, most: int | None = None) -> str:
        """Return year and genres, at `most` so many, as one text, e.g. `1995 · Comedy, Drama`."""
        year = self.years[movie]
        parts = ["" if year is None else str(year), ", ".join(self.genres[movie][:most])]
        return " · ".join(part for part in parts if part)
