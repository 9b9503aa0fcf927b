"""Cost of Duet's training and evaluation by data size, on synthetic ratings.

    python -m benchmarks.scaling [--sizes 100k,1m,10m,25m] [--epochs 3]

Each size is measured in a process of its own: generate, split, train the default config for a few
epochs, evaluate all users on the holdout.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

from benchmarks import results
from benchmarks.memory import held_mb, peak_mb
from benchmarks.synthetic import SIZES, synthetic_dataset
from recsys.config import make_config
from recsys.data.splits import Split
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import split_for
from recsys.runs.records import EpochRecord

HOLDOUT = 0.1
SHOWN = ("rmse", "ndcg@20")
MOST_RATIO = 1.5
MOST_MEMORY_MB = 3_000

# Epochs on small data are short, and their durations vary. A small size gets so many epochs that
# they train on this many ratings in total.
LEAST_RATINGS = 3_000_000

PER_MILLION = "s / million ratings / epoch"
PEAK = "peak memory, MB"


def main() -> None:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments.epochs, arguments.seed)))
        return
    rows = []
    for name in arguments.sizes.split(","):
        rows.append(_in_own_process(name, arguments.epochs, arguments.seed))
        print(json.dumps(rows[-1]), flush=True)
        results.save("scaling", rows, _notes(rows, arguments.epochs))
    for sentence in verdict(rows):
        print(sentence)


def measure(name: str, epochs: int, seed: int) -> results.Row:
    """Return the row of one size, measured in this process."""
    start = time.perf_counter()
    size = SIZES[name]
    epochs = max(epochs, -(-LEAST_RATINGS // size.n_ratings))
    config = make_config({"epochs": epochs, "holdout": HOLDOUT, "validation": 0.0, "seed": seed})
    dataset = synthetic_dataset(size, seed)
    generated = time.perf_counter()
    split = split_for(config, dataset)
    del dataset  # training needs the split only
    split_at = time.perf_counter()
    generation_peak = peak_mb()

    # Imported here: they bring TensorFlow, which the generation does not need.
    from recsys.model.start import start_tensorflow

    start_tensorflow()
    from recsys.model.training import train

    held_before = held_mb()
    fit = _Clock()
    scorer = train(config, split, fit.on_epoch, fit.on_batch).scorer
    fit_seconds, trained_peak = fit.seconds(), peak_mb()
    metrics, evaluation_seconds = _evaluated(scorer, split)
    ratings = len(split.train)
    return {
        "size": name,
        "users": split.n_users,
        "movies": split.n_movies,
        "train ratings": ratings,
        "epochs": epochs,
        "s / epoch": fit.epoch_seconds(),
        PER_MILLION: 1e6 * fit.epoch_seconds() / ratings,
        "first step with tracing, s": fit.first_seconds(),
        "before and after the epochs, s": fit.other_seconds(fit_seconds),
        "evaluation, s": evaluation_seconds,
        PEAK: peak_mb(),
        "… after training, MB": trained_peak,
        "… after generating, MB": generation_peak,
        "held before training, MB": held_before,
        "generation, s": generated - start,
        "split, s": split_at - generated,
        **{metric: metrics[metric] for metric in SHOWN},
    }


class _Clock:
    """Measures the durations of one training, epoch by epoch."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.ends: list[float] = []
        self.records: list[EpochRecord] = []
        self.first_step = 0.0

    def on_epoch(self, record: EpochRecord) -> None:
        self.ends.append(self.seconds())
        self.records.append(record)

    def on_batch(self) -> bool:
        """Note the end of the first batch; return False, so that the training goes on."""
        self.first_step = self.first_step or self.seconds()
        return False

    def seconds(self) -> float:
        """Return the seconds since the training began."""
        return time.perf_counter() - self.start

    def epoch_seconds(self) -> float:
        """Return the median duration of the epochs after the first; only the first one traces."""
        return median(end - begin for begin, end in zip(self.ends[:-1], self.ends[1:], strict=True))

    def first_seconds(self) -> float:
        """Return the seconds from the start of the epochs to the end of the first step."""
        return self.first_step - self.ends[0] + self.records[0].seconds

    def other_seconds(self, fit_seconds: float) -> float:
        """Return the seconds before the first epoch (building) and after the last (export)."""
        return fit_seconds - (self.ends[-1] - self.ends[0] + self.records[0].seconds)


def verdict(rows: list[results.Row]) -> list[str]:
    """Return in words whether cost per rating and peak memory are within their limits."""
    costs = {row["size"]: row[PER_MILLION] for row in rows}
    dear, cheap = max(costs, key=costs.__getitem__), min(costs, key=costs.__getitem__)
    ratio = costs[dear] / costs[cheap]
    hungry = max(rows, key=lambda row: row[PEAK])
    return [
        f"Seconds per million ratings per epoch: the most expensive size ({dear}) costs "
        f"{ratio:.2f} times the cheapest ({cheap}); the limit of {MOST_RATIO:g} "
        f"{_kept(ratio < MOST_RATIO)}.",
        f"Peak memory: {hungry[PEAK]:,.0f} MB at {hungry['size']}, evaluation on all users "
        f"included; the limit of {MOST_MEMORY_MB:,} MB {_kept(hungry[PEAK] < MOST_MEMORY_MB)}.",
    ]


def _evaluated(scorer: Any, split: Split) -> tuple[dict[str, float], float]:
    start = time.perf_counter()
    return evaluate(scorer, split, "holdout"), time.perf_counter() - start


def _kept(holds: bool) -> str:
    return "is kept" if holds else "is NOT kept"


def _notes(rows: list[results.Row], epochs: int) -> list[str]:
    return [
        "Synthetic ratings with MovieLens' numbers of users and movies, a Zipf-Mandelbrot "
        f"popularity and a log-normal activity (benchmarks/synthetic.py); {HOLDOUT:.0%} held out; "
        f"the default config with {epochs} epochs or more; each size in a process of its own.",
        "s / epoch: the median of the epochs after the first. Peak memory: that of the whole "
        "process, including imports, generation, training and the evaluation on all users.",
        *verdict(rows),
    ]


def _in_own_process(name: str, epochs: int, seed: int) -> results.Row:
    command = [sys.executable, "-m", "benchmarks.scaling", "--measure", name]
    command += ["--epochs", str(epochs), "--seed", str(seed)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    row: results.Row = json.loads(output.splitlines()[-1])
    return row


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), help=f"among {', '.join(SIZES)}")
    parser.add_argument("--epochs", type=int, default=3, help="at least 2: the first one traces")
    parser.add_argument("--seed", type=int, default=0, help="seed of the ratings and the model")
    parser.add_argument("--measure", choices=SIZES, help="measure one size, in this process")
    arguments = parser.parse_args()
    unknown = set(arguments.sizes.split(",")) - set(SIZES)
    if unknown or arguments.epochs < 2:
        parser.error(f"--sizes must be among {', '.join(SIZES)}; --epochs must be at least 2")
    return arguments


if __name__ == "__main__":
    main()
