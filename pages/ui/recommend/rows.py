"""The rows behind the Recommend page: a user's ratings, and what the models recommend to them."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

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

    Columns: `rank` (among all movies not seen; missing if the model does not retrieve or the movie
    was seen), `title, year, genres`, `stars` (given by the user) and
    `predicted` (stars; missing if the model does not rate).
    """
    movies, stars = rated(split, "holdout", user)
    ranks = np.full(len(movies), np.nan)
    if RETRIEVAL in scorer.tasks and len(movies):
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
    `validation · 4 ★` in validation, else ""), `hit` (whether it is in
    the holdout), `score`, `stars` (predicted; missing if the model does not rate). `rank` and
    `score` are missing if the model does not retrieve: then the order means nothing.
    """
    given = _given(split, user)
    movies = shown.movies.tolist()
    retrieves, rates = RETRIEVAL in scorer.tasks, RATING in scorer.tasks
    nothing = np.full(len(shown), np.nan, np.float32)
    ranks = pd.array(np.arange(1, len(shown) + 1) if retrieves else [None] * len(shown), "Int64")
    table = pd.DataFrame(
        {"rank": ranks, "change": _changes(movies, earlier)}
        | {"movie": shown.movies}
        | movie_columns(data, shown.movies)
        | {
            "own": [_own_rating(movie, given) for movie in movies],
            "hit": [movie in given["holdout"] for movie in movies],
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
    return _own_rating(movie, _given(split, user))


def _given(split: Split, user: int) -> dict[str, dict[int, float]]:
    return {
        part: dict(zip(*(values.tolist() for values in rated(split, part, user)), strict=True))
        for part in ("train", "validation", "holdout")
    }


def _own_rating(movie: int, given: dict[str, dict[int, float]]) -> str:
    if movie in given["holdout"]:
        return f"{HIT} {given['holdout'][movie]:g} {STAR}"
    for part, name in (("train", "seen"), ("validation", "validation")):
        if movie in given[part]:
            return f"{name} · {given[part][movie]:g} {STAR}"
    return ""


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
