import pytest
import tensorflow as tf

from benchmarks.watching import Step, plain_step, training_seconds, watching_ratio
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.model.batches import TensorBatch
from recsys.model.multitask import MultiTaskModel
from tests.model.random_model import active_users, batch_of, random_model
from tests.synthetic import random_split, small_config

SPLIT = random_split()


def test_both_ways_learn_the_same() -> None:
    plain, watching = random_model(SPLIT), random_model(SPLIT)
    batch = batch_of(SPLIT, active_users(SPLIT))
    plain_step(plain, batch)
    watching.train_step(batch)
    for one, other in zip(plain.trainable_variables, watching.trainable_variables, strict=True):
        tf.debugging.assert_near(one, other, atol=1e-4)


@pytest.mark.filterwarnings("ignore:Even though the")
def test_training_makes_its_steps_in_one_graph() -> None:
    traced = []

    def step(model: MultiTaskModel, batch: TensorBatch) -> dict[str, tf.Tensor]:
        traced.append(model)
        return plain_step(model, batch)

    assert training_seconds(small_config(epochs=2), SPLIT, step) > 0
    assert len(traced) == 1


def test_ratio_is_the_median_over_pairs_of_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, watching = iter([100.0, 2.0, 4.0, 2.0]), iter([3.0, 4.0, 8.0])

    def seconds(config: RunConfig, split: Split, step: Step) -> float:
        return next(plain if step is plain_step else watching)

    monkeypatch.setattr("benchmarks.watching.training_seconds", seconds)
    # 3 / 2, 4 / 4 and 8 / 2; the first training of all does not count.
    assert watching_ratio(small_config(), SPLIT, repeats=3) == 1.5
