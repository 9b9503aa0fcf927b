import numpy as np

from benchmarks.population import Size
from benchmarks.synthetic import synthetic_dataset
from benchmarks.tutorial import train_tutorial
from recsys.data.splits import make_split
from recsys.evaluation.evaluate import evaluate


def test_training_learns_the_same_with_and_without_metrics_in_fit() -> None:
    dataset = synthetic_dataset(Size(4_000, 100, 300), seed=0)
    split = make_split(dataset, kind="random", holdout=0.2, validation=0, seed=0)
    quick, whole = (train_tutorial(split, 0, top_k_in_fit=counted) for counted in (False, True))
    for name, array in quick.scorer.to_arrays().items():
        np.testing.assert_array_equal(whole.scorer.to_arrays()[name], array)
    metrics = evaluate(whole.scorer, split, "holdout")
    assert metrics["rmse"] < 3.5  # always guessing 0, as before the training, would pay 3.7
    assert metrics["top_k_accuracy_with_seen@100"] > 0.2
