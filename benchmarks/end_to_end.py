"""A training from the command line, imports included, beside the tutorial's.

    python -m benchmarks.end_to_end [--pairs 3]

Both train on the same 80,000 ratings of ML-100K, which are in the home folder already, and measure
their model on the other 20,000. They take turns.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import results

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 3
SHARES = {"holdout": 0.2, "validation": 0.0}
DUET = (
    "recsys",
    "train",
    "--json",
    *(f"--set={key}={value}" for key, value in SHARES.items()),
)
TUTORIAL = ("benchmarks.tutorial",)
PARTS = {
    "load": "loading and splitting the ratings",
    "fit": "training, tracing included",
    "evaluate": "evaluation",
}
REST = "imports, the start and the end of the process, saving"


class Ended(NamedTuple):
    """Seconds of a whole process, and of its parts as it printed them."""

    total: float
    parts: dict[str, float]

    def part(self, name: str) -> float:
        """Return the seconds of a part; the rest is what no other part has."""
        return self.parts[name] if name in PARTS else self.total - self.known()

    def known(self) -> float:
        """Return the seconds of all named parts together."""
        return sum(self.parts[name] for name in PARTS)


def main() -> None:
    pairs = _arguments().pairs
    with tempfile.TemporaryDirectory() as folder:
        _timed(TUTORIAL, Path(folder))  # the ratings are in the home then, and the files in memory
        duet, tutorial = [], []
        for number in range(pairs):
            duet.append(_timed((*DUET, f"--set=seed={number}"), Path(folder)))
            tutorial.append(_timed((*TUTORIAL, str(number)), Path(folder)))
    print(results.save("end_to_end", list(rows(duet, tutorial)), _notes(pairs)))


def rows(duet: Sequence[Ended], tutorial: Sequence[Ended]) -> Iterator[results.Row]:
    """Yield the parts, and then the whole process: medians, and the ratio of the medians."""
    for name, what in (PARTS | {"rest": REST}).items():
        yield _row(what, [one.part(name) for one in duet], [one.part(name) for one in tutorial])
    whole = "the whole process"
    yield _row(whole, [one.total for one in duet], [one.total for one in tutorial])


def _row(what: str, duet: Sequence[float], tutorial: Sequence[float]) -> results.Row:
    own, other = median(duet), median(tutorial)
    return {"what": what, "Duet, s": own, "tutorial, s": other, "tutorial : Duet": other / own}


def _timed(module: Sequence[str], home: Path) -> Ended:
    """Run a module as a process; its output ends with a JSON object that has `seconds`."""
    environment = os.environ | {"RECSYS_HOME": str(home), "RECSYS_DATA": "100k"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    total = time.perf_counter() - start
    return Ended(total, json.loads(done.stdout.strip().splitlines()[-1])["seconds"])


def _notes(pairs: int) -> list[str]:
    return [
        f"Medians of {pairs} processes each, in turns, on an 80/20 split of ML-100K: `python -m "
        "recsys train` with the default settings, and `python -m benchmarks.tutorial`, which "
        "computes the top-100 metric in every step, as the tutorial does.",
        "Duet trains 20 epochs of the default model here, which is far better than the tutorial's: "
        "see Speed for the time in which it is as good.",
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.end_to_end", description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
