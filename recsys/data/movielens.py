"""MovieLens in every size that TFDS offers, through `tfds.load("movielens/…")`.

TFDS, and TensorFlow with it, is imported only inside the functions. The import takes seconds and is
not needed for a stored data set.
"""

import contextlib
import logging
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from recsys.data.download import NoConnectionError, Progress, download
from recsys.data.movielens_tables import movie_table, rating_and_user_tables
from recsys.data.tables import DataError, Dataset, make_dataset

DATASETS = ("100k", "latest-small", "1m", "20m", "25m")
_SERVER = "https://files.grouplens.org/datasets/movielens"


def load_movielens(name: str, data_dir: Path, progress: Progress) -> Dataset:
    """Return the MovieLens data set of this size, built by TFDS under `data_dir` if necessary.

    Args:
        name: one of `DATASETS`.
        data_dir: TFDS's folder; a zip in its `downloads/manual` is used before any download.
        progress: called with a line of text from time to time.

    Raises:
        NoConnectionError: the zip is needed and GroupLens cannot be reached.
        DataError: TFDS is not installed, or the zip is not what TFDS expects.
    """
    if not any((data_dir / "movielens" / f"{name}-ratings").glob("*/dataset_info.json")):
        # Before the slow import of TFDS, so that a missing network is reported soon.
        _provide_zip(name, data_dir, progress)
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise DataError(
            f"MovieLens {name} needs tensorflow-datasets ({error}): pip install tensorflow-datasets"
        ) from error
    tfds.disable_progress_bar()
    progress(f"preparing MovieLens {name} with TFDS (only this once)")
    try:
        with _quiet():
            movies = _load(tfds, name, "movies", data_dir, progress)
            ratings = _load(tfds, name, "ratings", data_dir, progress)
            rating_table, users = rating_and_user_tables(*ratings, progress)
            return make_dataset(name, rating_table, movie_table(*movies), users)
    except DataError:
        raise
    except Exception as error:
        # TFDS, its parsers, the zip reader and TensorFlow raise many classes of errors.
        file = zip_in_manual_folder(name, data_dir)
        if type(error).__name__ == "NonMatchingChecksumError":  # TFDS does not export the class
            raise DataError(
                f"{file}: is not the zip that GroupLens publishes (checksum mismatch); "
                "delete it or download it again"
            ) from error
        reason = " ".join(str(error).split())[:200]
        raise DataError(
            f"TFDS cannot build MovieLens {name} ({type(error).__name__}: {reason}); "
            "if the disk or the memory is not full, "
            f"download {file} again and delete {data_dir / 'movielens'}"
        ) from error


def zip_in_manual_folder(name: str, data_dir: Path) -> Path:
    """Return the path where TFDS looks for the zip of this size, downloaded by hand."""
    return data_dir / "downloads" / "manual" / f"ml-{name}.zip"


def _provide_zip(name: str, data_dir: Path, progress: Progress) -> None:
    """Put the zip where TFDS finds it; TFDS checks its hash.

    TFDS would download it too, but hangs for minutes without a network.
    """
    file = zip_in_manual_folder(name, data_dir)
    if not file.exists():
        download(f"{_SERVER}/{file.name}", file, progress)
        if not zipfile.is_zipfile(file):
            file.unlink()
            raise NoConnectionError(
                f"{_SERVER}/{file.name} answers with a file that is not a zip (a log-in page?)"
            )


def _load(tfds: Any, name: str, table: str, data_dir: Path, progress: Progress) -> tuple[Any, Any]:
    """Return a `tf.data.Dataset` and its TFDS description."""
    config = f"movielens/{name}-{table}"
    file = zip_in_manual_folder(name, data_dir)
    builder = tfds.builder(config, data_dir=data_dir)
    if not builder.is_prepared():
        _provide_zip(name, data_dir, progress)
    settings = tfds.download.DownloadConfig(manual_dir=file.parent, try_download_gcs=False)
    features = _rating_features(name) if table == "ratings" else None
    with _counted(builder.builder_config, progress):
        examples, info = tfds.load(
            config,
            split="train",
            data_dir=data_dir,
            decoders=tfds.decode.PartialDecoding(features) if features else None,
            with_info=True,
            download_and_prepare_kwargs={"download_config": settings},
        )
    return examples, info


@contextlib.contextmanager
def _counted(config: Any, progress: Progress) -> Iterator[None]:
    """Report how many rows TFDS has parsed, which TFDS itself only shows as a terminal bar."""
    parse: Callable[[str], Iterator[Any]] = config.parsing_fn

    def parse_and_count(folder: str) -> Iterator[Any]:
        reported = time.monotonic()
        for count, example in enumerate(parse(folder)):
            if time.monotonic() - reported > 0.5:
                reported = time.monotonic()
                progress(f"preparing {config.name}: {count:,} rows")
            yield example

    config._parsing_fn = parse_and_count
    try:
        yield
    finally:
        config._parsing_fn = parse


def _rating_features(name: str) -> dict[str, bool]:
    """Return the columns to decode: not titles and genres, which take most of the time."""
    columns = ["user_id", "movie_id", "user_rating", "timestamp"]
    if name in ("100k", "1m"):
        columns += ["user_gender", "user_occupation_text", _age_feature(name)]
    return dict.fromkeys(columns, True)


def _age_feature(name: str) -> str:
    return "raw_user_age" if name == "100k" else "bucketized_user_age"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Send TFDS's output to stderr, because stdout is the caller's, and hide its warnings."""
    absl = logging.getLogger("absl")
    level = absl.level
    absl.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        absl.setLevel(level)
