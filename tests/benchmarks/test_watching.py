import pytest
import tensorflow as tf

from benchmarks.watching import plain_step, watching_ratio
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
def test_ratio_is_that_of_two_trainings() -> None:
    assert watching_ratio(small_config(epochs=2), SPLIT, repeats=1) > 0
