"""The rows behind the Recommend page: a user's ratings, and what the models recommend to them."""

from collections.abc import Collection, Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from pages.ui.charts.theme import Rows
from pages.ui.titles import titles
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
NOT_GIVEN = ("", float("nan"))  # part and stars of a movie that a user has not rated


def movie_columns(data: Dataset, movies: np.ndarray) -> dict[str, object]:
    """Return the columns `title` (without its year), `year` and `genres` (lists) of movie codes."""
    rows = data.movies.iloc[movies]
    return {
        "title": titles(data, movies),
        "year": rows[YEAR].array,
        "genres": [genres.split("|") if genres else [] for genres in rows[GENRES]],
    }


def known_columns(data: Dataset) -> set[str]:
    """Return which of `year`, `genres` and `date` the data set has for any movie or rating."""
    known = {
        "year": bool(data.movies[YEAR].notna().any()),
        "genres": bool(data.movies[GENRES].any()),
        "date": data.has_timestamps,
    }
    return {name for name, anywhere in known.items() if anywhere}


def genre_names(data: Dataset) -> list[str]:
    """Return every genre of the catalogue, alphabetically."""
    return sorted(
        {name for genres in data.movies[GENRES].unique() for name in genres.split("|")} - {""}
    )


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


def history_rows(data: Dataset, split: Split, user: int) -> pd.DataFrame:
    """Return the user's history, newest first: `title, year, genres, stars, date`."""
    movies, stars = rated(split, "train", user)
    table = pd.DataFrame(
        movie_columns(data, movies) | {"stars": stars, "date": dates(data, user, movies)}
    )
    by = ["date", "stars"] if data.has_timestamps else ["stars"]
    return table.sort_values(by, ascending=False, kind="stable", ignore_index=True)


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
) -> pd.DataFrame:
    """Return the recommended movies as rows, in the given order.

    Columns: `rank`, `change` (since the list of `earlier` movies: `new`, `↑ 3`, `↓ 1` or ""; all ""
    without such a list), `movie` (code), `title, year, genres`, `own` (the user's own rating of the
    movie: `✓ 4 ★` if it is in the holdout, `seen · 4 ★` in the history,
    `validation · 4 ★` in validation, else ""), `given` (the same in stars; missing without one),
    `given_in` (its part of the split, or ""), `hit` (whether it is in the holdout), `score`
    (missing if the model does not retrieve), `stars` (predicted; missing if the model does not
    rate).
    """
    given = _given(split, user)
    movies = shown.movies.tolist()
    retrieves, rates = RETRIEVAL in scorer.tasks, RATING in scorer.tasks
    nothing = np.full(len(shown), np.nan, np.float32)
    table = pd.DataFrame(
        {"rank": np.arange(1, len(shown) + 1), "change": _changes(movies, earlier)}
        | {"movie": shown.movies}
        | movie_columns(data, shown.movies)
        | {
            "own": [_own_rating(*given.get(movie, NOT_GIVEN)) for movie in movies],
            "given": [given.get(movie, NOT_GIVEN)[1] for movie in movies],
            "given_in": [given.get(movie, NOT_GIVEN)[0] for movie in movies],
            "hit": [given.get(movie, NOT_GIVEN)[0] == "holdout" for movie in movies],
            "score": shown.scores if retrieves else nothing,
            "stars": shown.ratings if rates else nothing,
        }
    )
    if order == "stars" and rates:
        table = table.sort_values("stars", ascending=False, kind="stable", ignore_index=True)
    return table


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


def plot_rows(candidates: pd.DataFrame, listed: Collection[int], explained: int | None) -> Rows:
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
        for row in candidates.to_dict("records")
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
    history: pd.DataFrame, recommended: pd.DataFrame, most: int = 8
) -> list[dict[str, object]]:
    """Return `{genre, part, share}` of the `most` genres most frequent in both tables.

    `part` is `history` or `recommended`; `share` is the share of its movies with the genre, 0–1.
    """
    tables = {"history": history, "recommended": recommended}
    shares = {
        part: table["genres"].explode().value_counts() / max(len(table), 1)
        for part, table in tables.items()
    }
    both = pd.DataFrame(shares).fillna(0.0)
    top = both.sum(axis=1).sort_values(ascending=False, kind="stable").index[:most]
    return [
        {"genre": genre, "part": part, "share": float(both.loc[genre, part])}
        for genre in top
        for part in tables
    ]
