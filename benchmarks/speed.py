"""Speed: Duet's training relative to the TFRS tutorial's, and waiting times.

    python -m benchmarks.speed [--tutorial-runs 5] [--duet-runs 5] [--set key=value …]

Duet's short training uses a smaller model, higher learning rates, and the fewest epochs that reach
the tutorial's final figures on both tasks. The epochs are found on another split before anything is
measured; the other settings were found on it, too. The default config with one epoch is also timed.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import recsys  # noqa: F401 - before TensorFlow: it selects the Keras that TFRS speaks

# isort: split
import tensorflow as tf

from benchmarks import results
from benchmarks.measure import in_own_process
from benchmarks.serving import (
    LARGE_CATALOGUE,
    K,
    blends_seconds,
    retrieval_seconds,
    scorer_seconds,
)
from benchmarks.tutorial import train_tutorial
from benchmarks.watching import watching_ratio
from recsys.blend import POSITIONS
from recsys.config import RunConfig, make_config, parse_assignment
from recsys.data.library import load_dataset
from recsys.data.splits import Split
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import run_experiment, split_for
from recsys.model.traced import forget
from recsys.model.training import train
from recsys.runs.store import RunStore
from recsys.scorer import Scorer

MEASURED_SPLIT, OTHER_SPLIT = 0, 1000  # split seeds
MOST_EPOCHS = 20
THREADS = "TF_NUM_INTRAOP_THREADS"  # 0: as many as TensorFlow chooses
SHORT = {
    "batch_size": 40_000,  # two steps an epoch: so few run without a graph
    "sharing": "all",
    "embedding_dimension": 16,
    "adapt_dimension": False,
    "rating_dimension": 8,
    "rating_members": 1,
    "attributes": False,
    "learning_rate": 0.08,
    "rating_learning_rate": 0.02,
}
WATCHED_PAIRS = 7
WATCHING = "extra time of a default training for measuring each task's gradient"
TOP_100, RMSE = "top_k_accuracy_with_seen@100", "rmse"


@dataclass(frozen=True)
class Timed:
    """One training.

    Attributes:
        seconds: of the whole training, tracing included.
        top_100: top-100 accuracy with seen movies left in.
        rmse: in stars.
    """

    seconds: float
    top_100: float
    rmse: float

    def reaches(self, other: "Timed") -> bool:
        """Return whether this training is at least as good as `other` on both tasks."""
        return self.top_100 >= other.top_100 and self.rmse <= other.rmse


def main() -> None:
    arguments = _arguments()
    fields = SHORT | dict(parse_assignment(text) for text in arguments.set)
    tf.add(1.0, 1.0)  # TensorFlow's set-up at its first operation is part of no training
    epochs = arguments.epochs or enough_epochs(fields)
    config = short_config(fields, epochs, MEASURED_SPLIT)
    tutorial, duet = side_by_side(config, arguments.tutorial_runs, arguments.duet_runs)
    short = ", ".join(f"{name}={value}" for name, value in {"epochs": epochs, **fields}.items())
    default = [
        time_duet(short_config({"seed": seed}, 1, MEASURED_SPLIT), _split(config))
        for seed in range(arguments.duet_runs)
    ]
    watched = watching_ratio(short_config({}, None, MEASURED_SPLIT), _split(config), WATCHED_PAIRS)
    rows = [
        *_ratio_rows(tutorial, duet, default),
        *_waits(arguments.default_runs),
        _row(WATCHING, 100 * (watched - 1), "%", must="≤ 10"),
    ]
    chosen = "were given" if arguments.epochs else f"were found on split seed {OTHER_SPLIT}"
    notes = [
        f"The tutorial and Duet: 80,000 ratings of ML-100K for training, the other 20,000 for the "
        f"figures, split seed {MEASURED_SPLIT}. Medians of {len(tutorial)} and {len(duet)} "
        "trainings with different seeds, alternating, and of the ratios of pairs: Duet in one "
        "process, the tutorial in one of its own for each, with the number of threads that "
        "TensorFlow chooses; every process has trained before. Tracing and compiling are "
        "counted. The epochs of the small Duet "
        f"({short}) {chosen}.",
        f"Measuring the gradients: {WATCHED_PAIRS} pairs of trainings of the default config, with "
        "and without it, alternating; the median of the ratios. Without it, the gradient of the "
        "whole objective is computed at once.",
        f"Figures reached: TFRS tutorial {_figures(tutorial)}; small Duet {_figures(duet)}; "
        f"default Duet {_figures(default)}.",
    ]
    runs = {"tutorial": [asdict(run) for run in tutorial], "duet": [asdict(run) for run in duet]}
    print(results.save("speed", rows, notes, runs=runs))


def short_config(fields: dict[str, Any], epochs: int | None, split_seed: int) -> RunConfig:
    """Return the default config on an 80/20 split, with these fields and, if given, epochs."""
    own = {"holdout": 0.2, "validation": 0.0, "split_seed": split_seed}
    return make_config(fields | own | ({"epochs": epochs} if epochs else {}))


def enough_epochs(fields: dict[str, Any]) -> int:
    """Return the fewest epochs that reach the tutorial's figures, on a split used for this only.

    Raises:
        RuntimeError: `MOST_EPOCHS` epochs do not reach them.
    """
    split = _split(short_config(fields, 1, OTHER_SPLIT))
    aim = time_tutorial(split, 0, top_k_in_fit=False)
    for epochs in range(1, MOST_EPOCHS + 1):
        if time_duet(short_config(fields, epochs, OTHER_SPLIT), split).reaches(aim):
            return epochs
    raise RuntimeError(f"{MOST_EPOCHS} epochs do not reach the tutorial's figures: {aim}")


def side_by_side(
    config: RunConfig, tutorial_runs: int, duet_runs: int
) -> tuple[list[Timed], list[Timed]]:
    """Train both on the split of `config`, alternating, each time with another seed."""
    split = _split(config)
    tutorial, duet = [], []
    for seed in range(max(tutorial_runs, duet_runs)):
        if seed < duet_runs:
            duet.append(time_duet(config.model_copy(update={"seed": seed}), split))
        if seed < tutorial_runs:
            tutorial.append(time_tutorial(split, seed))
    return tutorial, duet


def time_tutorial(split: Split, seed: int, *, top_k_in_fit: bool = True) -> Timed:
    """Return the time and the figures of the tutorial's training.

    It is trained in a process of its own, which has as many threads as TensorFlow itself chooses;
    Duet has another choice.
    """
    with mock.patch.dict(os.environ, {THREADS: "0"}):
        return in_own_process(_time_tutorial_here, split, seed, top_k_in_fit)


def _time_tutorial_here(split: Split, seed: int, top_k_in_fit: bool) -> Timed:
    train_tutorial(split, seed, top_k_in_fit=False)  # what only a process's first training takes
    run = train_tutorial(split, seed, top_k_in_fit=top_k_in_fit)
    return _timed(run.seconds, run.scorer, split)


def time_duet(config: RunConfig, split: Split) -> Timed:
    """Return the time, including tracing and export, and the figures of Duet's training."""
    forget()
    start = time.perf_counter()
    scorer = train(config, split).scorer
    return _timed(time.perf_counter() - start, scorer, split)


