"""Duet under the protocols of the two examples that it grew from, beside their own figures.

Both examples split ML-100K at random into 80,000 train and 20,000 test ratings. They rank all
movies, including those the user has already seen, and do not clip predictions to the scale.

    TFRS multitask tutorial     top-100 accuracy over all test rows; RMSE in stars
    keras-rs multi_task example top-10 accuracy over the five-star test rows only; RMSE of ratings
                                on a 0-1 scale, (stars - 1) / 4, over all test rows
"""

import numpy as np

from benchmarks.measure import fitted, in_own_process
from benchmarks.results import Row, save
from benchmarks.systems import DUET, DUET_SYSTEMS, PEERS, System
from recsys.data.splits import Csr, Interactions, Split
from recsys.evaluation.ranking import rank_relevant
from recsys.scorer import RATING, Scorer

TFRS, KERAS_RS = "TFRS multitask tutorial", "keras-rs multi_task example"
CUTOFF = {TFRS: 100, KERAS_RS: 10}
MEASURED, RERUN, PUBLISHED = "measured here", "its own code, run beforehand", "published"

# (protocol, system, source, accuracy, RMSE). Published: the table on the keras-rs page; the
# tutorial's project prints none. The reruns: Python 3.11, TensorFlow 2.21, two cores, one random
# split; they are not part of this benchmark.
EXAMPLE_FIGURES = (
    (TFRS, "tutorial, rating only", RERUN, 0.059, 1.113),
    (TFRS, "tutorial, retrieval only", RERUN, 0.233, 3.542),
    (TFRS, "tutorial, joint 1 : 1", RERUN, 0.240, 1.128),
    (KERAS_RS, "rating-specialised", PUBLISHED, 0.005, 0.26),
    (KERAS_RS, "retrieval-specialised", PUBLISHED, 0.020, 0.78),
    (KERAS_RS, "multi-task", PUBLISHED, 0.022, 0.25),
    (KERAS_RS, "rating-specialised", RERUN, 0.008, 0.259),
    (KERAS_RS, "retrieval-specialised", RERUN, 0.018, 0.900),
    (KERAS_RS, "multi-task", RERUN, 0.018, 0.247),
)
MEASURED_SYSTEMS = {
    "most popular movies": PEERS["Popularity"],
    "tutorial architecture, in this project": PEERS["TFRS tutorial"],
    DUET: DUET_SYSTEMS[DUET],
}


def run(seeds: tuple[int, ...]) -> None:
    """Measure, and save the rows together with the examples' own figures."""
    rows: list[Row] = [
        {"protocol": protocol, "system": system, "figures": source}
        | {"accuracy": accuracy, "rmse": rmse}
        for protocol, system, source, accuracy, rmse in EXAMPLE_FIGURES
    ]
    for name, system in MEASURED_SYSTEMS.items():
        found = in_own_process(_measure_here, system, seeds)
        rows += [
            {"protocol": protocol, "system": name, "figures": MEASURED} | figures
            for protocol, figures in found.items()
        ]
    rows.sort(key=lambda row: (row["protocol"] != TFRS, row["figures"] == MEASURED))
    save("protocols", rows, [__doc__.split("\n\n", 1)[1].rstrip()], splits=list(seeds))


def figures_of(scorer: Scorer, split: Split, protocol: str) -> Row:
    """Return accuracy and, if the scorer rates, RMSE of the holdout under a protocol."""
    rows, (low, high) = split.holdout, split.rating_scale
    counted, unit = rows, 1.0
    if protocol == KERAS_RS:
        best = rows.ratings == high
        counted = Interactions(rows.users[best], rows.movies[best], rows.ratings[best])
        unit = high - low
    accuracy = _accuracy_with_seen(scorer, split, counted, CUTOFF[protocol])
    if RATING not in scorer.tasks:
        return {"accuracy": accuracy, "rmse": None}
    errors = scorer.ratings(rows.users, rows.movies).astype(np.float64) - rows.ratings
    return {"accuracy": accuracy, "rmse": float(np.sqrt(np.mean(errors**2))) / unit}


def _accuracy_with_seen(scorer: Scorer, split: Split, rows: Interactions, k: int) -> float:
    """Return the share of these rows whose movie is in the user's top k of the whole catalogue."""
    lengths = np.bincount(rows.users, minlength=split.n_users)
    found = rank_relevant(
        scorer,
        np.flatnonzero(lengths),
        relevant=Csr(np.append(0, np.cumsum(lengths)), rows.movies),  # the rows are sorted by user
        seen=split.csr("train"),
        n_movies=split.n_movies,
        depth=k,
        exact_first=False,
    )
    return float(np.mean(found.ranks_with_seen <= k))


def _measure_here(system: System, seeds: tuple[int, ...]) -> dict[str, Row]:
    """Return each protocol's figures, means over the splits."""
    found = [
        {protocol: figures_of(scorer, split, protocol) for protocol in CUTOFF}
        for split, scorer, _ in fitted(system, system.hyperparameters, seeds)
    ]
    return {
        protocol: {
            name: None if value is None else float(np.mean([row[protocol][name] for row in found]))
            for name, value in found[0][protocol].items()
        }
        for protocol in CUTOFF
    }
