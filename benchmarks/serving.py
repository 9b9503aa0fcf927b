"""Cost of serving: one user's movies, a Scorer from a stored run, and all users at every blend."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.population import Size
from benchmarks.synthetic import SIZES, synthetic_dataset
from recsys.config import make_config
from recsys.data.tables import Dataset
from recsys.evaluation.blend_curve import measure_blends
from recsys.experiment import split_for
from recsys.model.training import train
from recsys.recommend import retrieve_then_rate
from recsys.runs.store import RunStore

# The cost of serving one user depends on the catalogue, so few ratings are enough for the model.
LARGE_CATALOGUE = Size(100_000, 943, SIZES["25m"].n_movies)
DIMENSION = 64
K = 20
REPEATS = 500
BUILDS = 20
CURVES = 5


def retrieval_seconds() -> float:
    """Return the median time of retrieving and rating `K` movies for one user, seen ones left out.

    The scorer is that of the default model, as it is served, trained for one epoch on synthetic
    ratings of 62,423 movies.
    """
    config = make_config(
        {"embedding_dimension": DIMENSION, "epochs": 1, "holdout": 0.0, "validation": 0.0}
    )
    split = split_for(config, synthetic_dataset(LARGE_CATALOGUE, seed=0))
    scorer = train(config, split).scorer
    users = iter(np.random.default_rng(0).integers(split.n_users, size=REPEATS + 1).tolist())
    return median_seconds(lambda: retrieve_then_rate(scorer, split, next(users), K), REPEATS)


def scorer_seconds(store: Path, run_id: str) -> float:
    """Return the median time to load the Scorer of a stored run, including the hash checks."""
    return median_seconds(lambda: RunStore(store).scorer(run_id), BUILDS)


def blends_seconds(store: Path, run_id: str, dataset: Dataset) -> float:
    """Return the median time to rank and measure all users at every serving blend."""
    kept = RunStore(store)
    scorer, split = kept.scorer(run_id), split_for(kept.load(run_id).config, dataset)
    return median_seconds(lambda: measure_blends(scorer, split, "validation"), CURVES)


def median_seconds(call: Callable[[], object], repeats: int) -> float:
    """Return the median time of `call`; a first call is not counted."""
    call()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return median(seconds)
