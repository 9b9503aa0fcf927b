import numpy as np
import pytest
import tensorflow as tf

from recsys.model.batches import tensors, user_batch
from recsys.model.towers import (
    CandidateTower,
    HistoryTower,
    history_lengths,
    history_sums,
    row_penalty,
    table,
)
from tests.synthetic import make_rows_split

# User 0 has rated the movies 0, 1, 2 and 3; user 1 none; user 2 movie 3.
SPLIT = make_rows_split(3, 4, train=[(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 4), (2, 3, 5)])
BATCH = tensors(user_batch(SPLIT, np.array([2, 1, 0])))


def test_query_is_the_sum_of_the_history_over_the_root_of_its_length():
    tower = HistoryTower(4, 2)
    tower.history_embedding.assign([[1, 0], [2, 0], [3, 0], [4, 8]])
    np.testing.assert_allclose(tower(BATCH), [[4, 8], [0, 0], [10 / 2, 8 / 2]], rtol=1e-6)


def test_history_sums_multiply_each_ratings_vector_by_its_value():
    vectors = tf.constant([[1.0, 0], [2, 0], [3, 0], [4, 8]])
    sums = history_sums(BATCH, vectors, BATCH["ratings"])
    np.testing.assert_allclose(sums, [[20, 40], [0, 0], [1 + 4 + 9 + 16, 32]])


def test_length_of_an_empty_history_is_one_so_that_nothing_is_divided_by_zero():
    np.testing.assert_array_equal(history_lengths(BATCH), [1, 1, 4])


def test_candidate_tower_gives_the_vectors_of_the_movies_asked_for():
    vectors = np.arange(8, dtype=np.float32).reshape(4, 2)
    tower = CandidateTower(tf.Variable(vectors))
    np.testing.assert_array_equal(tower(tf.constant([3, 0, 3])), vectors[[3, 0, 3]])
    assert tower.bias is None


def test_table_starts_near_zero():
    start = table("any", 1000, 20, stddev=0.05).numpy()
    assert start.mean() == pytest.approx(0, abs=0.002)
    assert start.std() == pytest.approx(0.05, rel=0.05)


def test_row_penalty_is_the_mean_over_ratings_not_over_rows():
    vectors = tf.constant([[3.0, 4.0], [1.0, 0.0], [7.0, 7.0]])
    # One rating has a vector of squared length 25, three one of length 1; the last has none.
    assert float(row_penalty(vectors, np.array([1, 3, 0]))) == pytest.approx((25 + 3 * 1) / 4)
