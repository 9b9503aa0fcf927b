"""Data sets that are not in the lab yet, fetched by a child process.

TFDS brings TensorFlow along, and that stays out of the Streamlit process.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from recsys.data.library import DATASETS, available_datasets
from recsys.data.tables import DataError

_ROOT = Path(__file__).resolve().parents[2]
_REFUSED = "refused: "
_CHILD = f"""
import sys
from recsys.data.library import load_dataset
from recsys.data.tables import DataError
try:
    load_dataset(sys.argv[1], progress=lambda line: print(line, flush=True))
except DataError as error:
    print("{_REFUSED}" + str(error), flush=True)
"""


def missing_datasets() -> list[str]:
    """Return the MovieLens sets that are not in the lab yet."""
    here = available_datasets()
    return [name for name in DATASETS if name not in here]


def fetch(name: str) -> Iterator[str]:
    """Bring a data set into the lab's home; yields one line of progress now and then.

    Whoever stops iterating stops the fetching; nothing is half-loaded.

    Raises:
        DataError: it cannot be fetched; says why and what to do.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, name],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith(_REFUSED):
                raise DataError(line.removeprefix(_REFUSED).strip())
            yield line.strip()
        if child.wait():
            raise DataError(f"{name}: fetching it broke off; the server's log says why")
    finally:
        child.kill()
        child.wait()
