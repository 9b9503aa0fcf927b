"""Peak memory of trainings, beside what `recsys.model.memory` estimates before they start.

    python -m benchmarks.memory_needs [--shapes "NAME;..."]

Each training runs in a process of its own, which loads a data set of random ratings as a worker
does. Measured is what it takes above the memory that the process holds after its imports.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.memory import held_mb, peak_mb
from benchmarks.results import Row
from recsys.config import make_config
from recsys.data.kept import keep
from recsys.data.library import load_dataset
from recsys.data.tables import make_dataset
from recsys.experiment import run_experiment
from recsys.home import data_folder, runs_folder
from recsys.model.memory import Sizes, needed_bytes
from recsys.runs.store import RunStore


class Shape(NamedTuple):
    """A data set and the settings that differ from the defaults."""

    users: int
    movies: int
    ratings: int
    settings: Mapping[str, Any]


TUTORIAL = {"architecture": "tutorial", "epochs": 1}
SHAPES = {
    "small": Shape(943, 1_682, 100_000, {}),
    "one million": Shape(6_040, 3_706, 1_000_000, {}),
    "four million": Shape(30_000, 9_000, 4_000_000, {}),
    "many users": Shape(400_000, 2_000, 800_000, {}),
    "many movies": Shape(2_000, 60_000, 300_000, {}),
    "wide towers": Shape(4_000, 3_000, 100_000, {"embedding_dimension": 512}),
    "wide head": Shape(4_000, 3_000, 100_000, {"rating_dimension": 128, "rating_members": 4}),
    "many members": Shape(4_000, 3_000, 100_000, {"rating_dimension": 16, "rating_members": 64}),
    "wide, many users": Shape(60_000, 2_000, 200_000, {"rating_dimension": 64}),
    "separate vectors": Shape(20_000, 6_000, 200_000, {"sharing": "none", "rating_dimension": 64}),
    "narrow": Shape(4_000, 3_000, 100_000, {"embedding_dimension": 4, "rating_members": 1}),
    "large batches": Shape(6_040, 3_706, 600_000, {"batch_size": 300_000}),
    "wide, large batches": Shape(
        943, 1_682, 100_000, {"rating_dimension": 16, "rating_members": 32, "batch_size": 80_000}
    ),
    "wide, small batches": Shape(
        943, 1_682, 100_000, {"rating_dimension": 16, "rating_members": 32, "batch_size": 1_024}
    ),
    "no validation": Shape(3_000, 4_000, 200_000, {"validation": 0.0}),
    "tied": Shape(6_040, 3_706, 600_000, {"sharing": "tied"}),
    "tied, many users": Shape(200_000, 2_000, 400_000, {"sharing": "tied"}),
    "tied, wide": Shape(10_000, 10_000, 200_000, {"sharing": "tied", "embedding_dimension": 256}),
    "all ratios": Shape(3_000, 3_706, 300_000, {"all_ratios": True}),
    "all ratios, many users": Shape(60_000, 3_000, 300_000, {"all_ratios": True}),
    "all ratios, many movies": Shape(1_000, 30_000, 100_000, {"all_ratios": True}),
    "tutorial": Shape(943, 1_682, 100_000, TUTORIAL),
    "tutorial, large batches": Shape(943, 1_682, 60_000, {**TUTORIAL, "batch_size": 16_384}),
    "tutorial, many users and movies": Shape(60_000, 30_000, 150_000, {**TUTORIAL, "holdout": 0.1}),
    "tutorial, wide": Shape(20_000, 6_000, 100_000, {**TUTORIAL, "embedding_dimension": 256}),
}


def main() -> None:
    """Measure shapes, and print a line for each."""
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(SHAPES[arguments.measure])))
        return
    for name in arguments.shapes.split(";"):
        print(json.dumps({"training": name, **measured(name)}), flush=True)


def measured(name: str) -> Row:
    """Return the row of one shape, measured in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "benchmarks.memory_needs", "--measure", name]
        environment = {**os.environ, "RECSYS_HOME": home}
        shape = SHAPES[name]
        _keep_ratings(shape, home)
        output = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, env=environment
        ).stdout
    row: Row = json.loads(output.splitlines()[-1])
    return row


def measure(shape: Shape) -> Row:
    """Return the row of one shape, measured in this process, in MB of 10^6 bytes."""
    from recsys.model.start import start_tensorflow

    start_tensorflow()
    before = held_mb() or 0.0
    dataset = load_dataset("random")
    sizes = Sizes.of(dataset)
    config = make_config({"data": "random", "epochs": 2, **shape.settings})
    run_experiment(config, dataset, RunStore(runs_folder()))
    took, estimate = peak_mb() - before, needed_bytes(config, sizes) / 1e6
    return {
        "users": shape.users,
        "movies": shape.movies,
        "ratings": shape.ratings,
        "settings": ", ".join(f"{key}={value}" for key, value in shape.settings.items()),
        "after imports, MB": before,
        "peak above that, MB": took,
        "estimate, MB": estimate,
        "estimate / measured": estimate / took,
    }


def _keep_ratings(shape: Shape, home: str) -> None:
    """Keep random ratings as the data set "random" of a home."""
    rng = np.random.default_rng(0)
    # Every user and every movie has a rating at least; popular movies have more.
    users = np.append(np.arange(shape.users), rng.integers(0, shape.users, shape.ratings))
    movies = (shape.movies * rng.random(len(users)) ** 2).astype(np.int64)
    movies[: shape.movies] = rng.permutation(shape.movies)[: len(users)]
    pairs = np.unique(users * shape.movies + movies)
    chosen = rng.choice(pairs, min(shape.ratings, len(pairs)), replace=False)
    users, movies = np.divmod(chosen, shape.movies)
    ratings = pd.DataFrame(
        {
            "user_id": users.astype(str),
            "movie_id": movies.astype(str),
            "rating": rng.integers(1, 6, len(users)).astype(np.float32),
        }
    )
    all_movies = pd.DataFrame({"movie_id": np.arange(shape.movies).astype(str)})
    before = os.environ.get("RECSYS_HOME")
    os.environ["RECSYS_HOME"] = home
    try:
        keep(make_dataset("random", ratings, all_movies), data_folder() / "random", "random")
    finally:
        if before is None:
            del os.environ["RECSYS_HOME"]
        else:
            os.environ["RECSYS_HOME"] = before


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory_needs", description=__doc__)
    parser.add_argument("--shapes", default=";".join(SHAPES), help=f"among {'; '.join(SHAPES)}")
    parser.add_argument("--measure", choices=SHAPES, help="measure one shape, in this process")
    return parser.parse_args()


if __name__ == "__main__":
    main()
