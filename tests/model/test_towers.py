import numpy as np
import pytest
import tensorflow as tf

from recsys.baselines import BiasModel
from recsys.model.batches import tensors, user_batch
from recsys.model.towers import (
    CandidateTower,
    CatalogueTower,
    HistoryTower,
    batch_residuals,
    embedding_table,
    history_lengths,
    history_sums,
    mean_squared_norm,
)
from tests.synthetic import make_rows_split, with_attributes

# User 0 has rated the movies 0, 1, 2 and 3; user 1 none; user 2 movie 3.
SPLIT = make_rows_split(3, 4, train=[(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 4), (2, 3, 5)])
BATCH = tensors(user_batch(SPLIT, np.array([2, 1, 0])))


def tower_of(split=SPLIT, attributes=False):
    return HistoryTower(split, BiasModel(split), dimension=2, attributes=attributes)


def test_query_is_the_sum_of_the_history_over_the_root_of_its_length():
    tower = tower_of()
    tower.history_embedding.assign([[1, 0], [2, 0], [3, 0], [4, 8]])
    tower.residual_embedding.assign(np.zeros((4, 2)))
    np.testing.assert_allclose(tower(BATCH), [[4, 8], [0, 0], [10 / 2, 8 / 2]], rtol=1e-6)


def of_history(bias_model):
    return bias_model.residuals_of_history(SPLIT.train.movies, SPLIT.train.ratings)


def test_query_adds_the_residual_embedding_times_the_residual():
    tower = tower_of()
    tower.history_embedding.assign(np.zeros((4, 2)))
    tower.residual_embedding.assign([[1, 0], [2, 0], [3, 0], [4, 8]])
    residuals = of_history(BiasModel(SPLIT))
    user_2, user_0 = (
        residuals[4] * np.array([4, 8]),
        residuals[:4] @ [[1, 0], [2, 0], [3, 0], [4, 8]] / 2,
    )
    np.testing.assert_allclose(tower(BATCH), [user_2, [0, 0], user_0], rtol=1e-5, atol=1e-6)
    assert np.abs(user_0).min() > 0.1


def test_query_without_a_history_is_the_mapped_attributes():
    split = with_attributes(SPLIT)
    tower = tower_of(split, attributes=True)
    tower.attributes.map.assign(np.arange(2.0 * split.user_features.shape[1]).reshape(-1, 2))
    query = tower(tensors(user_batch(split, np.array([1]))))
    np.testing.assert_allclose(query, split.user_features[1:2] @ tower.attributes.map, rtol=1e-6)
    assert tower_of(split, attributes=False).attributes.map is None
    assert tower_of(SPLIT, attributes=True).attributes.map is None


def test_history_sums_add_a_vector_and_another_one_times_the_residual():
    history = tf.constant([[1.0, 0], [2, 0], [3, 0], [4, 8]])
    rated = tf.constant([[1.0, 1], [1, 2], [1, 3], [1, 4]])
    bias_model = BiasModel(SPLIT)
    residuals = of_history(bias_model)
    sums = history_sums(BATCH, history, rated, bias_model)
    user_0 = history.numpy().sum(axis=0) + residuals[:4] @ rated.numpy()
    np.testing.assert_allclose(
        sums, [[4 + residuals[4], 8 + 4 * residuals[4]], [0, 0], user_0], rtol=1e-5
    )


def test_residuals_of_a_batch_are_those_of_its_ratings():
    bias_model = BiasModel(SPLIT)
    _, positions = SPLIT.positions("train", np.array([2, 1, 0]))
    expected = bias_model.residuals(SPLIT.train.at(positions))
    np.testing.assert_allclose(batch_residuals(BATCH, bias_model), expected, rtol=1e-5)


def test_length_of_an_empty_history_is_one_so_that_nothing_is_divided_by_zero():
    np.testing.assert_array_equal(history_lengths(BATCH), [1, 1, 4])


def test_candidate_tower_returns_the_vectors_of_these_movies():
    vectors = np.arange(8, dtype=np.float32).reshape(4, 2)
    tower = CandidateTower(tf.Variable(vectors))
    np.testing.assert_array_equal(tower(tf.constant([3, 0, 3])), vectors[[3, 0, 3]])


def test_catalogue_tower_starts_with_biases_of_zero():
    tower = CatalogueTower(4, dimension=2)
    assert tower.movie_embedding.shape == (4, 2)
    np.testing.assert_array_equal(tower.bias, np.zeros(4))


def test_table_starts_near_zero():
    start = embedding_table("any", 1000, 20, stddev=0.05).numpy()
    assert start.mean() == pytest.approx(0, abs=0.002)
    assert start.std() == pytest.approx(0.05, rel=0.05)


def test_mean_squared_norm_is_a_mean_over_ratings_not_over_rows():
    vectors = tf.constant([[3.0, 4.0], [1.0, 0.0], [7.0, 7.0]])
    # One rating has a vector of squared length 25, three one of length 1; the last has none.
    assert float(mean_squared_norm(vectors, np.array([1, 3, 0]))) == pytest.approx((25 + 3 * 1) / 4)


def test_mean_squared_norm_with_ratings_added_to_every_row():
    vectors = tf.constant([[3.0, 4.0], [1.0, 0.0], [7.0, 7.0]])
    expected = ((1 + 2) * 25 + (3 + 2) * 1 + (0 + 2) * 98) / 4  # still a mean over four ratings
    assert float(mean_squared_norm(vectors, np.array([1, 3, 0]), 2.0)) == pytest.approx(expected)
