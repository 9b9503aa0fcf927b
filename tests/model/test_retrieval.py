import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.baselines import BiasModel
from recsys.model.losses import Ratings, SquaredRetrieval
from recsys.model.retrieval import CatalogueSquaredError, InBatchSoftmax
from recsys.model.towers import CandidateTower, CatalogueTower, HistoryTower
from tests.model.oracle import RetrievalOracle
from tests.model.random_model import active_users, batch_of, gradients, random_model
from tests.synthetic import make_rows_split, random_split, with_attributes

RNG = np.random.default_rng(0)
SPLIT = random_split()


def test_in_batch_softmax_is_the_loss_of_the_tfrs_task_with_a_query_for_each_rating():
    movies, rows = tf.constant([4, 9, 4, 150, 9, 9]), tf.constant([0, 1, 2, 1, 1, 0])
    query, vectors = (tf.Variable(tf.random.normal([n, 33], seed=n)) for n in (3, 200))
    with tf.GradientTape(persistent=True) as tape:
        loss = InBatchSoftmax(CandidateTower(vectors))(query, {"movies": movies, "rows": rows})
        each = tf.gather(query, rows), tf.gather(vectors, movies)
        expected = tfrs.tasks.Retrieval()(*each, compute_metrics=False) / len(rows)
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    for variable in (query, vectors):
        found, aim = (
            tf.convert_to_tensor(tape.gradient(one, variable)) for one in (loss, expected)
        )
        np.testing.assert_allclose(found, aim, atol=1e-5)


def towers_and_task(split, history, rated, candidates, bias, unrated_weight):
    """Return a query tower with these numbers, and the task with it and a candidate tower."""
    bias_model = BiasModel(split)
    dimension = np.shape(history)[1]
    query_tower = HistoryTower(split, bias_model, attributes=False, dimension=dimension)
    query_tower.history_embedding.assign(history)
    query_tower.residual_embedding.assign(rated)
    tower = CatalogueTower(split.n_movies, dimension)
    tower.movie_embedding.assign(candidates)
    tower.bias.assign(bias)
    loss = SquaredRetrieval(unrated_weight, bias_model)
    return query_tower, CatalogueSquaredError(query_tower, tower, loss)


def test_rated_movie_is_scored_without_itself_in_the_history():
    split = make_rows_split(2, 3, train=[(0, 0, 5), (0, 1, 1), (1, 0, 1), (1, 1, 5)])
    # The mean is 3, the standard deviation 2, and every user's and movie's mean is 3 as well.
    first_residual, second_residual = 1.0, -1.0
    query_tower, task = towers_and_task(
        split,
        history=[[0.3], [0.5], [9.0]],
        rated=[[0.2], [0.7], [9.0]],
        candidates=[[1.0], [2.0], [4.0]],
        bias=[0.1, 0.2, 0.3],
        unrated_weight=0.7,
    )
    batch = batch_of(split, np.array([0]))
    loss = task(query_tower(batch), batch)
    root = 2**0.5
    one, other = 0.3 + first_residual * 0.2, 0.5 + second_residual * 0.7
    first, second = other * 1 / root + 0.1, one * 2 / root + 0.2
    third = (one + other) * 4 / root + 0.3
    expected = (1.15 - first) ** 2 + (0.85 - second) ** 2 + 0.7 * third**2
    assert float(loss) == pytest.approx(expected / 2, rel=1e-6)


@pytest.mark.parametrize("unrated_weight", [0.02, 0.7, 3.0])
@pytest.mark.parametrize("split", [SPLIT, with_attributes(SPLIT)], ids=["ratings", "attributes"])
def test_catalogue_squared_error_is_that_of_the_full_score_matrix(split, unrated_weight):
    model = random_model(split, unrated_weight=unrated_weight)
    for users in (active_users(split), active_users(split)[:5]):
        batch = batch_of(split, users)
        loss = model.retrieval_task(model.query_tower(batch), batch)
        expected = RetrievalOracle(model, split).loss(users, unrated_weight)
        assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_loss_is_that_of_the_validation_where_leave_one_out_changes_no_score():
    # H[i] · C[i] is 0 for every movie: leaving a movie out of the history changes no score.
    history, candidates = RNG.normal(size=(2, SPLIT.n_movies, 6)).astype(np.float32)
    history[:, 3:], candidates[:, :3] = 0, 0
    history[::2], candidates[::2] = history[::2, ::-1], candidates[::2, ::-1]
    bias = RNG.normal(size=SPLIT.n_movies).astype(np.float32)
    rated = np.zeros_like(history)
    query_tower, task = towers_and_task(SPLIT, history, rated, candidates, bias, unrated_weight=0.3)
    users = active_users(SPLIT)
    batch = batch_of(SPLIT, users)
    query = query_tower(batch)
    scores = query.numpy() @ candidates.T + bias
    user_rows, positions = SPLIT.positions("train", users)
    rows = SPLIT.train.at(positions)
    losses, weights = task.loss.per_rating(
        scores, scores[user_rows, rows.movies], Ratings(rows, user_rows, np.bincount(user_rows))
    )
    assert np.abs(scores - bias).max() > 1
    assert float(task(query, batch)) == pytest.approx((losses @ weights) / weights.sum(), rel=1e-4)


def test_retrieval_loss_trains_the_towers_and_nothing_of_the_rating_head():
    model = random_model(SPLIT, sharing="part")
    found = gradients(model, batch_of(SPLIT, active_users(SPLIT)), of="retrieval")
    assert found.keys() == {
        "history_embedding", "residual_history_embedding", "movie_embedding", "movie_score_bias",
    }  # fmt: skip
    assert all(gradient.any() for gradient in found.values())
