"""The measured systems: how each is fitted, its tasks, and the grid of its hyperparameters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from benchmarks.peers import ease, from_implicit, from_myfm, from_recsys, from_surprise
from recsys.baselines import most_popular
from recsys.data.splits import Split
from recsys.scorer import RATING, RETRIEVAL, TASKS, Scorer

TUNED = Path(__file__).parent / "tuned"  # a file for each testbed
Point = dict[str, Any]


@dataclass(frozen=True)
class System:
    """A system to measure.

    Attributes:
        fit: called as fit(split, seed=…, **hyperparameters).
        tasks: the tasks it is trained for and measured on.
        origin: the package or source it comes from.
        hyperparameters: passed to `fit`.
        grid: name -> values; all their combinations are tried by `benchmarks.tuning`.
        quick: hyperparameters that make the first, uncounted fit short.
    """

    fit: Callable[..., Scorer]
    tasks: frozenset[str]
    origin: str
    hyperparameters: Point = field(default_factory=dict)
    grid: dict[str, list[Any]] = field(default_factory=dict)
    quick: Point = field(default_factory=dict)

    def points(self) -> list[Point]:
        """Return all combinations of the grid."""
        return [
            dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())
        ]

    @property
    def metric(self) -> str:
        """The metric a single-task system is tuned for."""
        return "ndcg@20" if RETRIEVAL in self.tasks else "rmse"


def fit_popularity(split: Split, *, seed: int) -> Scorer:
    return most_popular(split)


_RETRIEVAL, _RATING = frozenset({RETRIEVAL}), frozenset({RATING})
_DUET = "this project"

PEERS = {
    "Popularity": System(fit_popularity, _RETRIEVAL, "recsys.baselines"),
    "BPR": System(
        from_implicit.fit_bpr,
        _RETRIEVAL,
        "implicit",
        grid={
            "factors": [32, 64],
            "learning_rate": [0.003, 0.01],
            "regularization": [0.01],
            "iterations": [30, 50, 75, 100, 200],
        },
    ),
    "iALS": System(
        from_implicit.fit_ials,
        _RETRIEVAL,
        "implicit",
        grid={
            "factors": [64, 128, 256],
            "alpha": [1.0, 2.0, 3.0],
            "regularization": [10.0, 20.0],
            "iterations": [20],
        },
    ),
    "EASE": System(
        ease.fit,
        _RETRIEVAL,
        "Steck 2019, closed form",
        grid={"l2": [50.0, 100.0, 200.0, 300.0, 400.0, 500.0, 700.0, 1000.0]},
    ),
    "BaselineOnly": System(
        from_surprise.fit_baseline_only,
        _RATING,
        "scikit-surprise",
        grid={"reg_u": [3.0, 5.0, 8.0, 12.0], "reg_i": [1.0, 2.0, 4.0], "n_epochs": [20]},
    ),
    "KNNBaseline": System(
        from_surprise.fit_knn_baseline,
        _RATING,
        "scikit-surprise",
        grid={"k": [30, 40, 60], "shrinkage": [100, 200, 400], "user_based": [False, True]},
    ),
    "SVD": System(
        from_surprise.fit_svd,
        _RATING,
        "scikit-surprise",
        grid={
            "n_factors": [50, 100, 200],
            "lr_all": [0.01],
            "reg_all": [0.08, 0.1, 0.12],
            "n_epochs": [40, 60],
        },
    ),
    "SVD++": System(
        from_surprise.fit_svdpp,
        _RATING,
        "scikit-surprise",
        grid={
            "n_factors": [20, 50],
            "lr_all": [0.01],
            "reg_all": [0.08, 0.1],
            "n_epochs": [40, 60],
        },
        quick={"n_epochs": 1},
    ),
    "myFM ids only": System(
        from_myfm.fit_ids,
        _RATING,
        "myfm",
        grid={"rank": [4, 8, 12, 16, 24, 32], "n_iter": [512]},
        quick={"n_iter": 2},
    ),
    "myFM with implicit blocks": System(
        from_myfm.fit_implicit_blocks,
        _RATING,
        "myfm",
        grid={"rank": [4, 8, 12, 16, 24, 32], "n_iter": [512]},
        quick={"n_iter": 2},
    ),
    "TFRS tutorial": System(
        from_recsys.fit,
        TASKS,
        "its architecture and settings in this project",
        hyperparameters={"architecture": "tutorial"},
        quick={"epochs": 1},
    ),
}

DUET = "Duet"
DUET_SYSTEMS = {
    DUET: System(from_recsys.fit, TASKS, _DUET, quick={"epochs": 1}),
    "Duet retrieval only": System(
        from_recsys.fit,
        _RETRIEVAL,
        _DUET,
        hyperparameters={"rating_weight": 0.0},
        quick={"epochs": 1},
    ),
    "Duet rating only": System(
        from_recsys.fit,
        _RATING,
        _DUET,
        hyperparameters={"retrieval_weight": 0.0},
        quick={"epochs": 1},
    ),
    "Duet rating only, with its own embeddings": System(
        from_recsys.fit,
        _RATING,
        _DUET,
        hyperparameters={"retrieval_weight": 0.0, "sharing": "none"},
        quick={"epochs": 1},
    ),
}


def tuned_file(testbed: str, folder: Path = TUNED) -> Path:
    """Return the file with what was tuned on a testbed; it may not be there."""
    return folder / f"{testbed}.yaml"


def chosen_hyperparameters(name: str, testbed: str = "100k", folder: Path = TUNED) -> Point:
    """Return the hyperparameters of a system: those tuned on the testbed, and the fixed ones.

    Raises:
        LookupError: the system has a grid but has not been tuned.
    """
    system = (PEERS | DUET_SYSTEMS)[name]
    if not system.grid:
        return system.hyperparameters
    file = tuned_file(testbed, folder)
    tuned: dict[str, dict[str, Point]] = yaml.safe_load(file.read_text()) if file.exists() else {}
    if name not in tuned:
        command = f"python -m benchmarks.tuning --data {testbed}"
        raise LookupError(f"{name}: not tuned yet; run {command}")
    return system.hyperparameters | tuned[name]["chosen"]
