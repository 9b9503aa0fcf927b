"""MovieLens tables from the examples of TFDS."""

from typing import Any

import numpy as np
import pandas as pd

from recsys.data.download import Progress
from recsys.data.tables import GENRES, MOVIE_ID, NO_GENRES, RATING, TIMESTAMP, TITLE, USER_ID, YEAR
from recsys.data.titles import display_title

_AGE_GROUPS = {
    1: "under 18",
    18: "18-24",
    25: "25-34",
    35: "35-44",
    45: "45-49",
    50: "50-55",
    56: "56 or over",
}
_BATCH = 100_000


def movie_table(examples: Any, info: Any) -> pd.DataFrame:
    """Return `movie_id, title, genres, year` from the examples of a `-movies` config.

    Args:
        examples: a `tf.data.Dataset`.
        info: its TFDS description, which names the genres.
    """
    labels = info.features["movie_genres"].feature.names
    names = np.array(["" if name.lower() in NO_GENRES else name for name in labels])
    ids: list[str] = []
    titles: list[str] = []
    genres: list[str] = []
    for batch in examples.ragged_batch(10_000):
        ids += [id_.decode() for id_ in batch["movie_id"].numpy()]
        titles += [title.decode() for title in batch["movie_title"].numpy()]
        genre_names = names[batch["movie_genres"].flat_values.numpy()]
        for own in np.split(genre_names, batch["movie_genres"].row_splits.numpy()[1:-1]):
            genres.append("|".join(own[own != ""]))
    shown = [display_title(title) for title in titles]
    return pd.DataFrame(
        {
            MOVIE_ID: ids,
            TITLE: [title for title, _ in shown],
            GENRES: genres,
            YEAR: pd.array([year for _, year in shown], dtype="Int64"),
        }
    )


def rating_and_user_tables(
    examples: Any, info: Any, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ratings and the users' attributes from the examples of a `-ratings` config.

    The ids are categorical. The examples are read in batches: one by one, 25 million would take an
    hour.
    """
    parts: list[pd.DataFrame] = []
    users: list[pd.DataFrame] = []
    n_read = 0
    for batch in examples.batch(_BATCH).as_numpy_iterator():
        ids = _whole_numbers(batch.pop("user_id"))
        part = {
            USER_ID: ids,
            MOVIE_ID: _whole_numbers(batch.pop("movie_id")),
            RATING: batch.pop("user_rating"),
            TIMESTAMP: batch.pop("timestamp"),
        }
        parts.append(pd.DataFrame(part))
        users.append(pd.DataFrame({USER_ID: ids, **batch}).drop_duplicates(USER_ID))
        n_read += len(ids)
        progress(f"reading {n_read:,} of {info.splits['train'].num_examples:,} ratings")
    ratings = pd.concat(parts, ignore_index=True)
    for column in (USER_ID, MOVIE_ID):
        # As categories instead of 25 million strings.
        codes, distinct = pd.factorize(ratings[column])
        ratings[column] = pd.Categorical.from_codes(codes, categories=distinct.astype("str"))
    return ratings, _users(pd.concat(users).drop_duplicates(USER_ID))


def _users(known: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({USER_ID: known[USER_ID].astype("str")})
    if "raw_user_age" in known:
        table["age"] = known["raw_user_age"].astype("int64")
    if "bucketized_user_age" in known:
        table["age_group"] = known["bucketized_user_age"].astype("int64").map(_AGE_GROUPS)
    if "user_gender" in known:
        table["gender"] = known["user_gender"].map({True: "M", False: "F"}).astype("str")
    if "user_occupation_text" in known:
        table["occupation"] = known["user_occupation_text"].map(bytes.decode).astype("str")
    return table


def _whole_numbers(ids: np.ndarray) -> np.ndarray:
    return ids.astype("S").astype(np.int32)
