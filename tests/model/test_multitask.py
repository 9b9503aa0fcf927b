"""The objective of one batch against NumPy."""

import numpy as np
import pytest
from scipy.special import log_softmax

from recsys.model.batches import by_rating, tensors
from tests.model.oracle import RatingOracle, RetrievalOracle, squared_loss
from tests.model.random_model import active_users, batch_of, random_model
from tests.synthetic import random_split, with_attributes

SPLIT = with_attributes(random_split())


def best_constant_loss(unrated_weight):
    """Return the train loss of the best score for each movie, equal for all users."""
    users = np.unique(SPLIT.train.users)

    def loss(scores):
        return squared_loss(SPLIT, lambda user, movie, _: scores[movie], unrated_weight, users)

    # The loss is a parabola in every score: three points determine its minimum.
    zero, one, minus = (
        np.array([loss(np.eye(SPLIT.n_movies)[movie] * at) for movie in range(SPLIT.n_movies)])
        for at in (0.0, 1.0, -1.0)
    )
    best = (minus - one) / (2 * np.maximum(one + minus - 2 * zero, 1e-12))
    return loss(best)


@pytest.mark.parametrize("sharing", ["all", "part", "none"])
def test_duet_objective_is_the_weighted_sum_of_scaled_mean_losses_and_penalties(sharing):
    weights = {"retrieval_weight": 2.0, "rating_weight": 0.5, "unrated_weight": 0.6}
    model = random_model(SPLIT, sharing=sharing, rating_l2=0.3, retrieval_l2=0.2, **weights)
    users = active_users(SPLIT)
    batch = batch_of(SPLIT, users)
    objective = float(model.compute_loss(batch))

    train = SPLIT.train
    retrieval = RetrievalOracle(model, SPLIT).loss(users, unrated_weight=0.6)
    squares = RetrievalOracle(model, SPLIT).penalty()
    stars = train.ratings.astype(np.float64)
    oracle = RatingOracle(model.rating_head, SPLIT, std=stars.std(), mean=stars.mean())
    pairs = zip(train.users, train.movies, strict=True)
    errors = np.array([oracle.left_out(*pair) for pair in pairs]) - stars[:, np.newaxis]
    rating = (errors**2).mean()

    expected = 2.0 * (retrieval / best_constant_loss(0.6) + 0.2 * squares)
    expected += 0.5 * (rating / stars.var() + oracle.penalty())
    assert objective == pytest.approx(expected, rel=1e-4)
    assert float(model.retrieval_loss.result()) == pytest.approx(retrieval, rel=1e-4)
    assert float(model.rating_loss.result()) == pytest.approx(rating, rel=1e-4)


def mlp(head, *vectors):
    layer = np.concatenate(vectors, axis=1)
    *hidden, last = head.mlp.layers
    for dense in hidden:
        layer = np.maximum(layer @ dense.kernel.numpy() + dense.bias.numpy(), 0)
    return (layer @ last.kernel.numpy() + last.bias.numpy())[:, 0]


def test_tutorial_objective_is_the_weighted_sum_of_its_own_two_losses():
    n = len(SPLIT.train)
    weights = {"retrieval_weight": 2.0, "rating_weight": 0.5}
    model = random_model(SPLIT, architecture="tutorial", batch_size=n, **weights)
    batch = next(by_rating(SPLIT, batch_size=n, seed=0)())
    objective = float(model.compute_loss(tensors(batch)))
    users = batch["users"][batch["rows"]]
    query = model.query_tower.user_embedding.embeddings.numpy()[users]
    candidate = model.candidate_tower.movie_embedding.numpy()[batch["movies"]]
    retrieval = -np.diag(log_softmax(query @ candidate.T, axis=1)).sum()
    predicted = mlp(model.rating_head, query, candidate)
    rating = ((predicted - batch["ratings"]) ** 2).mean()
    assert objective == pytest.approx(2.0 * retrieval + 0.5 * rating, rel=1e-4)
    assert float(model.retrieval_loss.result()) == pytest.approx(retrieval / n, rel=1e-4)
    assert float(model.rating_loss.result()) == pytest.approx(rating, rel=1e-4)


def test_losses_of_an_epoch_are_means_over_ratings_not_over_batches():
    model, users = random_model(SPLIT), active_users(SPLIT)
    sizes, losses = [], []
    for chosen in (users[:3], users[3:]):
        model.reset_metrics()
        batch = batch_of(SPLIT, chosen)
        model.compute_loss(batch)
        sizes.append(len(batch["ratings"]))
        losses.append(
            [float(metric.result()) for metric in (model.retrieval_loss, model.rating_loss)]
        )
    model.reset_metrics()
    for chosen in (users[:3], users[3:]):
        model.compute_loss(batch_of(SPLIT, chosen))
    of_epoch = [float(metric.result()) for metric in (model.retrieval_loss, model.rating_loss)]
    assert sizes[0] != sizes[1]
    assert of_epoch == pytest.approx(np.average(losses, axis=0, weights=sizes), rel=1e-5)
