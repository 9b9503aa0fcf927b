"""What lies beside a SavedModel for people: a README with a call to copy, and the titles."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from recsys.data.splits import Split
from recsys.data.tables import MOVIE_ID, TITLE
from recsys.scorer import RATING, RETRIEVAL
from recsys.spreadsheet import inert_csv

README = "README.md"
MOVIES = "assets.extra/movies.csv"  # the folder of a SavedModel for files that it does not load

OPENING = """\
# A recommender, trained with Duet

A TensorFlow SavedModel of {users:,} users and {movies:,} movies. It needs TensorFlow only. Run this
in the folder that holds this file:

```python
import pandas as pd
import tensorflow as tf

model = tf.saved_model.load(".")
movies = pd.read_csv("{table}", dtype=str, keep_default_na=False, na_filter=False)
titles = dict(zip(movies["{movie_id}"], movies["{title}"]))
user = {user}
"""
RECOMMEND_CALL = """
found = model.signatures["recommend"](user_id=tf.constant([user]))
for movie, score in zip(found["movie_id"][0].numpy(), found["score"][0].numpy()):
    if movie:  # empty where there are fewer candidates
        print(f"{score:8.3f}  {titles.get(movie.decode(), movie.decode())}")
"""
RATE_CALL = """
movie = {movie}
stars = model.signatures["rate"](user_id=tf.constant([user]), movie_id=tf.constant([movie]))
print(f"{{float(stars['stars'][0]):.2f}} stars for {{titles.get(movie, movie)}}")
"""
RECOMMEND_NOTE = """
- `recommend(user_id [n])` returns `movie_id [n, {k}]` and `score [n, {k}]`: for each user the {k}
  movies with the highest retrieval score, without those that the user has rated. The last places
  of a user with fewer candidates hold an empty id and the score -inf.
"""
RATE_NOTE = """
- `rate(user_id [n], movie_id [n])` returns `stars [n]`: the predicted rating, {low:g} to {high:g}.
"""
CLOSING = """
Ids are texts; one that is not known is an `InvalidArgumentError`. `{table}` holds the id
and title of each movie; a text that a spreadsheet program would take for a formula has an
apostrophe before it.
"""


def write_notes(
    folder: Path, tasks: frozenset[str], split: Split, titles: np.ndarray, k: int
) -> None:
    """Write the README and the table of the movies into the folder of a SavedModel.

    Args:
        folder: of the SavedModel.
        tasks: the tasks that have a signature.
        split: gives the ids and the rating scale.
        titles: of the movies, [n_movies].
        k: how many movies `recommend` returns.
    """
    (folder / README).write_text(_readme(tasks, split, k), encoding="utf-8")
    table = pd.DataFrame({MOVIE_ID: split.movie_ids, TITLE: titles}, dtype=object)
    (folder / MOVIES).parent.mkdir(exist_ok=True)
    (folder / MOVIES).write_text(inert_csv(table), encoding="utf-8")


def _readme(tasks: frozenset[str], split: Split, k: int) -> str:
    low, high = split.rating_scale
    opening = OPENING.format(
        users=split.n_users,
        movies=split.n_movies,
        table=MOVIES,
        movie_id=MOVIE_ID,
        title=TITLE,
        user=_literal(split.user_ids[0]),
    )
    parts = [opening.rstrip("\n")]
    parts += [RECOMMEND_CALL.rstrip("\n")] if RETRIEVAL in tasks else []
    movie = _literal(split.movie_ids[0])
    parts += [RATE_CALL.format(movie=movie).rstrip("\n")] if RATING in tasks else []
    parts.append("```")
    parts += [RECOMMEND_NOTE.format(k=k).rstrip("\n")] if RETRIEVAL in tasks else []
    parts += [RATE_NOTE.format(low=low, high=high).rstrip("\n")] if RATING in tasks else []
    parts.append(CLOSING.format(table=MOVIES))
    return "\n".join(parts)


def _literal(id_: object) -> str:
    """Return an id as Python source; an id may hold quotes, line breaks and backquotes."""
    return json.dumps(str(id_), ensure_ascii=False).replace("`", "\\u0060")
