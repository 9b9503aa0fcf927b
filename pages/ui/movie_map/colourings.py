"""What the movies on the map can be coloured by, as lists of whole numbers."""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from pages.ui.charts import theme
from recsys.counted import counted
from recsys.data.splits import Split
from recsys.data.tables import GENRES, YEAR, Dataset
from recsys.scorer import RATING, RETRIEVAL, Scorer

MOST_GENRES = 8
# The colours of runs without the second blue: genres are told apart by small dots.
GENRE_COLOURS = theme.RUN_COLOURS[:6] + theme.RUN_COLOURS[7:9]
OTHER = "other"
ENDS = (2, 98)  # percentiles of the values at the ends of a colour scale
YEARS_SPREAD = 4  # years: the larger, the less the last ones are spread
NAMES = {
    "genre": "Genre",
    "year": "Year",
    "popularity": "Popularity",
    "mean": "Mean rating",
    "stars": "Predicted stars",
    "rank": "Predicted rank",
}
OF_USER = ("stars", "rank")


def known_colourings(data: Dataset) -> list[str]:
    """Return the colourings that need no user, those that the data set has."""
    absent = set()
    if not data.movies[GENRES].any():
        absent.add("genre")
    if data.movies[YEAR].dropna().nunique() < 2:
        absent.add("year")
    return [name for name in NAMES if name not in absent and name not in OF_USER]


def user_colourings(learnt: Collection[str]) -> list[str]:
    """Return the colourings by what a model predicts for one user."""
    tasks = {"stars": RATING, "rank": RETRIEVAL}
    return [name for name in OF_USER if tasks[name] in learnt]


def genre_colouring(data: Dataset, movies: np.ndarray) -> dict[str, Any]:
    """Return the first genre of movie codes [n]: the most frequent ones, and the others.

    Returns:
        `{kind, names, colours, values}`: `values` are positions in `names`, -1 without a genre.
    """
    first = [genres.split("|")[0] for genres in data.movies[GENRES].iloc[movies]]
    names, counts = np.unique([name for name in first if name], return_counts=True)
    frequent = [str(name) for name in names[np.argsort(-counts, kind="stable")][:MOST_GENRES]]
    place = {name: i for i, name in enumerate(frequent)}
    values = [place.get(name, len(frequent)) if name else -1 for name in first]
    others = [OTHER] if len(names) > len(frequent) else []
    colours = [*GENRE_COLOURS[: len(frequent)], *([theme.BASELINE] if others else [])]
    return {"kind": "names", "names": frequent + others, "colours": colours, "values": values}


def year_colouring(data: Dataset, movies: np.ndarray) -> dict[str, Any]:
    """Return the years of movie codes [n] as a scale; see `scale`.

    It is logarithmic in the age: most movies of a catalogue are from its last years.
    """
    years = data.movies[YEAR].iloc[movies].to_numpy(dtype=np.float64, na_value=np.nan)
    newest = np.nanmax(years)
    return scale(
        -np.log(newest - years + YEARS_SPREAD),
        lambda value: f"{newest + YEARS_SPREAD - np.exp(-value):.0f}",
        decimals=3,
    )


def popularity_colouring(counts: np.ndarray) -> dict[str, Any]:
    """Return a logarithmic scale of numbers of train ratings [n], all at least 1; see `scale`."""
    return scale(np.log(counts), lambda value: counted(round(np.exp(value)), "rating"), decimals=3)


def mean_colouring(means: np.ndarray) -> dict[str, Any]:
    """Return a scale of mean ratings [n], in stars; see `scale`."""
    return _stars(means)


def stars_colouring(scorer: Scorer, split: Split, user: int, movies: np.ndarray) -> dict[str, Any]:
    """Return a scale of the stars that a model predicts for a user; see `scale`."""
    predicted = scorer.ratings(np.full(len(movies), user), movies)
    return _stars(np.clip(predicted, *split.rating_scale).astype(np.float64))


def rank_colouring(scorer: Scorer, split: Split, user: int, movies: np.ndarray) -> dict[str, Any]:
    """Return a logarithmic scale of a user's ranking, rank 1 at its upper end; see `scale`.

    The rank is among all movies of the catalogue, seen ones included.
    """
    order = np.argsort(-scorer.scores(np.array([user]))[0], kind="stable")
    ranks = np.empty(split.n_movies)
    ranks[order] = np.arange(1, split.n_movies + 1)
    values = -np.log(ranks[movies])
    return scale(values, lambda value: f"{np.exp(-value):,.0f}", decimals=3, before="rank ")


def _stars(stars: np.ndarray) -> dict[str, Any]:
    return scale(stars, lambda value: f"{value:.1f} ★", decimals=2) | {"stars": True}


def scale(
    values: np.ndarray, name: Callable[[float], str], *, decimals: int, before: str = ""
) -> dict[str, Any]:
    """Return values [n] as a scale of colours.

    Values beyond the ends have the colours of the ends, and the ends say so: `≤ 1942`.

    Args:
        values: a value for each movie, NaN where it is not known.
        name: writes a value as the legend does.
        decimals: that make a difference.
        before: a word before each end. Such a scale falls: its numbers are lower at its upper end.

    Returns:
        `{kind, values, low, high, ends, stars}`: `values` times 10 ** decimals as whole numbers,
        None where not known; `low` and `high` the values of the first and the last colour, in the
        same unit; `ends` the two as text; `stars` whether the values are hundredths of stars.
    """
    is_known = np.isfinite(values)
    known = values[is_known]
    low, high = np.percentile(known, ENDS) if len(known) else (0.0, 1.0)
    marks = "≥≤" if before else "≤≥"
    factor = 10**decimals
    whole = np.full(len(values), None)
    whole[is_known] = np.rint(known * factor).astype(int)
    return {
        "kind": "scale",
        "values": whole.tolist(),
        "low": round(low * factor),
        "high": round(high * factor),
        "ends": [
            before + _end(name(end), name(last), mark)
            for end, last, mark in zip((low, high), _ends(known), marks, strict=True)
        ],
        "stars": False,
    }


def _ends(known: np.ndarray) -> tuple[float, float]:
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def _end(end: str, last: str, mark: str) -> str:
    """Write an end of a scale: with a mark if there are values beyond it."""
    return end if end == last else f"{mark} {end}"
