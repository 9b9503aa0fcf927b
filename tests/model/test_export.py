import numpy as np
import pytest
import tensorflow as tf

import recsys.model.export as export_module
from recsys.baselines import BiasModel
from recsys.explanations.person import person_of
from recsys.model.batches import tensors
from recsys.model.export import export
from tests.model.oracle import RatingOracle, RetrievalOracle
from tests.model.random_model import batch_of, random_model
from tests.synthetic import random_split, with_attributes

SPLIT = with_attributes(random_split())
EVERYBODY = np.arange(SPLIT.n_users)
DUET = {
    "all": {"sharing": "all"},
    "part": {"sharing": "part", "rating_members": 3},
    "none": {"sharing": "none"},
    "one member, no attributes": {"rating_members": 1, "attributes": False},
}
CONFIGS = DUET | {"tutorial": {"architecture": "tutorial"}}


@pytest.mark.parametrize("fields", DUET.values(), ids=DUET)
def test_score_of_duet_is_that_of_the_towers(fields):
    model = random_model(SPLIT, **fields)
    oracle = RetrievalOracle(model, SPLIT)
    movies = range(SPLIT.n_movies)
    expected = [[oracle.score(user, movie) for movie in movies] for user in EVERYBODY]
    np.testing.assert_allclose(export(model, SPLIT).scores(EVERYBODY), expected, atol=1e-4)


def test_scores_of_the_tutorial_equal_those_of_the_tensorflow_model():
    model = random_model(SPLIT, architecture="tutorial")
    queries = model.query_tower(batch_of(SPLIT, EVERYBODY))
    candidates = model.candidate_tower(tf.range(SPLIT.n_movies))
    expected = tf.matmul(queries, candidates, transpose_b=True)
    np.testing.assert_allclose(export(model, SPLIT).scores(EVERYBODY), expected, atol=1e-4)


@pytest.mark.parametrize("fields", DUET.values(), ids=DUET)
def test_rating_of_duet_is_the_mean_of_the_members(fields):
    model = random_model(SPLIT, **fields)
    train = SPLIT.train.ratings.astype(np.float64)
    oracle = RatingOracle(model.rating_head, SPLIT, std=train.std(), mean=train.mean())
    users, movies = np.divmod(np.arange(SPLIT.n_users * SPLIT.n_movies), SPLIT.n_movies)
    queries = [oracle.query(user) for user in range(SPLIT.n_users)]
    candidates = [oracle.candidate(movie) for movie in range(SPLIT.n_movies)]
    members = np.array(
        [
            oracle.stars(user, movie, queries[user], candidates[movie])
            for user, movie in zip(users, movies, strict=True)
        ]
    )
    ratings = export(model, SPLIT).ratings(users, movies)
    np.testing.assert_allclose(ratings, members.mean(axis=1), rtol=1e-4, atol=1e-3)


def test_rating_of_the_tutorial_equals_that_of_the_tensorflow_model():
    model = random_model(SPLIT, architecture="tutorial")
    batch = batch_of(SPLIT, EVERYBODY)
    ratings, _ = model.rating_head(batch, model.query_tower(batch))
    users = batch["users"].numpy()[batch["rows"].numpy()]
    found = export(model, SPLIT).ratings(users, batch["movies"].numpy())
    np.testing.assert_allclose(found, ratings, atol=1e-4)


def test_export_in_chunks_of_users_is_the_export_at_once(monkeypatch):
    model = random_model(SPLIT)
    at_once = export(model, SPLIT).to_arrays()
    monkeypatch.setattr(export_module, "EXPORT_RATINGS", 10)
    in_chunks = export(model, SPLIT).to_arrays()
    assert at_once.keys() == in_chunks.keys()
    for name, array in at_once.items():
        if array.dtype.kind == "f":
            np.testing.assert_allclose(in_chunks[name], array, atol=1e-6)


@pytest.mark.parametrize("fields", [CONFIGS["part"], CONFIGS["tutorial"]])
def test_export_for_some_users_is_the_whole_one_for_them(fields):
    model, chosen = random_model(SPLIT, **fields), np.array([2, 5, 11])
    whole, some = export(model, SPLIT), export(model, SPLIT, chosen)
    np.testing.assert_allclose(some.scores(chosen), whole.scores(chosen), atol=1e-5)
    movies = np.array([0, 3, 7])
    np.testing.assert_allclose(
        some.ratings(chosen, movies), whole.ratings(chosen, movies), atol=1e-5
    )


def test_scorer_serves_all_users_and_movies_also_those_train_has_never_seen():
    model = random_model(SPLIT, attributes=False)
    scorer = export(model, SPLIT)
    assert (scorer.n_users, scorer.n_movies) == (SPLIT.n_users, SPLIT.n_movies)
    assert SPLIT.n_users - 1 not in SPLIT.train.users
    assert 0 not in SPLIT.train.movies
    # Without a history and attributes, the movies' biases are all there is to score by.
    scores = scorer.scores(EVERYBODY[-1:])[0]
    biases = model.candidate_tower.bias.numpy()
    np.testing.assert_allclose(scores, biases, rtol=1e-6)
    assert np.isfinite(scorer.ratings(EVERYBODY[-1:], np.array([0]))).all()


def test_scorer_of_a_model_means_both_tasks():
    assert export(random_model(SPLIT), SPLIT).tasks == {"retrieval", "rating"}


USER = 3
TIED = {"tied": {"sharing": "tied"}, "mapped": {"sharing": "mapped"}}


def own_rows(user, movies):
    own = SPLIT.of_user("train", user)
    return own.at(np.flatnonzero(np.isin(own.movies, movies)))


@pytest.mark.parametrize("fields", (DUET | TIED).values(), ids=DUET | TIED)
def test_the_history_arrays_pool_a_history_as_the_towers_do(fields):
    model = random_model(SPLIT, **fields)
    person = person_of(export(model, SPLIT), SPLIT, BiasModel(SPLIT), USER)
    left = person.without(np.array([1]))
    rows = own_rows(USER, left.movies)
    assert len(rows) == len(person.movies) - 1 > 0
    batch = tensors(
        {
            "users": np.array([USER], np.int32),
            "rows": np.zeros(len(rows), np.int32),
            "movies": rows.movies,
            "ratings": rows.ratings,
        }
    )
    head = model.rating_head
    stars = head.biases.std / head.members
    np.testing.assert_allclose(left.query(), model.query_tower(batch)[0], atol=1e-4)
    np.testing.assert_allclose(
        left.query("rating"), stars * model.user_vectors(batch)[1][0], atol=1e-4
    )
