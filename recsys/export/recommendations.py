"""All users' top K as a table: Parquet or CSV, written a chunk of users at a time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from recsys.atomic import temporary_file
from recsys.blend import blend
from recsys.data.splits import Split
from recsys.data.tables import MOVIE_ID, TITLE, USER_ID, Dataset
from recsys.errors import DuetError
from recsys.evaluation.ranking import LOWEST, top_lists, user_chunks
from recsys.scorer import RATING, RETRIEVAL, Scorer
from recsys.spreadsheet import inert

RANK, SCORE, STARS = "rank", "score", "predicted_stars"
SCHEMA = pa.schema(
    [
        (USER_ID, pa.string()),
        (RANK, pa.int32()),  # from 1
        (MOVIE_ID, pa.string()),
        (TITLE, pa.string()),
        (SCORE, pa.float32()),  # the retrieval score
        (STARS, pa.float32()),  # clipped to the rating scale
    ]
)
GROUP_ROWS = 200_000  # written at once: many small row groups make a Parquet file large and slow


def _parquet(file: Path) -> AbstractContextManager[Any]:
    writer: AbstractContextManager[Any] = pq.ParquetWriter(file, SCHEMA, compression="zstd")
    return writer


def _csv(file: Path) -> AbstractContextManager[Any]:
    writer: AbstractContextManager[Any] = pa_csv.CSVWriter(file, SCHEMA)
    return writer


WRITERS: dict[str, Callable[[Path], AbstractContextManager[Any]]] = {
    ".parquet": _parquet,
    ".csv": _csv,
}


def check_format(file: Path) -> str:
    """Return the ending of the file's name, in lower case.

    Raises:
        DuetError: it is not one of WRITERS.
    """
    ending = file.suffix.lower()
    if ending not in WRITERS:
        raise DuetError(f"{file}: the name must end in {' or '.join(WRITERS)}")
    return ending


def write_recommendations(
    file: Path, scorer: Scorer, tasks: frozenset[str], dataset: Dataset, split: Split, k: int
) -> int:
    """Write the top `k` of every user to a file, and return the number of rows.

    The file appears when it is complete. In CSV, a text that a spreadsheet would take for a formula
    has an apostrophe before it; Parquet has all texts as they are.

    Raises:
        DuetError: the name of the file has another ending than `.parquet` or `.csv`.
        OSError: the file cannot be written.
    """
    ending = check_format(file)
    rows = 0
    with (
        temporary_file(file, private=False) as temporary,
        WRITERS[ending](temporary) as writer,
    ):
        for table in _groups(recommendation_batches(scorer, tasks, dataset, split, k)):
            writer.write_table(inert(table) if ending == ".csv" else table)
            rows += table.num_rows
    return rows


def recommendation_batches(
    scorer: Scorer, tasks: frozenset[str], dataset: Dataset, split: Split, k: int
) -> Iterator[pa.RecordBatch]:
    """Yield the top `k` of every user, in chunks of users, as tables with SCHEMA.

    The movies are those of `recsys.recommend.retrieve_then_rate`: not seen, highest retrieval score
    first. Without retrieval, the highest predicted stars come first.

    Args:
        scorer: the model.
        tasks: the tasks that it learnt. The column of another task has no values.
        dataset: gives the titles.
        split: gives the movies that each user has seen, and the rating scale.
        k: movies per user; fewer if there are fewer candidates.
    """
    titles = dataset.movies[TITLE].to_numpy(dtype=object)
    ranking = scorer if RETRIEVAL in tasks else blend(scorer, split, inf)
    for _, users in user_chunks(np.arange(split.n_users), split.n_movies):
        ranked = ranking.scores(users)
        owners, places, movies = _chosen(ranked, split, users, k)
        own = users[owners]
        stars = np.clip(scorer.ratings(own, movies), *split.rating_scale)
        columns = {
            USER_ID: split.user_ids[own],
            RANK: places + 1,
            MOVIE_ID: split.movie_ids[movies],
            TITLE: titles[movies],
            SCORE: ranked[owners, movies] if RETRIEVAL in tasks else None,
            STARS: stars if RATING in tasks else None,
        }
        arrays = [_array(columns[field.name], field.type, len(own)) for field in SCHEMA]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows of the batches, GROUP_ROWS or a little more at once."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= GROUP_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    yield pa.Table.from_batches(waiting, SCHEMA)


def _chosen(
    scores: np.ndarray, split: Split, users: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the top `k` of each row of `scores` [n, n_movies] without the seen movies.

    Returns:
        The row, the place from 0, and the movie of each recommendation; sorted by row, then place.
    """
    # A candidate scored -inf is still a candidate: `top_lists` takes -inf for "no candidate".
    candidates = np.where(np.isnan(scores), -np.inf, np.fmax(scores, LOWEST))
    candidates[split.csr("seen").pairs(users)] = -np.inf
    lists = top_lists(candidates, k)
    owners, places = np.nonzero(lists >= 0)
    return owners, places, lists[owners, places]


def _array(values: np.ndarray | None, kind: pa.DataType, length: int) -> pa.Array:
    return pa.nulls(length, kind) if values is None else pa.array(values, kind)
