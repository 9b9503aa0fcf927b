"""The rows behind the Recommend page: a user's ratings, and what the models recommend to them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from pages.ui.charts.theme import Rows
from recsys.data.splits import RatingsPart, Split
from recsys.data.tables import GENRES, TIMESTAMP, USER_ID, YEAR, Dataset
from recsys.evaluation.ranking import rank_relevant
from recsys.recommend import Recommendations
from recsys.scorer import RATING, RETRIEVAL, Scorer

Order = Literal["retrieval", "stars"]
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
STAR = "★"
HIT = "✓"
NEW = "new"
# Of a table of recommended movies, with their types, see `recommendation_rows`.
COLUMNS = {
    "rank": "int64",
    "change": "object",
    "movie": "int64",
    "title": "object",
    "year": "Int64",
    "genres": "object",
    "own": "object",
    "given": "float64",
    "given_in": "object",
    "hit": "bool",
    "score": "float32",
    "stars": "float32",
}
# Of the table of a user's history, with their types, see `history_rows`.
HISTORY = {
    "title": pa.string(),
    "year": pa.int64(),
    "genres": pa.list_(pa.string()),
    "stars": pa.float32(),
    "date": pa.timestamp("s"),
}
NOT_GIVEN = ("", float("nan"))  # part and stars of a movie that a user has not rated


def movie_columns(data: Dataset, movies: np.ndarray) -> dict[str, object]:
    """Return the columns `title` (without its year), `year` and `genres` (lists) of movie codes."""
    catalogue = data.catalogue
    return {
        "title": plain(catalogue.names_of(movies)),
        "year": data.movies[YEAR].array[movies],
        "genres": plain([catalogue.genres[code] for code in movies.tolist()]),
    }


def plain(values: Sequence[object]) -> np.ndarray:
    """Return a column of Python objects as they are; pandas makes Arrow's strings slowly."""
    column = np.empty(len(values), object)
    column[:] = values
    return column


def known_columns(data: Dataset) -> set[str]:
    """Return which of `year`, `genres` and `date` the data set has for any movie or rating."""
    known = {
        "year": data.catalogue.year_range is not None,
        "genres": bool(data.catalogue.genre_names),
        "date": data.has_timestamps,
    }
    return {name for name, anywhere in known.items() if anywhere}


def genre_mask(data: Dataset, genres: Iterable[str]) -> np.ndarray | None:
    """Return which movies have any of these genres, bool [n_movies]; None without genres."""
    chosen = set(genres)
    if not chosen:
        return None
    kinds = data.movies[GENRES]
    has = {kind: not chosen.isdisjoint(kind.split("|")) for kind in kinds.unique()}
    return kinds.map(has).to_numpy(dtype=bool)


def movie_mask(
    data: Dataset,
    split: Split,
    genres: Iterable[str],
    years: tuple[int, int] | None,
    hidden: int,
) -> np.ndarray | None:
    """Return which movies may be shown, bool [n_movies]; None if all may.

    Args:
        data: has genres and years.
        split: has the train ratings.
        genres: a movie has any of these; none: all movies.
        years: the first and the last year.
        hidden: how many of the movies with the most train ratings are left out.
    """
    mask = genre_mask(data, genres)
    if years is None and not hidden:
        return mask
    mask = np.ones(split.n_movies, bool) if mask is None else mask.copy()  # it may be read-only
    if years is not None:
        mask &= data.movies[YEAR].between(*years).fillna(value=False).to_numpy(dtype=bool)
    mask[np.argsort(-split.movie_counts, kind="stable")[:hidden]] = False
    return mask


