import numpy as np
import tensorflow as tf

from recsys.model.batches import user_batch
from recsys.model.towers import CandidateTower, HistoryTower, embedding
from tests.synthetic import make_rows_split

# User 0 has rated the movies 0, 1, 2 and 3; user 1 none; user 2 movie 3.
SPLIT = make_rows_split(3, 4, train=[(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 4), (2, 3, 5)])


def tower_with_one_hot_history(dropout=0.0):
    """Return a tower that shows which movies of a history it pools."""
    tower = HistoryTower(3, 4, 4, dropout, seed=1)
    tower(user_batch(SPLIT, np.arange(3)))
    tower.user_embedding.set_weights([np.zeros((3, 4))])
    tower.history_embedding.set_weights([np.eye(4)])
    return tower


def test_query_is_user_vector_plus_history_over_the_root_of_its_length():
    tower = tower_with_one_hot_history()
    tower.user_embedding.set_weights([np.array([[1.0] * 4, [2.0] * 4, [3.0] * 4])])
    query = tower(user_batch(SPLIT, np.array([2, 1, 0])))
    np.testing.assert_allclose(query, [[3, 3, 3, 4], [2] * 4, [1.5] * 4], rtol=1e-6)


def test_history_is_whole_outside_training():
    tower = tower_with_one_hot_history(dropout=0.5)
    query = tower(user_batch(SPLIT, np.array([0])))
    np.testing.assert_allclose(query, [[0.5] * 4], rtol=1e-6)


def test_training_hides_a_random_share_of_each_history():
    tower, batch = tower_with_one_hot_history(dropout=0.3), user_batch(SPLIT, np.array([0]))
    shown = []
    for _ in range(200):
        query = tower(batch, training=True).numpy()[0]
        kept = query > 0
        np.testing.assert_allclose(query[kept], 1 / np.sqrt(max(kept.sum(), 1)), rtol=1e-6)
        shown.append(kept)
    # 800 draws: the standard error is 0.016.
    assert abs(np.mean(shown) - 0.7) < 0.07


def test_candidate_tower_gives_the_vectors_of_the_movies_asked_for():
    tower = CandidateTower(embedding(4, 2), bias=np.arange(4))
    vectors = tower(tf.range(4)).numpy()
    np.testing.assert_array_equal(tower(tf.constant([3, 0, 3])), vectors[[3, 0, 3]])
    np.testing.assert_array_equal(tower.bias, [0, 1, 2, 3])
