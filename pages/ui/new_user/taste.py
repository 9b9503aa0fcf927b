"""A new user's ratings, and how they are written into the URL and read from it.

What comes from a link or a browser is checked: it may be anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import numpy as np

from recsys.new_user.ratings_csv import MOST_RATINGS, Ratings
from recsys.new_user.scale import RatingScale

MOST_IN_URL = 60  # ratings in the URL
MOST_LETTERS = 1_500  # of them, where ids are long
MOST_SKIPPED = 1_000
LONGEST_QUERY = 100  # letters


@dataclass(frozen=True)
class Taste:
    """What a new user has told.

    Attributes:
        ratings: movie code -> stars, the latest last.
        skipped: codes of the movies that they have not seen.
        query: what they search for.
        answered: number of the browser's message that this answers.
        text: the ratings in the URL; None where there are none or too many.
        notice: a sentence about what was taken from a file and what was left out, or "".
        problem: why a file could not be used, or "".
        uploads: how many files were uploaded.
        unusable: the ratings of a link that are not of known movies on the scale, as written there.
    """

    ratings: Ratings = field(default_factory=dict)
    skipped: tuple[int, ...] = ()
    query: str = ""
    answered: int = 0
    text: str | None = None
    notice: str = ""
    problem: str = ""
    uploads: int = 0
    unusable: tuple[str, ...] = ()

    @property
    def movies(self) -> np.ndarray:
        """The rated movies: int32 codes, [n]."""
        return np.array(list(self.ratings), np.int32)

    @property
    def stars(self) -> np.ndarray:
        """Their ratings: float32, [n]."""
        return np.array(list(self.ratings.values()), np.float32)

    @property
    def is_too_long_for_url(self) -> bool:
        """Whether the ratings are kept in the browser, because a link could not hold them."""
        return bool(self.ratings) and self.text is None


def to_text(ratings: Mapping[int, float], movie_ids: np.ndarray) -> str | None:
    """Return ratings as `50:5,100:4`, or None if there are none or too many for a link.

    Args:
        ratings: movie code -> stars.
        movie_ids: of the catalogue, [n_movies].
    """
    if not 0 < len(ratings) <= MOST_IN_URL:
        return None
    parts = [f"{_escaped(movie_ids[code])}:{stars:g}" for code, stars in ratings.items()]
    text = ",".join(parts)
    return text if len(text) <= MOST_LETTERS else None


def _escaped(id_: str) -> str:
    """Return an id without what separates the ratings; the browser escapes all else."""
    return id_.replace("%", "%25").replace(",", "%2C").replace(":", "%3A")


def from_text(text: str, codes: Mapping[str, int], scale: RatingScale) -> Taste:
    """Return the ratings in a link. What is wrong is left out, see `Taste.unusable`."""
    parts = [part for part in text.split(",") if part]
    ratings: Ratings = {}
    used: dict[int, str] = {}  # movie code -> the part with its rating
    for part in parts[:MOST_RATINGS]:
        id_, _, stars = part.rpartition(":")
        for code, value in checked([(unquote(id_), stars)], codes, scale).items():
            ratings.pop(code, None)  # of two for a movie, the last counts
            ratings[code], used[code] = value, part
    kept = set(used.values())
    return Taste(ratings, text=text, unusable=tuple(part for part in parts if part not in kept))


def from_browser(
    message: Any, before: Taste, codes: Mapping[str, int], scale: RatingScale
) -> Taste | None:
    """Return what the browser told, or None if it makes no sense.

    Args:
        message: `{number, ratings: [[id, stars]], skipped: [id], query}`.
        before: what was known before it.
        codes: movie id -> code.
        scale: of the ratings.
    """
    try:
        number, query = int(message["number"]), str(message["query"])[:LONGEST_QUERY]
        pairs = [(str(id_), stars) for id_, stars in message["ratings"][:MOST_RATINGS]]
        skipped = [str(id_) for id_ in message["skipped"][-MOST_SKIPPED:]]
    except (KeyError, TypeError, ValueError):
        return None
    if number <= before.answered:
        return None
    known = tuple(codes[id_] for id_ in skipped if id_ in codes)
    return Taste(checked(pairs, codes, scale), known, query, number)


def checked(
    pairs: Iterable[tuple[str, Any]], codes: Mapping[str, int], scale: RatingScale
) -> Ratings:
    """Return the ratings of known movies that are on the scale; of two for a movie, the last."""
    ratings: Ratings = {}
    for id_, given in pairs:
        try:
            stars = scale.nearest(float(given))
        except (TypeError, ValueError):
            continue
        if id_ in codes and stars is not None:
            ratings.pop(codes[id_], None)
            ratings[codes[id_]] = stars
    return ratings
