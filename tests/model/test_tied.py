import numpy as np
import pytest

from recsys.model.export import export
from tests.model.oracle import TiedOracle
from tests.model.random_model import active_users, batch_of, gradients, random_model
from tests.synthetic import random_split, with_attributes

SPLIT = with_attributes(random_split())
BOTH = pytest.mark.parametrize("sharing", ["tied", "mapped"])


@BOTH
def test_train_rating_is_predicted_without_itself_in_the_history(sharing):
    model = random_model(SPLIT, sharing=sharing, rating_l2=0.3)
    oracle, batch = TiedOracle(model, SPLIT), batch_of(SPLIT, active_users(SPLIT))
    ratings, penalty = model.rating_head(batch, model.query_tower(batch))
    users = batch["users"].numpy()[batch["rows"].numpy()]
    expected = [oracle.left_out(*pair) for pair in zip(users, batch["movies"].numpy(), strict=True)]
    np.testing.assert_allclose(ratings[:, 0], expected, rtol=1e-3, atol=1e-3)
    assert float(penalty) == pytest.approx(oracle.penalty(), rel=1e-4)
    # The own rating would have made a difference.
    whole = export(model, SPLIT).ratings(users, batch["movies"].numpy())
    assert np.abs(whole - expected).mean() > 0.03


@BOTH
def test_rating_loss_trains_the_vectors_that_rank_the_catalogue(sharing):
    model = random_model(SPLIT, sharing=sharing)
    found = gradients(model, batch_of(SPLIT, active_users(SPLIT)), of="rating")
    own = {"tied": "factors", "mapped": "map"}[sharing]
    towers = {
        "history_embedding", "residual_history_embedding", "attributes", "movie_embedding"
    }  # fmt: skip
    assert found.keys() == towers | {own, "user_bias", "movie_bias"}
    assert all(gradient.any() for gradient in found.values())


@BOTH
def test_exported_ratings_are_products_of_the_vectors_that_rank_the_catalogue(sharing):
    model = random_model(SPLIT, sharing=sharing)
    scorer = export(model, SPLIT)
    head = model.rating_head
    std, users = head.biases.std, np.arange(SPLIT.n_users)
    read = scorer.query * head.factors if sharing == "tied" else scorer.query @ head.map.numpy()
    expected = std * read @ scorer.candidate.T
    expected += std * head.biases.user_biases().numpy()[:, np.newaxis]
    expected += std * head.biases.movie_bias.numpy() + head.biases.mean
    movies = np.arange(SPLIT.n_movies)
    pairs = np.meshgrid(users, movies, indexing="ij")
    found = scorer.ratings(pairs[0].ravel(), pairs[1].ravel()).reshape(expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
