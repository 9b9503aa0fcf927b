"""The rows behind the Recommend page: what a user rated and what a model shows them."""

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from recsys.data.splits import RatingsPart, Split
from recsys.data.tables import GENRES, TIMESTAMP, TITLE, USER_ID, YEAR, Dataset
from recsys.evaluation.ranking import rank_relevant
from recsys.recommend import Recommendations
from recsys.scorer import RATING, RETRIEVAL, Scorer

Order = Literal["retrieval", "stars"]
STAR = "★"
HIT = "✓"


def movie_columns(data: Dataset, movies: np.ndarray) -> dict[str, object]:
    """Return the columns `title` (without its year), `year` and `genres` (lists) of movie codes."""
    rows = data.movies.iloc[movies]
    titles = [
        title.removesuffix(f" ({year})") if pd.notna(year) else title
        for title, year in zip(rows[TITLE], rows[YEAR], strict=True)
    ]
    return {
        "title": titles,
        "year": rows[YEAR].array,
        "genres": [genres.split("|") if genres else [] for genres in rows[GENRES]],
    }


def known_columns(data: Dataset) -> set[str]:
    """Return which of `year`, `genres` and `date` the data set knows for any movie or rating."""
    known = {"year": data.movies[YEAR].notna().any(), "genres": data.movies[GENRES].any()}
    known["date"] = data.has_timestamps
    return {name for name, anywhere in known.items() if anywhere}


def genre_names(data: Dataset) -> list[str]:
    """Return every genre of the catalogue, alphabetically."""
    return sorted(
        {name for genres in data.movies[GENRES].unique() for name in genres.split("|")} - {""}
    )


def genre_mask(data: Dataset, genres: Iterable[str]) -> np.ndarray | None:
    """Return which movies have any of these genres, bool [n_movies]; None if none is named."""
    wanted = set(genres)
    if not wanted:
        return None
    kinds = data.movies[GENRES]
    has = {kind: not wanted.isdisjoint(kind.split("|")) for kind in kinds.unique()}
    return kinds.map(has).to_numpy(dtype=bool)


def rated(split: Split, part: RatingsPart, user: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (movie codes, stars) of what a user rated in a part, both [n]."""
    own = split.of_user(part, user)
    return own.movies, own.ratings


def dates(data: Dataset, user: int, movies: np.ndarray) -> np.ndarray:
    """Return when a user rated these movies, datetime64[s] [n]; NaT where it is not known."""
    found = np.full(len(movies), np.datetime64("NaT"), "datetime64[s]")
    if not data.has_timestamps:
        return found
    for table in (data.ratings, data.holdout):
        if table is None:
            continue
        # Sorted by user, then movie, with the codes of the split.
        first, last = np.searchsorted(table[USER_ID].cat.codes, [user, user + 1])
        own = table.iloc[first:last]
        codes = own["movie_id"].cat.codes.to_numpy()
        place = np.searchsorted(codes, movies)
        there = place < len(codes)
        there[there] = codes[place[there]] == movies[there]
        found[there] = own[TIMESTAMP].to_numpy()[place[there]].astype("datetime64[s]")
    return found


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

    Columns: `rank` (by retrieval, in the whole catalogue without the seen movies; missing where
    the model does not retrieve or the movie is among the seen), `title, year, genres`, `stars`
    (given) and `predicted` (stars; missing where the model does not rate).
    """
    movies, stars = rated(split, "holdout", user)
    ranks = np.full(len(movies), np.nan)
    if RETRIEVAL in scorer.tasks and len(movies):
        # Each user's rows come in the order of the CSR.
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
    predicted = scorer.ratings(np.full(len(movies), user), movies)
    return np.clip(predicted, *split.rating_scale)


def recommendation_rows(
    shown: Recommendations,
    data: Dataset,
    split: Split,
    scorer: Scorer,
    user: int,
    order: Order = "retrieval",
) -> pd.DataFrame:
    """Return what is shown: one row a movie, in the order asked for.

    Columns: `rank` (by retrieval), `title, year, genres`, `fact` (the user's own rating of the
    movie: `✓ 4 ★` in the holdout, `seen · 4 ★` among the seen, else ""), `hit` (whether it is in
    the holdout), `score`, `stars` (predicted; missing where the model does not rate).
    """
    given = {
        part: dict(zip(*(values.tolist() for values in rated(split, part, user)), strict=True))
        for part in ("train", "validation", "holdout")
    }
    movies = shown.movies.tolist()
    rates = RATING in scorer.tasks
    table = pd.DataFrame(
        {"rank": np.arange(1, len(shown) + 1)}
        | movie_columns(data, shown.movies)
        | {
            "fact": [_fact(movie, given) for movie in movies],
            "hit": [movie in given["holdout"] for movie in movies],
            "score": shown.scores,
            "stars": shown.ratings if rates else np.full(len(shown), np.nan, np.float32),
        }
    )
    if order == "stars" and rates:
        table = table.sort_values("stars", ascending=False, kind="stable", ignore_index=True)
    return table


def _fact(movie: int, given: dict[str, dict[int, float]]) -> str:
    if movie in given["holdout"]:
        return f"{HIT} {given['holdout'][movie]:g} {STAR}"
    seen = given["train"] | given["validation"]
    return f"seen · {seen[movie]:g} {STAR}" if movie in seen else ""


def score_range(scores: np.ndarray) -> tuple[float, float]:
    """Return what an empty and a full bar stand for: the catalogue's median and best score."""
    known = scores[np.isfinite(scores)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(np.median(known)), float(known.max())
    return (low, high) if low < high else (low - 1.0, high)


def genre_shares(
    history: pd.DataFrame, shown: pd.DataFrame, most: int = 8
) -> list[dict[str, object]]:
    """Return `{genre, part, share}` of the genres most frequent in `history` and what is `shown`.

    A share is that of the movies which have the genre, 0-1; `part` is `history` or `shown`.
    """
    tables = {"history": history, "shown": shown}
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