def rated(split: Split, part: RatingsPart, user: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the movie codes and stars of a user's ratings in a part, both [n]."""
    own = split.of_user(part, user)
    return own.movies, own.ratings


def dates(data: Dataset, user: int, movies: np.ndarray) -> np.ndarray:
    """Return when a user rated these movies, datetime64[s] [n]; NaT where unknown."""
    result = np.full(len(movies), np.datetime64("NaT"), "datetime64[s]")
    if not data.has_timestamps:
        return result
    for table in (data.ratings, data.holdout):
        if table is None:
            continue
        # Sorted by user, then movie, with the codes of the split. A wider integer than that of the
        # codes would make a copy of all of them.
        users: Any = table[USER_ID].array
        own_code = users.codes.dtype.type(user)
        first, last = (np.searchsorted(users.codes, own_code, side) for side in SIDES)
        own = table.iloc[first:last]
        codes = own["movie_id"].cat.codes.to_numpy()
        place = np.searchsorted(codes, movies)
        there = place < len(codes)
        there[there] = codes[place[there]] == movies[there]
        result[there] = own[TIMESTAMP].to_numpy()[place[there]].astype("datetime64[s]")
    return result


def history_rows(data: Dataset, split: Split, user: int) -> pa.Table:
    """Return the user's history, newest first: `title, year, genres, stars, date`.

    It has the types in HISTORY; what is unknown is missing. It is sent to the browser as it is: a
    table of pandas would take five times as long to make and send.
    """
    movies, stars = rated(split, "train", user)
    when = dates(data, user, movies)
    # In the order of the codes where both are equal. A date that is unknown is the smallest number.
    order = np.lexsort([np.arange(len(movies)), -stars, -when.astype(np.int64)])
    columns = movie_columns(data, movies[order]) | {"stars": stars[order], "date": when[order]}
    return pa.table([pa.array(columns[name], kind) for name, kind in HISTORY.items()], [*HISTORY])


def holdout_rows(data: Dataset, split: Split, scorer: Scorer, user: int) -> pd.DataFrame:
    """Return the user's held-out movies, best rank first.

    Columns: `rank` (among all movies not seen; missing if the movie was seen), `title, year,
    genres`, `stars` (given by the user) and `predicted` (stars; missing if the model does not
    rate).
    """
    movies, stars = rated(split, "holdout", user)
    ranks = np.full(len(movies), np.nan)
    if len(movies):
        # The ranks of a user are in the order of the CSR, like `rated`.
        ranks = rank_relevant(
            scorer,
            np.array([user]),
            relevant=split.csr("holdout"),
            seen=split.csr("seen"),
            n_movies=split.n_movies,
            depth=split.n_movies + 1,
            exact_first=False,
        ).ranks
    table = pd.DataFrame(
        {"rank": np.where(np.isfinite(ranks), ranks, np.nan)}
        | movie_columns(data, movies)
        | {"stars": stars, "predicted": _predicted(scorer, split, user, movies)}
    )
    table["rank"] = table["rank"].astype("Int64")
    return table.sort_values(["rank", "title"], ignore_index=True)


def _predicted(scorer: Scorer, split: Split, user: int, movies: np.ndarray) -> np.ndarray:
    if RATING not in scorer.tasks:
        return np.full(len(movies), np.nan, np.float32)
    predicted: np.ndarray = np.clip(
        scorer.ratings(np.full(len(movies), user), movies), *split.rating_scale
    )
    return predicted


def recommendation_rows(
    shown: Recommendations,
    data: Dataset,
    split: Split,
    scorer: Scorer,
    user: int,
    order: Order = "retrieval",
    earlier: np.ndarray | None = None,
) -> Rows:
    """Return the recommended movies as rows, in the given order; `as_table` makes them a table.

    Each has COLUMNS: `rank`, `change` (since the list of `earlier` movies: `new`, `↑ 3`, `↓ 1` or
    ""; all "" without such a list), `movie` (code), `title, year, genres`, `own` (the user's own
    rating of the movie: `✓ 4 ★` if it is in the holdout, `seen · 4 ★` in the history,
    `validation · 4 ★` in validation, else ""), `given` (the same in stars; NaN without one),
    `given_in` (its part of the split, or ""), `hit` (whether it is in the holdout), `score` (NaN if
    the model does not retrieve), `stars` (predicted; NaN if the model does not rate).
    """
    given, catalogue = _given(split, user), data.catalogue
    movies = shown.movies.tolist()
    nothing = [float("nan")] * len(movies)
    retrieves, rates = RETRIEVAL in scorer.tasks, RATING in scorer.tasks
    scores = shown.scores.tolist() if retrieves else nothing
    ratings = shown.ratings.tolist() if rates else nothing
    rows: Rows = []
    for place, (movie, change) in enumerate(zip(movies, _changes(movies, earlier), strict=True)):
        part, own = given.get(movie, NOT_GIVEN)
        rows.append(
            {"rank": place + 1, "change": change, "movie": movie}
            | {"title": catalogue.names[movie], "year": catalogue.years[movie]}
            | {"genres": catalogue.genres[movie], "own": _own_rating(part, own)}
            | {"given": own, "given_in": part, "hit": part == "holdout"}
            | {"score": scores[place], "stars": ratings[place]}
        )
    if order == "stars" and rates:
        rows.sort(key=lambda row: -row["stars"])
    return rows


def as_table(rows: Rows) -> pd.DataFrame:
    """Return recommended movies as a table with COLUMNS."""
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _changes(movies: list[int], earlier: np.ndarray | None) -> list[str]:
    if earlier is None:
        return [""] * len(movies)
    before = {movie: rank for rank, movie in enumerate(earlier.tolist())}
    return [
        _change(before[movie] - rank) if movie in before else NEW
        for rank, movie in enumerate(movies)
    ]


def _change(climbed: int) -> str:
    return f"{'↑' if climbed > 0 else '↓'} {abs(climbed)}" if climbed else ""


def own_rating(split: Split, user: int, movie: int) -> str:
    """Return the user's own rating of a movie as in the column `own`; "" without one."""
    return _own_rating(*_given(split, user).get(movie, NOT_GIVEN))


def _given(split: Split, user: int) -> dict[int, tuple[str, float]]:
    """Return movie code -> the part of the split that holds the user's rating, and its stars."""
    parts: tuple[RatingsPart, ...] = ("validation", "train", "holdout")
    return {
        movie: (part, stars)
        for part in parts
        for movie, stars in zip(*(one.tolist() for one in rated(split, part, user)), strict=True)
    }


def _own_rating(part: str, stars: float) -> str:
    name = {"holdout": HIT, "train": "seen ·", "validation": "validation ·"}.get(part)
    return f"{name} {stars:g} {STAR}" if name else ""


def plot_rows(candidates: Rows, listed: Collection[int], explained: int | None) -> Rows:
    """Return the rows of the plot of both scores, `kind` `movie`.

    Args:
        candidates: as of `recommendation_rows`.
        listed: codes of the movies in the list.
        explained: code of the movie that is explained, whose title is shown.
    """
    columns = ["movie", "title", "rank", "score", "stars", "own", "hit"]
    return [
        {name: row[name] for name in columns}
        | {"kind": "movie", "listed": row["movie"] in listed}
        | {"explained": row["movie"] == explained, "score_to": None, "stars_to": None}
        for row in candidates
    ]


def box_row(movies: Rows, score: tuple[float, float], stars: tuple[float, float]) -> Rows:
    """Return a box as a row of the plot, `kind` `box`; no row where it is outside.

    Args:
        movies: the rows of the plot.
        score: the retrieval scores of its two sides.
        stars: the predicted stars of its two sides.
    """
    row: dict[str, Any] = dict.fromkeys(movies[0]) if movies else {}
    for field, (low, high) in (("score", score), ("stars", stars)):
        values = [one[field] for one in movies]
        low, high = max(low, min(values, default=0)), min(high, max(values, default=0))
        if low > high:
            return []
        row |= {field: low, f"{field}_to": high}
    return [row | {"kind": "box"}]


def score_range(scores: np.ndarray) -> tuple[float, float]:
    """Return the scores of an empty and a full bar: the catalogue's median and highest score."""
    known = scores[np.isfinite(scores)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(np.median(known)), float(known.max())
    return (low, high) if low < high else (low - 1.0, high)


def genre_shares(
    history: Sequence[Sequence[str]], recommended: Sequence[Sequence[str]], most: int = 8
) -> Rows:
    """Return `{genre, part, share}` of the `most` genres most frequent in both.

    Args:
        history: the genres of each movie.
        recommended: the same.
        most: genres.

    Returns:
        `part` is `history` or `recommended`; `share` is the share of its movies with the genre,
        0–1.
    """
    parts = {"history": history, "recommended": recommended}
    counts = {part: Counter(chain.from_iterable(movies)) for part, movies in parts.items()}

    def share(genre: str, part: str) -> float:
        return counts[part][genre] / max(len(parts[part]), 1)

    genres = sorted(set().union(*counts.values()))
    top = sorted(genres, key=lambda genre: -sum(share(genre, part) for part in parts))[:most]
    return [
        {"genre": genre, "part": part, "share": share(genre, part)}
        for genre in top
        for part in parts
    ]
