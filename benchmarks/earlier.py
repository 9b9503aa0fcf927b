"""This code beside an earlier version of itself, in pairs: trainings, a sweep, the start of a lab.

    python -m benchmarks.earlier [--pairs 5] [--commit 149bca3]

The earlier version is taken from the repository's history; where there is none (a copy without
`.git`), this says so and writes nothing. Each version works in an empty home for each measurement.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks import job_times, results
from benchmarks.pages import running_browser
from benchmarks.playground import measure_start

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "149bca3"  # the last commit before trainings of one shape shared their graph
PAIRS = 5
# What is compared: its name in the report, and the bounds of new : earlier.
COMPARED = {
    "first": ("default 80/20 training, the first one of a fresh worker", "≤ 0.75", "≤ 0.5"),
    "again": ("… the same shape with another weight and seed", "≤ 0.75", "≤ 0.5"),
    "sweep": (f"a sweep of {job_times.POINTS} ratios in a warm worker", "≤ 0.5", "≤ 0.25"),
    "front": ("from opening an empty lab until all its trainings have ended", "≤ 0.65", None),
}
Seconds = dict[str, float]


def main() -> None:
    options = _arguments()
    found = archive(options.commit)
    if found is None:
        print(f"Not measured: the history here has no commit {options.commit}.")
        return
    with unpacked(found) as earlier, running_browser() as browser:
        pairs = list(measured_pairs(earlier, browser, options.pairs))
    print(results.save("earlier", list(rows(pairs)), _notes(options.commit, len(pairs))))


def measured_pairs(
    earlier: Path, browser: Browser | None, pairs: int
) -> Iterator[tuple[Seconds, Seconds]]:
    """Yield (this code, the earlier one): the seconds of each thing compared, by its key."""
    for pair in range(pairs):
        one = {}
        for root in (ROOT, earlier) if pair % 2 else (earlier, ROOT):  # neither is always first
            one[root] = seconds(root, browser)
            print(root.name, one[root], flush=True)
        yield one[ROOT], one[earlier]


def seconds(root: Path, browser: Browser | None) -> Seconds:
    """Return the seconds that the code in `root` takes for each thing that is compared."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"RECSYS_HOME": home, "PYTHONPATH": str(root)}
        # -P: else the folder of the script would hide the package `pages`.
        command = [sys.executable, "-P", str(Path(job_times.__file__))]
        done = subprocess.run(
            command, cwd=root, env=environment, check=True, stdout=-1, stderr=subprocess.DEVNULL
        )
    found: Seconds = json.loads(done.stdout)
    if browser is not None:
        found["front"] = measure_start(browser, root / "app.py", moves=False).trained
    return found


def rows(pairs: Sequence[tuple[Seconds, Seconds]]) -> Iterator[results.Row]:
    """Yield a row for each thing compared: medians, and the median of the pairs' ratios."""
    for key, (what, must, goal) in COMPARED.items():
        both = [(new[key], old[key]) for new, old in pairs if key in new and key in old]
        if both:
            yield {
                "what": what,
                "this code, s": median(new for new, _ in both),
                "earlier code, s": median(old for _, old in both),
                "value": median(new / old for new, old in both),
                "must": must,
                "goal": goal,
            }


def _notes(commit: str, pairs: int) -> list[str]:
    return [
        f"Earlier: the code of commit {commit}, in the same environment. Medians of {pairs} pairs, "
        "in which both take turns to be first; value: the median of the pairs' ratios.",
        "Trainings: from the request to the stored run, on ML-100K, through the lab's job queue, "
        "in a new process with an empty home; the worker was ready. Between the second "
        f"training and the sweep lie {job_times.IDLE_SECONDS:g} s without a job. The sweep has "
        "validation after every epoch, as on the Trade-off page.",
        "An empty lab: a new server in an empty home; from opening Home in a browser until the "
        "three presets and the three lines of its front have been trained.",
    ]


def archive(commit: str) -> bytes | None:
    """Return the files of a commit as a tar archive; None if the history does not have it."""
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    return None if done.returncode else done.stdout


@contextmanager
def unpacked(files_of_commit: bytes) -> Iterator[Path]:
    """Give a folder that holds the files of a tar archive."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(files_of_commit)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.earlier", description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--commit", default=BEFORE, help="the earlier version")
    return parser.parse_args()


if __name__ == "__main__":
    main()
