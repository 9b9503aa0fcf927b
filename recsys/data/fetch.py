"""Fetch MovieLens sets that are not in the home folder yet, in a child process.

    python -m recsys.data.fetch NAME

The child process imports TFDS, and TensorFlow with it; the server's process must not.
"""

import subprocess
import sys
import traceback
from collections.abc import Iterator

from recsys.data.library import available_datasets, load_dataset
from recsys.data.movielens import DATASETS
from recsys.data.tables import DataError
from recsys.home import child_environment

_ERROR = "error: "  # starts the line with which the child reports a DataError


def missing_datasets() -> list[str]:
    """Return the names of the MovieLens sets that are not in the home folder yet."""
    available = available_datasets()
    return [name for name in DATASETS if name not in available]


def fetch(name: str) -> Iterator[str]:
    """Load a data set into the home folder; yield a line of progress now and then.

    To cancel, close the iterator: the child process is killed, and no partial data set is kept.

    Raises:
        DataError: it cannot be fetched; the message says why and what to do.
    """
    child = subprocess.Popen(
        # -P: the current folder may hold modules that hide those of the standard library.
        [sys.executable, "-P", "-m", "recsys.data.fetch", name],
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(_ERROR):
                raise DataError(line.removeprefix(_ERROR).strip())
            yield line.strip()
        if child.wait():
            raise DataError(f"{name}: the fetching process failed; the server's log says why")
    finally:
        child.kill()
        child.wait()


def main(name: str) -> None:
    """Load a data set in this process, and print its progress or the error."""
    try:
        load_dataset(name, progress=lambda line: print(line, flush=True))
    except DataError as error:
        if error.__cause__:  # for the server's log
            traceback.print_exception(error)
        print(f"{_ERROR}{error}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
