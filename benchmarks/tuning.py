"""Tune the other systems on validation, and write all figures and the choices to `tuned/`.

The splits differ from those of the quality benchmark, see `benchmarks.testbeds`. Random ones: 80 %
train, 10 % validation, and 10 % unused, so that train has the same size as there. Retrieval is
tuned for NDCG@20, rating for RMSE; both are means over the splits. Tuning a system again replaces
its rows in the file.

    python -m benchmarks.tuning [--data later] [--system EASE]
"""

import argparse
from pathlib import Path

import numpy as np
import yaml

from benchmarks.systems import PEERS, TUNED, Point, System, tuned_file
from benchmarks.testbeds import TESTBEDS
from recsys.data.splits import Split
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.metrics import METRICS


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


def write(found: dict[str, dict[str, object]], testbed: str, folder: Path = TUNED) -> None:
    """Write these systems' results into the testbed's file; those of other systems stay."""
    file = tuned_file(testbed, folder)
    known = yaml.safe_load(file.read_text()) if file.exists() else {}
    known |= found
    ordered = {name: known[name] for name in PEERS if name in known}
    head = (
        "# Written by `python -m benchmarks.tuning`; benchmarks.quality reads `chosen`.\n"
        f"# Means over validation of the splits of {TESTBEDS[testbed].title}, see `testbeds.py`.\n"
    )
    file.write_text(head + yaml.safe_dump(ordered, sort_keys=False, default_flow_style=None))


def main() -> None:
    tunable = [name for name, system in PEERS.items() if system.grid]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--system", action="append", choices=tunable, help="tune only this system; may be repeated"
    )
    parser.add_argument("--data", default="100k", choices=TESTBEDS, help="the testbed (100k)")
    options = parser.parse_args()
    testbed = TESTBEDS[options.data]
    splits = testbed.tuned(testbed.load())
    for name in options.system or tunable:
        print(name, flush=True)
        write({name: tune(PEERS[name], splits)}, options.data)


if __name__ == "__main__":
    main()
