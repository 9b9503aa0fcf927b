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

from benchmarks.measure import in_own_process
from benchmarks.results import Row, save
from benchmarks.testbeds import SEEDS
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
WAYS: tuple[Sharing, ...] = ("tied", "mapped", "part")
LINE, SINGLE = "all ratios at once", f"{RATIOS} trainings"
MUST_HYPERVOLUME, GOAL_HYPERVOLUME = "≥ 1", "≥ 1.05"
MUST_SECONDS, GOAL_SECONDS = "≤ 0.25", "≤ 0.143"


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


def rows_of(sharing: str, splits: list[dict[str, tuple[float, float]]]) -> list[Row]:
    """Return a row of the hypervolumes and one of the seconds: means, and the line's part."""
    gains, parts = ([split[LINE][i] / split[SINGLE][i] for split in splits] for i in range(2))
    return [
        _row(f"{sharing}: hypervolume", splits, 0, gains, MUST_HYPERVOLUME, GOAL_HYPERVOLUME),
        _row(f"{sharing}: seconds", splits, 1, parts, MUST_SECONDS, GOAL_SECONDS),
    ]


def _row(
    what: str,
    splits: list[dict[str, tuple[float, float]]],
    place: int,
    ratios: list[float],
    must: str,
    goal: str,
) -> Row:
    means = {way: mean(split[way][place] for split in splits) for way in (LINE, SINGLE)}
    return {
        "what": what,
        **{way: float(f"{value:.4g}") for way, value in means.items()},
        "value": round(mean(ratios), 3),
        "95 % interval": interval(ratios),
        "must": must,
        "goal": goal,
    }


def interval(values: list[float]) -> str:
    """Return the 95 % interval of the mean (Student's t over the splits): `1.02 to 1.08`."""
    if len(values) < 2:
        return ""
    half = float(student.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return f"{mean(values) - half:.3f} to {mean(values) + half:.3f}"


def run(sharings: list[Any], seeds: tuple[int, ...]) -> None:
    """Measure and save two rows for each way of sharing."""
    rows = list[Row]()
    for sharing in sharings:
        splits = [in_own_process(measure_split, sharing, seed) for seed in seeds]
        rows += rows_of(sharing, splits)
        print(*rows[-2:], sep="\n", flush=True)
    notes = [
        f"Random 80/10/10 splits of ML-100K with seeds {', '.join(map(str, seeds))}, measured on "
        "the holdout; both ways have settings tuned on validation of other splits. Hypervolume: of "
        "RMSE and NDCG@20, from RMSE 1.0 and NDCG@20 0. Value: the line's part of the trainings', "
        "the mean over the splits. Seconds: the training itself, in a process that has trained "
        "before.",
    ]
    save("fronts", rows, notes, splits=list(seeds))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--splits", help="seeds, separated by commas; default 0,1,2,3,4")
    parser.add_argument("--sharing", help="ways of sharing; default tied,mapped,all")
    options = parser.parse_args()
    seeds = tuple(map(int, options.splits.split(","))) if options.splits else SEEDS
    run(options.sharing.split(",") if options.sharing else list(WAYS), seeds)


if __name__ == "__main__":
    main()
