"""The same answer anywhere: equal requests have equal metrics, whatever else the machine does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.results import record

ROOT = Path(__file__).resolve().parents[2]
TRAIN = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from recsys.model.start import start_tensorflow
start_tensorflow()
import tensorflow as tf
from recsys.experiment import evaluate_parts, train
from tests.synthetic import planted_split, small_config
threads, beside, architecture = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
split = planted_split()
def metrics(seed):
    config = small_config(seed=seed, epochs=5, architecture=architecture)
    return evaluate_parts(train(config, split).scorer, split)
with ThreadPoolExecutor(1 + beside) as pool:
    first, *_ = pool.map(metrics, range(1 + beside))
print(json.dumps(first))
"""
# Threads of TensorFlow, and trainings beside it in the same process.
PLACES = {"one thread": (1, 0), "two threads": (2, 0), "beside two trainings": (2, 2)}


def trained(threads: int, beside: int, architecture: str) -> dict[str, dict[str, float]]:
    """Return the metrics of a training in a process of its own."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", TRAIN, str(threads), str(beside), architecture]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("architecture", ["duet", "tutorial"])
def test_metrics_are_equal_to_four_decimals(architecture: str) -> None:
    first, *others = (trained(*place, architecture) for place in PLACES.values())
    assert "rmse" in first["holdout"]
    largest = max(
        abs(other[part][name] - value)
        for other in others
        for part, values in first.items()
        for name, value in values.items()
    )
    assert largest < 5e-5
    record(
        f"The same answer anywhere: {architecture}, {', '.join(PLACES)}",
        f"largest difference of a metric {largest:.1g}",
    )
