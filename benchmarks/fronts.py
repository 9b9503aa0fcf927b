"""All ratios in one training beside a training for each of seven ratios: hypervolume and seconds.

For each way of sharing and each of five random 80/10/10 splits of ML-100K (seeds 0-4, none of which
anything was tuned on), the front is measured on the holdout. The hypervolume is that of RMSE and
NDCG@20, from the reference point RMSE 1.0, NDCG@20 0.

    python -m benchmarks.fronts                                  # writes results/fronts.json
    python -m benchmarks.fronts --splits 0 --sharing tied        # a quick check
"""

import argparse
import time
from statistics import mean, stdev
from typing import Any

from scipy.stats import t as student

from benchmarks.measure import SPLIT_SEEDS, in_own_process
from benchmarks.results import Row, save
from recsys.config import RunConfig, Sharing, make_config
from recsys.data.library import load_dataset
from recsys.data.splits import Split
from recsys.evaluation.evaluate import evaluate
from recsys.experiment import split_for, train
from recsys.line import LineScorer
from recsys.ratio import POSITIONS
from recsys.scorer import Scorer
from recsys.tradeoff.pareto import hypervolume
from recsys.tradeoff.sweep import sweep_configs

RATIOS = 7
REFERENCE = (-1.0, 0.0)  # RMSE, negated, and NDCG@20
WAYS: tuple[Sharing, ...] = ("tied", "mapped", "all")
LINE, SINGLE = "all ratios at once", f"{RATIOS} trainings"
MUST_HYPERVOLUME, MUST_SECONDS = 1.0, 1 / 4
GOAL_HYPERVOLUME, GOAL_SECONDS = 1.05, 1 / 7


def measure_split(sharing: Sharing, seed: int) -> dict[str, tuple[float, float]]:
    """Return the hypervolume and the seconds of both ways to train a front, on one split."""
    base = make_config({"sharing": sharing, "split_seed": seed})
    split = split_for(base, load_dataset("100k"))
    train(make_config({"epochs": 1, "split_seed": seed}), split)  # imports and the first graph
    line = make_config({"sharing": sharing, "split_seed": seed, "all_ratios": True})
    return {
        LINE: _front([line], split),
        SINGLE: _front(sweep_configs(base, RATIOS), split),
    }


def _front(configs: list[RunConfig], split: Split) -> tuple[float, float]:
    seconds, models = 0.0, list[Scorer]()
    for config in configs:
        start = time.perf_counter()
        scorer = train(config, split).scorer
        seconds += time.perf_counter() - start
        models += _models(scorer)
    return hypervolume([_point(model, split) for model in models], REFERENCE), seconds


def _models(scorer: Scorer) -> list[Scorer]:
    """Return the models of all positions of a line, or the one model."""
    if isinstance(scorer, LineScorer):
        return [scorer.at(position) for position in POSITIONS]
    return [scorer]


def _point(model: Scorer, split: Split) -> tuple[float, float]:
    metrics = evaluate(model, split, "holdout", quick=True)
    return -metrics["rmse"], metrics["ndcg@20"]


def row(sharing: str, splits: list[dict[str, tuple[float, float]]]) -> Row:
    """Return the means over the splits, and the ratios of the line to the single trainings."""
    gains = [split[LINE][0] / split[SINGLE][0] for split in splits]
    shares = [split[LINE][1] / split[SINGLE][1] for split in splits]
    return {
        "sharing": sharing,
        **{
            f"hypervolume, {way}": round(mean(s[way][0] for s in splits), 5)
            for way in (LINE, SINGLE)
        },
        "ratio [95 %]": interval(gains),
        **{f"seconds, {way}": round(mean(s[way][1] for s in splits), 1) for way in (LINE, SINGLE)},
        "ratio of the seconds": round(mean(shares), 3),
    }


def interval(values: list[float]) -> str:
    """Return the mean and its 95 % interval (Student's t over the splits): `1.05 [1.02, 1.08]`."""
    middle = mean(values)
    if len(values) < 2:
        return f"{middle:.3f}"
    half = float(student.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return f"{middle:.3f} [{middle - half:.3f}, {middle + half:.3f}]"


def run(sharings: list[Any], seeds: tuple[int, ...]) -> None:
    """Measure and save a row for each way of sharing."""
    rows = []
    for sharing in sharings:
        splits = [in_own_process(measure_split, sharing, seed) for seed in seeds]
        rows.append(row(sharing, splits))
        print(rows[-1], flush=True)
    notes = [
        f"Required: at least the hypervolume of the {RATIOS} trainings (ratio "
        f"{MUST_HYPERVOLUME:g}) in {MUST_SECONDS:.3g} of their seconds. Desired: "
        f"{GOAL_HYPERVOLUME:g} in {GOAL_SECONDS:.3g}.",
        "Splits: random 80/10/10 of ML-100K; measured on the holdout. Interval: Student's t over "
        "the splits.",
    ]
    save("fronts", rows, notes, splits=list(seeds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--splits", help="seeds, separated by commas; default 0,1,2,3,4")
    parser.add_argument("--sharing", help="ways of sharing; default tied,mapped,all")
    options = parser.parse_args()
    seeds = tuple(map(int, options.splits.split(","))) if options.splits else SPLIT_SEEDS
    run(options.sharing.split(",") if options.sharing else list(WAYS), seeds)


if __name__ == "__main__":
    main()
