"""Tune the other systems on validation, and write all figures and the choices to `peers.yaml`.

The splits differ from those of the quality benchmark (seeds 0-4): random, 80 % train, 10 %
validation, and 10 % unused, so that train has the same size as there. Retrieval is tuned for
NDCG@20, rating for RMSE; both are means over the two splits. Tuning a system again replaces its
rows in the file.
"""

import argparse
from pathlib import Path

import numpy as np
import yaml

from benchmarks.systems import CHOSEN, PEERS, Point, System
from recsys.data.library import load_dataset
from recsys.data.splits import Split, make_split
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.metrics import METRICS

SPLIT_SEEDS = (1000, 1001)


def tuning_splits() -> list[Split]:
    dataset = load_dataset("100k")
    return [
        make_split(dataset, kind="random", holdout=0.1, validation=0.1, seed=seed)
        for seed in SPLIT_SEEDS
    ]


def tune(system: System, splits: list[Split]) -> dict[str, object]:
    """Return the system's metric, the best point of its grid, and each point with its figure."""
    tried = []
    for point in system.points():
        figure = float(np.mean([_figure(system, point, split) for split in splits]))
        tried.append(point | {system.metric: round(figure, 5)})
        print(f"  {tried[-1]}", flush=True)
    return {"metric": system.metric, "chosen": best_point(tried, system.metric), "tried": tried}


def best_point(tried: list[Point], metric: str) -> Point:
    """Return the hyperparameters of the row with the best figure; of equal ones, the first."""
    sign = -1 if METRICS[metric].higher_is_better else 1
    best = min(tried, key=lambda row: sign * row[metric])
    return {name: value for name, value in best.items() if name != metric}


def _figure(system: System, point: Point, split: Split) -> float:
    scorer = system.fit(split, seed=0, **system.hyperparameters, **point)
    return evaluate(scorer, split, "validation", quick=True)[system.metric]


def write(found: dict[str, dict[str, object]], file: Path = CHOSEN) -> None:
    """Write these systems' results into the file; those of other systems stay."""
    known = yaml.safe_load(file.read_text()) if file.exists() else {}
    known |= found
    ordered = {name: known[name] for name in PEERS if name in known}
    head = (
        "# Written by `python -m benchmarks.tuning`; benchmarks.quality reads `chosen`.\n"
        f"# Means over validation of ML-100K's random splits {SPLIT_SEEDS[0]} and "
        f"{SPLIT_SEEDS[1]}, 80/10/10.\n"
    )
    file.write_text(head + yaml.safe_dump(ordered, sort_keys=False, default_flow_style=None))


def main() -> None:
    tunable = [name for name, system in PEERS.items() if system.grid]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--system", action="append", choices=tunable, help="tune only this system; may be repeated"
    )
    splits = tuning_splits()
    for name in parser.parse_args().system or tunable:
        print(name, flush=True)
        write({name: tune(PEERS[name], splits)})


if __name__ == "__main__":
    main()
