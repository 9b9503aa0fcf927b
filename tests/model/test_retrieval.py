import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax

from recsys.model.retrieval import CatalogueSoftmax, InBatchSoftmax
from recsys.model.towers import CandidateTower, embedding

N_MOVIES, DIMENSION = 200, 3
RNG = np.random.default_rng(0)
# Few movies have most of the ratings, and the model knows it.
POPULARITY = np.sort(RNG.pareto(1.0, N_MOVIES) * 10).astype(int)
VECTORS = RNG.normal(size=(N_MOVIES, DIMENSION), scale=0.5).astype(np.float32)
BIAS = (0.5 * np.log(POPULARITY + 1)).astype(np.float32)
QUERY = RNG.normal(size=(2, DIMENSION)).astype(np.float32)
LOGITS = QUERY @ VECTORS.T + BIAS


def candidate_tower(vectors=VECTORS, bias=BIAS):
    tower = CandidateTower(embedding(*vectors.shape), bias)
    tower(tf.range(1))
    tower.movie_embedding.set_weights([vectors])
    return tower


def batch_of(rows, movies):
    return {"rows": tf.constant(rows, tf.int32), "movies": tf.constant(movies, tf.int32)}


def test_in_batch_softmax_is_the_mean_cross_entropy_among_the_movies_of_the_batch():
    movies = [4, 9, 4, 150]
    query = RNG.normal(size=(4, DIMENSION)).astype(np.float32)
    task = InBatchSoftmax(candidate_tower(bias=None))
    loss = task(query, batch_of(range(4), movies))
    expected = -np.mean(np.diag(log_softmax(query @ VECTORS[movies].T, axis=1)))
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_catalogue_softmax_is_the_mean_cross_entropy_among_all_movies():
    rows, movies = [0, 0, 0, 1], [4, 9, 150, 4]
    task = CatalogueSoftmax(candidate_tower(), POPULARITY, N_MOVIES, seed=0)
    loss = task(tf.constant(QUERY), batch_of(rows, movies))
    expected = -np.mean(log_softmax(LOGITS, axis=1)[rows, movies])
    assert float(loss) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("rated_bias", [-30.0, 0.0, 7.0])
def test_sampled_softmax_total_is_the_full_one_on_average(rated_bias):
    # The movie 150 is drawn now and then. Its loss tells the total: loss = log total - score.
    bias = BIAS.copy()
    bias[150] = rated_bias
    logits = QUERY[0] @ VECTORS.T + bias
    task = CatalogueSoftmax(candidate_tower(bias=bias), POPULARITY, 50, seed=0)
    query, batch = tf.constant(QUERY[:1]), batch_of([0], [150])
    loss = tf.function(lambda: task(query, batch))
    draws = 400
    totals = np.exp([float(loss()) + logits[150] for _ in range(draws)])
    standard_error = totals.std() / np.sqrt(draws)
    full = np.exp(logits).sum()
    assert 0 < standard_error < 0.03 * full  # new candidates in every draw, and no wild ones
    assert abs(totals.mean() - full) < 4 * standard_error


def test_sampled_softmax_would_be_far_off_without_the_correction_for_popularity():
    chance = (POPULARITY + 1.0) ** 0.75
    uncorrected = N_MOVIES * (chance / chance.sum() * np.exp(LOGITS[0])).sum()
    assert abs(np.log(uncorrected / np.exp(LOGITS[0]).sum())) > 0.3


def test_sampled_softmax_counts_the_rated_movie_even_where_it_was_not_drawn():
    bias = BIAS.copy()
    bias[0] = 30  # the rarest movie has nearly all of the total
    task = CatalogueSoftmax(candidate_tower(bias=bias), POPULARITY, 5, seed=0)
    loss = float(task(tf.constant(QUERY[:1]), batch_of([0], [0])))
    assert loss == pytest.approx(0, abs=1e-5)


def test_sampled_softmax_is_finite_where_nothing_but_the_rated_movie_was_drawn():
    bias = tf.Variable(BIAS)
    tower = candidate_tower()
    tower.bias = bias
    alone = np.zeros(N_MOVIES)
    alone[7] = 1e12
    task = CatalogueSoftmax(tower, alone, 3, seed=0)
    with tf.GradientTape() as tape:
        loss = task(tf.constant(QUERY[:1]), batch_of([0], [7]))
    gradient = tf.convert_to_tensor(tape.gradient(loss, bias)).numpy()
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()


def test_popular_movies_are_drawn_in_the_share_that_the_correction_assumes():
    task = CatalogueSoftmax(candidate_tower(), POPULARITY, 50, seed=0)
    chance = np.exp(task.log_chance)
    assert chance.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(np.diff(task.cumulative, prepend=0), chance, atol=1e-5)
    assert (np.argsort(chance, kind="stable") == np.argsort(POPULARITY, kind="stable")).all()
