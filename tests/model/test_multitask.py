"""The objective, computed again by hand in NumPy for one batch."""

import numpy as np
import pytest
from scipy.special import log_softmax

from recsys.model.architectures import build
from recsys.model.rating import BIAS_L2
from tests.synthetic import random_split, small_config

SPLIT = random_split()


def with_random_variables(config):
    """Return a model whose every variable has random numbers, and a batch."""
    trainable = build(config, SPLIT)
    batch = next(iter(trainable.batches))
    trainable.model.compute_loss(batch)  # which creates the variables
    rng = np.random.default_rng(0)
    for variable in trainable.model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.3))
    trainable.model.reset_metrics()
    return trainable.model, batch


def squares(*vectors):
    return sum((vector**2).sum(axis=1) for vector in vectors)


def history_query(tower, batch):
    """Return U[u] + sum of H[i] over the history / sqrt(its length), [n_queries, d]."""
    users = tower.user_embedding.embeddings.numpy()[batch["users"]]
    vectors = tower.history_embedding.embeddings.numpy()[batch["movies"]]
    pooled = np.array([vectors[batch["rows"] == row].sum(axis=0) for row in range(len(users))])
    return users + pooled / np.sqrt(np.bincount(batch["rows"]))[:, np.newaxis]


def mlp(head, *vectors):
    layer = np.concatenate(vectors, axis=1)
    *hidden, last = head.mlp.layers
    for dense in hidden:
        layer = np.maximum(layer @ dense.kernel.numpy() + dense.bias.numpy(), 0)
    return (layer @ last.kernel.numpy() + last.bias.numpy())[:, 0]


def duet_retrieval(model, batch):
    """Return the retrieval loss in nats, and the squares under the L2 penalty."""
    rows, movies = batch["rows"], batch["movies"]
    tower = model.query_tower
    candidate = model.candidate_tower.movie_embedding.embeddings.numpy()
    logits = history_query(tower, batch) @ candidate.T + model.candidate_tower.bias.numpy()
    loss = -log_softmax(logits, axis=1)[rows, movies].mean()
    users = tower.user_embedding.embeddings.numpy()[batch["users"]][rows]
    history = tower.history_embedding.embeddings.numpy()[movies]
    return loss, squares(users, history, candidate[movies]).mean()


def duet_rating(model, batch, config):
    """Return the mean squared error, and the L2 penalty."""
    head, rows, movies = model.rating_head, batch["rows"], batch["movies"]
    query = candidate = own_history = 0.0
    if config.sharing != "none":
        vectors = model.candidate_tower.movie_embedding.embeddings.numpy()[movies]
        query = (history_query(model.query_tower, batch) @ head.query_map.kernel.numpy())[rows]
        candidate = vectors @ head.candidate_map.kernel.numpy()
    if config.sharing != "all":
        query = query + history_query(head.own_query, batch)[rows]
        candidate = candidate + head.own_candidate.embeddings.numpy()[movies]
        own_history = squares(head.own_query.history_embedding.embeddings.numpy()[movies])
    user_bias = head.user_bias.embeddings.numpy()[batch["users"], 0][rows]
    movie_bias = head.movie_bias.embeddings.numpy()[movies, 0]
    predicted = user_bias + movie_bias + (query * candidate).sum(axis=1)
    predicted += mlp(head, query, candidate)
    predicted = SPLIT.train.ratings.mean() + SPLIT.train.ratings.std() * predicted
    l2 = config.rating_l2 * (squares(query, candidate) + own_history)
    penalty = (l2 + BIAS_L2 * (user_bias**2 + movie_bias**2)).mean()
    return ((predicted - batch["ratings"]) ** 2).mean(), penalty


def popularity_entropy():
    counts = np.bincount(SPLIT.train.movies)
    share = counts[counts > 0] / counts.sum()
    return -(share * np.log(share)).sum()


@pytest.mark.parametrize("sharing", ["all", "part", "none"])
def test_duet_objective_is_the_weighted_sum_of_scaled_mean_losses_and_penalties(sharing):
    config = small_config(
        retrieval_weight=2.0, rating_weight=0.5, sharing=sharing, rating_l2=0.3, retrieval_l2=0.2
    )
    model, batch = with_random_variables(config)
    objective = float(model.compute_loss(batch))
    batch = {name: tensor.numpy() for name, tensor in batch.items()}
    retrieval, retrieval_squares = duet_retrieval(model, batch)
    rating, rating_penalty = duet_rating(model, batch, config)
    expected = 2.0 * (retrieval / popularity_entropy() + 0.2 * retrieval_squares)
    expected += 0.5 * (rating / SPLIT.train.ratings.var() + rating_penalty)
    assert objective == pytest.approx(expected, rel=1e-4)
    assert float(model.retrieval_loss.result()) == pytest.approx(retrieval, rel=1e-4)
    assert float(model.rating_loss.result()) == pytest.approx(rating, rel=1e-4)


def test_tutorial_objective_is_the_weighted_sum_of_its_own_two_losses():
    n = len(SPLIT.train)
    config = small_config(
        architecture="tutorial", retrieval_weight=2.0, rating_weight=0.5, batch_size=n
    )
    model, batch = with_random_variables(config)
    objective = float(model.compute_loss(batch))
    batch = {name: tensor.numpy() for name, tensor in batch.items()}
    query = model.query_tower.user_embedding.embeddings.numpy()[batch["users"]]
    candidate = model.candidate_tower.movie_embedding.embeddings.numpy()[batch["movies"]]
    retrieval = -np.diag(log_softmax(query @ candidate.T, axis=1)).sum()
    predicted = mlp(model.rating_head, query, candidate)
    rating = ((predicted - batch["ratings"]) ** 2).mean()
    assert objective == pytest.approx(2.0 * retrieval + 0.5 * rating, rel=1e-4)
    assert float(model.retrieval_loss.result()) == pytest.approx(retrieval / n, rel=1e-4)
    assert float(model.rating_loss.result()) == pytest.approx(rating, rel=1e-4)


def test_losses_of_an_epoch_are_means_over_ratings_not_over_batches():
    model, _ = with_random_variables(small_config(history_dropout=0.0))
    whole, in_parts = [], []
    for batch_size, losses in ((10_000, whole), (10, in_parts)):
        batches = build(small_config(batch_size=batch_size), SPLIT).batches
        model.reset_metrics()
        for batch in batches:
            model.compute_loss(batch)
        losses += [float(model.retrieval_loss.result()), float(model.rating_loss.result())]
    assert in_parts == pytest.approx(whole, rel=1e-4)
