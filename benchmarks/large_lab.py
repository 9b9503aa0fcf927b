"""A lab of the largest size: a synthetic data set as large as MovieLens 25M, and two runs on it.

    python -m benchmarks.large_lab FOLDER [--size 25m] [--epochs 2]

`RECSYS_HOME=FOLDER` then starts the app with it.
"""

import argparse
import gc
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.population import N_GENRES, Population, Size
from benchmarks.synthetic import SIZES, synthetic_ratings
from recsys.config import RunConfig, make_config, run_id, with_all_ratios
from recsys.data.kept import keep
from recsys.data.splits import Split
from recsys.data.tables import (
    GENRES,
    MOVIE_ID,
    RATING,
    TIMESTAMP,
    TITLE,
    USER_ID,
    YEAR,
    Dataset,
    make_dataset,
)
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import PARTS, peak_rss_mb, split_for, train
from recsys.line import LineScorer
from recsys.ratio import POSITIONS
from recsys.runs.records import LinePoint, Run
from recsys.runs.store import RunStore
from recsys.scorer import Scorer

NAME = "large"  # of the data set
EPOCHS = 2  # what the models learn is not measured
MEASURED_USERS = 2_000  # of each run: the pages show figures, but these do not matter
FIRST_YEAR, LAST_YEAR = 1920, 2019
SECONDS = (1_000_000_000, 1_500_000_000)  # between which the ratings were given
SECOND_GENRE = 0.5  # share of the movies that have one
GENRE_NAMES = (
    *("Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama"),
    *("Fantasy", "Horror", "Musical", "Mystery", "Romance", "Thriller", "War", "Western"),
)
FIRST_WORDS = (
    *("Broken", "Crimson", "Distant", "Electric", "Forgotten", "Golden", "Hidden", "Iron", "Last"),
    *("Little", "Lost", "Midnight", "Perfect", "Quiet", "Savage", "Secret", "Silver", "Winter"),
)
SECOND_WORDS = (
    *("Affair", "Bridge", "City", "Dream", "Empire", "Garden", "Harbour", "Island", "Journey"),
    *("Kingdom", "Letter", "Machine", "Mirror", "Ocean", "Promise", "River", "Shadow", "Summer"),
)


def main() -> None:
    arguments = _arguments()
    print(make_lab(arguments.folder, SIZES[arguments.size], arguments.epochs))


def make_lab(folder: Path, size: Size, epochs: int = EPOCHS) -> list[str]:
    """Keep a data set and two runs in the home `folder`; return the ids of the runs.

    The first run learnt equal weights, the second all ratios.
    """
    data = described_dataset(size, seed=0)
    keep(data, folder / "data" / NAME, "csv")
    store = RunStore(folder / "runs")
    plain = make_config({"data": NAME, "epochs": epochs})
    line = with_all_ratios(make_config({"data": NAME}), "tied").model_copy(
        update={"epochs": epochs}
    )
    fingerprint, split = data.fingerprint, split_for(plain, data)
    del data  # a training needs the split only
    gc.collect()
    return [_train_into(store, config, split, fingerprint) for config in (plain, line)]


def described_dataset(size: Size, seed: int) -> Dataset:
    """Return synthetic ratings with times, of movies that have titles, genres and years."""
    rows = synthetic_ratings(size, seed)
    movies = described_movies(size, seed)
    users = pd.Index(np.arange(1, size.n_users + 1).astype(str).astype(object))
    ids = pd.Index(movies[MOVIE_ID].to_numpy(dtype=object))
    ratings = pd.DataFrame(
        {
            USER_ID: pd.Categorical.from_codes(rows.users, users),
            MOVIE_ID: pd.Categorical.from_codes(rows.movies, ids),
            RATING: rows.ratings,
            TIMESTAMP: np.random.default_rng(seed + 2).integers(*SECONDS, len(rows)),
        },
        copy=False,
    )
    return make_dataset(NAME, ratings, movies)


def described_movies(size: Size, seed: int) -> pd.DataFrame:
    """Return `movie_id, title, genres, year`. The first genre is the one that draws the viewers."""
    own = Population.draw(size, np.random.default_rng(seed)).genre
    rng = np.random.default_rng(seed + 1)
    # Catalogues grow: half of the movies are from the last fifteen years or so.
    years = LAST_YEAR - np.minimum(rng.exponential(20, size.n_movies), LAST_YEAR - FIRST_YEAR)
    years = years.astype(int)
    second = rng.integers(N_GENRES, size=size.n_movies)
    second[rng.random(size.n_movies) > SECOND_GENRE] = -1
    first_words, second_words = (
        rng.choice(FIRST_WORDS, size.n_movies),
        rng.choice(SECOND_WORDS, size.n_movies),
    )
    ids = np.arange(1, size.n_movies + 1)
    return pd.DataFrame(
        {
            MOVIE_ID: ids.astype(str).astype(object),
            TITLE: [
                f"The {one} {other} {id_} ({year})"
                for one, other, id_, year in zip(first_words, second_words, ids, years, strict=True)
            ],
            GENRES: [
                "|".join(dict.fromkeys(GENRE_NAMES[n] for n in both if n >= 0))
                for both in zip(own, second, strict=True)
            ],
            YEAR: pd.array(years, dtype="Int64"),
        }
    )


def _train_into(store: RunStore, config: RunConfig, split: Split, fingerprint: str) -> str:
    """Train and store a run, measured on a few users only."""
    trained = train(config, split)
    line: tuple[LinePoint, ...] = ()
    if isinstance(trained.scorer, LineScorer):
        models = ((position, trained.scorer.at(position)) for position in POSITIONS)
        line = tuple(
            LinePoint(position=position, metrics=_metrics(model, split))
            for position, model in models
        )
    run = Run(
        run_id=run_id(config, fingerprint),
        config=config,
        dataset=config.data,
        fingerprint=fingerprint,
        status="finished",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        history=trained.history,
        metrics=_metrics(trained.scorer, split),
        baselines={},
        seconds={"total": trained.history[-1].seconds},
        peak_rss_mb=peak_rss_mb(),
        line=line,
    )
    store.save(run, trained.scorer)
    return run.run_id


def _metrics(scorer: Scorer, split: Split) -> dict[str, dict[str, float]]:
    users = np.arange(min(MEASURED_USERS, split.n_users))
    return {part: evaluate(scorer, split, part, users, quick=True) for part in PARTS}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_lab", description=__doc__)
    parser.add_argument("folder", type=Path, help="RECSYS_HOME of the lab")
    parser.add_argument("--size", choices=SIZES, default="25m")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
