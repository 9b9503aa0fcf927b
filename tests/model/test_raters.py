import numpy as np
import pytest
import tensorflow as tf

from recsys.model.raters import PooledRaters
from tests.synthetic import random_split

SPLIT = random_split()
RNG = np.random.default_rng(0)
ROOTS = RNG.uniform(1, 2, size=(SPLIT.n_users, 1)).astype(np.float32)  # of the penalty's factors


def raters_of(every):
    raters = PooledRaters(SPLIT, 3, every, tf.constant(ROOTS))
    assign(raters)
    return raters


def assign(raters):
    raters.rater_embedding.assign(RNG.normal(size=(SPLIT.n_users, 3)))


def pooled_by_hand(raters):
    vectors = raters.rater_embedding.numpy()
    train = SPLIT.train
    return [vectors[train.users[train.movies == movie]].sum(0) for movie in range(SPLIT.n_movies)]


def squares(raters):
    return (ROOTS**2 * raters.rater_embedding.numpy() ** 2).sum()


def step(raters):
    """Return what a training step gets, and the gradients of its outputs for Z."""
    with tf.GradientTape(persistent=True) as tape:
        outputs = raters.in_training()
        totals = [tf.reduce_sum(output**2) for output in outputs]
    found = [tape.gradient(total, raters.rater_embedding) for total in totals]
    return outputs, [0.0 if g is None else np.abs(tf.convert_to_tensor(g)).sum() for g in found]


def test_pooled_raters_of_a_movie_are_the_sum_of_their_vectors():
    raters = raters_of(every=1)
    np.testing.assert_allclose(raters.pooled(), pooled_by_hand(raters), atol=1e-5)
    assert 0 not in SPLIT.train.movies
    np.testing.assert_array_equal(raters.pooled()[0], [0, 0, 0])


def test_pooled_in_every_step_all_outputs_are_new_and_all_learn():
    raters = raters_of(every=1)
    for _ in range(2):
        assign(raters)
        (pooled, vectors, norm), learns = step(raters)
        np.testing.assert_allclose(pooled, pooled_by_hand(raters), atol=1e-5)
        np.testing.assert_array_equal(vectors, raters.rater_embedding)
        assert float(norm) == pytest.approx(squares(raters), rel=1e-5)
        assert all(learns)


def test_steps_between_use_the_last_pooling_and_leave_the_raters_alone():
    raters = raters_of(every=3)
    for _ in range(2):
        expected = pooled_by_hand(raters)
        (pooled, _, norm), learns = step(raters)
        np.testing.assert_allclose(pooled, expected, atol=1e-5)
        assert float(norm) == pytest.approx(squares(raters), rel=1e-5)
        assert all(learns)
        for _ in range(2):
            assign(raters)
            (pooled, vectors, norm), learns = step(raters)
            np.testing.assert_allclose(pooled, expected, atol=1e-5)
            np.testing.assert_array_equal(vectors, raters.rater_embedding)
            assert float(norm) == 0
            assert not any(learns)
    # What is exported is always of now.
    np.testing.assert_allclose(raters.pooled(), pooled_by_hand(raters), atol=1e-5)


def test_steps_of_a_graph_pool_as_often():
    raters = raters_of(every=2)
    in_graph = tf.function(raters.in_training)
    first = pooled_by_hand(raters)
    for expected in (first, first, None):
        wanted = pooled_by_hand(raters) if expected is None else expected
        pooled, _, _ = in_graph()
        np.testing.assert_allclose(pooled, wanted, atol=1e-5)
        assign(raters)
