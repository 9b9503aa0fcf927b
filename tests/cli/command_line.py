"""A user's files for the command line, and a way to run it inside the test's process."""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recsys.__main__ import main
from tests.synthetic import planted_dataset, write_ratings

FAST = ["--set", "epochs=2", "--set", "batch_size=256", "--set", "embedding_dimension=8"]


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object that is all of stdout."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


def run(*arguments: object) -> Result:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
    return Result(code, out.getvalue(), err.getvalue())


@dataclass
class Files:
    """The files of a user."""

    folder: Path
    ratings: Path
    movies: Path
    holdout: Path

    def train(self, *arguments: object) -> Result:
        return run("train", "--data", self.ratings, "--movies", self.movies, *FAST, *arguments)


def write_files(folder: Path) -> Files:
    """Write ratings of the planted data set, a holdout of it, and titles of its movies."""
    table = planted_dataset().ratings
    rows = list(zip(table["user_id"], table["movie_id"], table["rating"], strict=True))
    movies = folder / "movies.csv"
    lines = [f'm{n},"Film {n}, The ({1950 + n})",Comedy|Drama' for n in range(60)]
    movies.write_text("\n".join(["movie_id,title,genres", *lines]) + "\n")
    cut = len(rows) * 9 // 10
    return Files(
        folder,
        write_ratings(folder / "ratings.csv", rows[:cut]),
        movies,
        write_ratings(folder / "holdout.csv", rows[cut:]),
    )