def _timed(seconds: float, scorer: Scorer, split: Split) -> Timed:
    metrics = evaluate(scorer, split, "holdout")
    return Timed(seconds, metrics[TOP_100], metrics[RMSE])


def _split(config: RunConfig) -> Split:
    return split_for(config, load_dataset(config.data))


def _figures(runs: list[Timed]) -> str:
    texts = [f"top-100 {run.top_100:.3f} and RMSE {run.rmse:.3f}" for run in runs]
    return " · ".join(texts)


def _ratio_rows(
    tutorial: list[Timed], small: list[Timed], default: list[Timed]
) -> Iterator[results.Row]:
    tutorial_seconds = median(run.seconds for run in tutorial)
    yield _row("training of the TFRS tutorial", tutorial_seconds, "s")
    for name, duet, goal in (
        ("a small Duet", small, "≥ 100"),
        ("Duet's default config with one epoch", default, None),
    ):
        seconds = median(run.seconds for run in duet)
        yield _row(f"training of {name}", seconds, "s")
        reached = all(run.reaches(aim) for run in duet for aim in tutorial)
        ratios = [one.seconds / other.seconds for one, other in zip(tutorial, duet, strict=False)]
        ratio = median(ratios) if reached else "not reached"
        what = f"speed-up of {name} to the tutorial's top-100 (with seen movies) and RMSE"
        yield _row(what, ratio, "times", must="≥ 20", goal=goal)


def _waits(default_runs: int) -> Iterator[results.Row]:
    dataset = load_dataset("100k")
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        for what, shares, must, goal in (
            ("80/20", {"holdout": 0.2, "validation": 0.0}, "≤ 15", "≤ 5"),
            ("80/10/10, with validation after every epoch", {}, None, None),
        ):
            configs = [make_config({**shares, "seed": seed}) for seed in range(default_runs)]
            runs = [run_experiment(config, dataset, store) for config in configs]
            seconds = median(run.seconds["fit"] for run in runs)
            yield _row(f"default training, {what}, warm process", seconds, "s", must, goal)
        building = scorer_seconds(store.folder, runs[-1].run_id)
        blends = blends_seconds(store.folder, runs[-1].run_id, dataset)
    yield _row("building a Scorer from a stored run of ML-100K", building, "s", must="≤ 0.2")
    what = f"ranking and measuring all users of ML-100K at {len(POSITIONS)} serving blends"
    yield _row(what, blends, "s", must="≤ 2")
    what = f"retrieving and rating {K} of {LARGE_CATALOGUE.n_movies:,} movies for one user"
    yield _row(what, 1000 * retrieval_seconds(), "ms", must="≤ 5")


def _row(
    what: str, value: float | str, unit: str, must: str | None = None, goal: str | None = None
) -> results.Row:
    return {"what": what, "value": value, "unit": unit, "must": must, "goal": goal}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument(
        "--tutorial-runs",
        type=int,
        default=5,
        help="trainings of the tutorial; about a minute each",
    )
    parser.add_argument("--duet-runs", type=int, default=5, help="short trainings of Duet")
    parser.add_argument("--default-runs", type=int, default=3, help="trainings of the default")
    parser.add_argument("--epochs", type=int, help="epochs of the short training; by default found")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="key=value",
        help="a field of the short training",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
