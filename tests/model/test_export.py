import numpy as np
import pytest
import tensorflow as tf

import recsys.model.export as export_module
from recsys.model.architectures import build
from recsys.model.batches import user_batch
from recsys.model.export import export
from tests.synthetic import random_split, small_config

SPLIT = random_split()
CONFIGS = {
    "all": {"sharing": "all"},
    "part": {"sharing": "part"},
    "none": {"sharing": "none"},
    "tutorial": {"architecture": "tutorial"},
}


def random_model(fields):
    """Return a model whose every variable has random numbers, so that each has to be exported."""
    trainable = build(small_config(**fields), SPLIT)
    trainable.model.compute_loss(next(iter(trainable.batches)))
    rng = np.random.default_rng(0)
    for variable in trainable.model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.3))
    return trainable.model


@pytest.mark.parametrize("fields", CONFIGS.values(), ids=CONFIGS)
def test_scorer_equals_the_outputs_of_the_tensorflow_model(fields):
    model, users = random_model(fields), np.arange(SPLIT.n_users)
    batch = user_batch(SPLIT, users)
    scores = tf.matmul(
        model.query_tower(batch), model.candidate_tower(tf.range(SPLIT.n_movies)), transpose_b=True
    )
    if model.candidate_tower.bias is not None:
        scores += model.candidate_tower.bias
    ratings, _ = model.rating_head(batch)
    scorer = export(model, SPLIT)
    np.testing.assert_allclose(scorer.scores(users), scores, atol=1e-4)
    np.testing.assert_allclose(
        scorer.ratings(batch["users"][batch["rows"]], batch["movies"]), ratings, atol=1e-4
    )


def test_export_in_chunks_of_users_is_the_export_at_once(monkeypatch):
    model = random_model(CONFIGS["part"])
    at_once = export(model, SPLIT).to_arrays()
    monkeypatch.setattr(export_module, "EXPORT_RATINGS", 10)
    in_chunks = export(model, SPLIT).to_arrays()
    assert at_once.keys() == in_chunks.keys()
    for name, array in at_once.items():
        if array.dtype.kind == "f":
            np.testing.assert_allclose(in_chunks[name], array, atol=1e-6)


def test_scorer_serves_all_users_and_movies_also_those_train_has_never_seen():
    scorer = export(random_model(CONFIGS["part"]), SPLIT)
    assert (scorer.n_users, scorer.n_movies) == (SPLIT.n_users, SPLIT.n_movies)
    assert SPLIT.n_users - 1 not in SPLIT.train.users
    assert 0 not in SPLIT.train.movies
    assert np.isfinite(scorer.scores(np.array([SPLIT.n_users - 1]))).all()
    assert np.isfinite(scorer.ratings(np.array([SPLIT.n_users - 1]), np.array([0]))).all()


def test_scorer_of_a_model_means_both_tasks():
    assert export(random_model(CONFIGS["tutorial"]), SPLIT).tasks == {"retrieval", "rating"}
