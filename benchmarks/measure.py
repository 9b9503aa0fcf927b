"""Fit a system on several splits, in a process of its own, and measure quality, time, memory."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from benchmarks.memory import peak_mb
from benchmarks.systems import Point, System
from benchmarks.testbeds import TESTBEDS
from recsys.data.splits import Interactions, Split
from recsys.evaluation.evaluate import COUNTS, USERS, Table, average_metrics, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.scorer import Scorer

SHOWN = ("rmse", "ndcg@20", "recall@20", "top_k_accuracy@100", "top_k_accuracy_with_seen@100")
_WARM_UP_USERS = 50

Result = TypeVar("Result")


@dataclass(frozen=True)
class Measured:
    """The measurements of a system on each split.

    Attributes:
        tables: per split, the metrics of each user with holdout ratings.
        fit_seconds: duration of the fit, per split.
        peak_mb: peak memory of the process, in MB of 10^6 bytes.
    """

    tables: list[Table]
    fit_seconds: list[float]
    peak_mb: float

    @property
    def median_fit_seconds(self) -> float:
        """The median duration of the fits."""
        return float(np.median(self.fit_seconds))

    def figures(self) -> dict[str, float]:
        """Return the means of each metric over the splits."""
        per_split = [average_metrics(table) for table in self.tables]
        names = [name for name in SHOWN if name in per_split[0]]
        return {name: float(np.mean([row[name] for row in per_split])) for name in names}


def measure(
    system: System, hyperparameters: Point, seeds: tuple[int, ...], testbed: str = "100k"
) -> Measured:
    """Measure `system` on the splits of these seeds. Each seed is also the seed of the model."""
    return in_own_process(_measure_here, system, hyperparameters, seeds, testbed)


def in_own_process(function: Callable[..., Result], *args: Any) -> Result:
    """Return function(*args), called in a new process: systems share no memory and no threads."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(function, *args).result()


def fitted(
    system: System, hyperparameters: Point, seeds: tuple[int, ...], testbed: str = "100k"
) -> Iterator[tuple[Split, Scorer, float]]:
    """Yield for each seed the split, the system fitted on it, and the seconds of the fit.

    The first fit is on a few users and is thrown away, so that imports are not counted. Work that
    every fit repeats, such as tracing a graph, is counted.
    """
    bed = TESTBEDS[testbed]
    dataset = bed.load()
    few = _few_users(bed.measured(dataset, seeds[0]))
    system.fit(few, seed=0, **hyperparameters | system.quick)
    for seed in seeds:
        split = bed.measured(dataset, seed)
        start = time.perf_counter()
        scorer = system.fit(split, seed=seed, **hyperparameters)
        yield split, scorer, time.perf_counter() - start


def _measure_here(
    system: System, hyperparameters: Point, seeds: tuple[int, ...], testbed: str
) -> Measured:
    tables, seconds = [], []
    for split, scorer, took in fitted(system, hyperparameters, seeds, testbed):
        tables.append(_trained_metrics(per_user_metrics(scorer, split, "holdout"), system))
        seconds.append(took)
    return Measured(tables, seconds, peak_mb())


def _trained_metrics(table: Table, system: System) -> Table:
    """Return the metrics in SHOWN of the tasks that the system was trained for."""
    kept = [name for name in SHOWN if name in table and METRICS[name].task in system.tasks]
    return {name: table[name] for name in (USERS, COUNTS, *kept)}


def _few_users(split: Split) -> Split:
    rows = np.flatnonzero(split.train.users < _WARM_UP_USERS)
    train = split.train
    few = Interactions(train.users[rows], train.movies[rows], train.ratings[rows])
    none = Interactions(few.users[:0], few.movies[:0], few.ratings[:0])
    return Split(few, none, none, split.user_ids, split.movie_ids, split.rating_scale)
