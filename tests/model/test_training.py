from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from recsys.baselines import BiasModel, most_popular, user_movie_bias
from recsys.data.splits import Interactions
from recsys.evaluation.evaluate import evaluate
from recsys.model import steps
from recsys.model.architectures import build
from recsys.model.batches import tensors
from recsys.model.export import export
from recsys.model.losses import SquaredRetrieval
from recsys.model.training import TrainingError, train
from tests.synthetic import planted_split, random_split, small_config, with_attributes

# Warnings of eager mode, and of the softmax over a single movie.
pytestmark = pytest.mark.filterwarnings("ignore:Even though the", "ignore:In loss categorical")

NOTHING = Interactions(*(np.empty(0, kind) for kind in ("i4", "i4", "f4")))
SPLIT = random_split()
WITHOUT_VALIDATION = replace(SPLIT, validation=NOTHING)


def scorer_arrays(config, split=WITHOUT_VALIDATION):
    return train(config, split).scorer.to_arrays()


def arrays_at_the_start(config, split=WITHOUT_VALIDATION):
    return export(build(config, split).model, split).to_arrays()


def assert_same(arrays, others, names=None):
    for name in names or arrays:
        np.testing.assert_array_equal(arrays[name], others[name], err_msg=name)


def mirrored(split):
    """Return the split with every rating mirrored on its scale: 1 becomes 5."""
    low, high = split.rating_scale
    train_part = replace(split.train, ratings=low + high - split.train.ratings)
    return replace(split, train=train_part)


# Same request, same result


@pytest.mark.parametrize(
    "fields",
    [{"architecture": "tutorial"}, {}],
    ids=["tutorial", "duet"],
)
def test_same_config_and_seed_give_the_same_result_also_after_another_training(fields):
    def result(seed):
        trained = train(small_config(epochs=1, seed=seed, **fields), SPLIT)
        records = [replace(record, seconds=0.0) for record in trained.history]
        return trained.scorer.to_arrays(), evaluate(trained.scorer, SPLIT, "holdout"), records

    arrays, metrics, records = result(seed=0)
    other_arrays, other_metrics, _ = result(seed=1)
    again_arrays, again_metrics, again_records = result(seed=0)
    assert again_metrics == pytest.approx(metrics, abs=1e-5)
    assert again_records == records
    for name in ("query", "candidate"):
        np.testing.assert_allclose(again_arrays[name], arrays[name], atol=1e-5)
        assert not np.allclose(other_arrays[name], arrays[name], atol=1e-3)
    assert other_metrics != pytest.approx(metrics, abs=1e-4)


@pytest.mark.parametrize("fields", [{"architecture": "tutorial"}, {}], ids=["tutorial", "duet"])
def test_trainings_side_by_side_in_a_process_learn_what_each_learns_alone(fields):
    configs = [small_config(epochs=1, seed=seed, **fields) for seed in (0, 1, 2, 3)]
    alone = [scorer_arrays(config) for config in configs]
    with ThreadPoolExecutor(len(configs)) as threads:
        beside = list(threads.map(scorer_arrays, configs))
    for one, other in zip(alone, beside, strict=True):
        assert_same(one, other)


# A task of weight 0 is not learnt at all


def trained_variables(config, split=WITHOUT_VALIDATION):
    """Return the variables at the start and after an epoch's steps, by their place and name."""
    trainable = build(config, split)
    model = trainable.model

    def numbers():
        variables = enumerate(model.trainable_variables)
        return {f"{variable.name} {i}": variable.numpy() for i, variable in variables}

    start = numbers()
    for batch in trainable.epoch():
        model.train_step(tensors(batch))
    return start, numbers()


def moved(config, split=WITHOUT_VALIDATION):
    """Return the names of the variables that an epoch has moved."""
    start, end = trained_variables(config, split)
    return {name.split(":")[0] for name in start if not np.array_equal(start[name], end[name])}


TOWERS = {"history_embedding", "movie_embedding"}
RETRIEVAL_ONLY = {"residual_history_embedding", "movie_score_bias"}
RATING_ONLY = {
    "user_bias", "movie_bias", "user_embedding", "residual_embedding", "rater_embedding",
    "attributes",
}  # fmt: skip
OWN = {"all": {"map", "reading"}, "part": {"map", "movies", "reading"}, "none": {"movies"}}


@pytest.mark.parametrize("sharing", OWN)
def test_each_task_moves_its_own_variables_and_those_it_shares(sharing):
    split = with_attributes(WITHOUT_VALIDATION)

    def moved_by(retrieval_weight, rating_weight):
        weights = {"retrieval_weight": retrieval_weight, "rating_weight": rating_weight}
        return moved(small_config(sharing=sharing, **weights), split)

    rating = RATING_ONLY | OWN[sharing]
    retrieval = TOWERS | RETRIEVAL_ONLY | {"attributes"}
    assert moved_by(1, 0) == retrieval
    assert moved_by(0, 1) == (rating if sharing == "none" else rating | TOWERS)
    assert moved_by(1, 1) == retrieval | rating


@pytest.mark.usefixtures("eagerly")
def test_without_rating_weight_the_rating_head_learns_nothing_from_the_stars():
    config = small_config(rating_weight=0.0, sharing="none")
    arrays, other = scorer_arrays(config), scorer_arrays(config, mirrored(WITHOUT_VALIDATION))
    # Retrieval reads the ratings of a history. So do the queries of the rating head, but with
    # embeddings that are not trained.
    stars = {"query", "candidate", "candidate_bias", "rating_query", "history", "history_residual"}
    assert_same(arrays, other, arrays.keys() - stars)
    assert not arrays["rating_user_bias"].any()
    assert not arrays["rating_movie_bias"].any()
    assert arrays["rating_mean"] == 3  # the middle of the scale
    config = small_config(rating_weight=0.0, architecture="tutorial")
    assert_same(scorer_arrays(config), scorer_arrays(config, mirrored(WITHOUT_VALIDATION)))


@pytest.mark.usefixtures("eagerly")
def test_without_retrieval_weight_scores_know_no_popularity():
    config = small_config(retrieval_weight=0.0)
    assert not scorer_arrays(config)["candidate_bias"].any()
    assert scorer_arrays(small_config())["candidate_bias"].any()


@pytest.mark.usefixtures("eagerly")
def test_without_a_weight_the_settings_of_the_task_change_nothing():
    config = small_config(retrieval_weight=0.0)
    other = config.model_copy(update={"retrieval_l2": 5.0, "unrated_weight": 0.1})
    assert_same(scorer_arrays(config), scorer_arrays(other))
    config = small_config(rating_weight=0.0)
    other = config.model_copy(update={"rating_l2": 5.0, "rating_learning_rate": 0.5})
    assert_same(scorer_arrays(config), scorer_arrays(other))


# Learning


@pytest.fixture(scope="module")
def planted():
    return replace(planted_split(), validation=NOTHING)


def beats_the_baselines(scorer, split, recall, rmse):
    """Check that the recall is higher by `recall`, and the error at most `rmse` of the biases'."""
    metrics = evaluate(scorer, split, "holdout")
    popular = evaluate(most_popular(split), split, "holdout")["recall@10"]
    biases = evaluate(user_movie_bias(split), split, "holdout")["rmse"]
    assert metrics["recall@10"] > popular + recall, (metrics["recall@10"], popular)
    assert metrics["rmse"] < biases * rmse, (metrics["rmse"], biases)


def test_duet_learns_the_planted_structure(planted):
    trained = train(small_config(epochs=30, batch_size=256), planted)
    beats_the_baselines(trained.scorer, planted, recall=0.4, rmse=0.6)
    first, last = trained.history[0], trained.history[-1]
    assert last.retrieval_loss < first.retrieval_loss
    assert last.rating_loss < 0.2 * first.rating_loss


@pytest.mark.parametrize("sharing", ["all", "part", "none"])
def test_without_rating_weight_ratings_are_no_better_than_the_middle_of_the_scale(planted, sharing):
    config = small_config(epochs=10, batch_size=256, sharing=sharing, rating_weight=0.0)
    rmse = evaluate(train(config, planted).scorer, planted, "holdout")["rmse"]
    stars = planted.holdout.ratings
    middle = np.sqrt(np.mean((stars - sum(planted.rating_scale) / 2) ** 2))
    assert rmse > 0.97 * middle


def test_tutorial_learns_the_planted_structure(planted):
    config = small_config(architecture="tutorial", epochs=20, batch_size=256, learning_rate=0.1)
    trained = train(config, planted)
    beats_the_baselines(trained.scorer, planted, recall=0.3, rmse=0.9)


# Records and stopping


def test_each_epoch_is_reported_when_it_ends():
    records = []
    config = small_config(retrieval_weight=2.0, rating_weight=0.5, epochs=3)
    trained = train(config, SPLIT, on_epoch=records.append)
    assert tuple(records) == trained.history
    assert not trained.stopped
    assert [record.epoch for record in records] == [1, 2, 3]
    assert 0 < records[0].seconds <= records[1].seconds <= records[2].seconds
    for record in records:
        weighted = 2.0 * record.retrieval_loss, 0.5 * record.rating_loss
        assert record.total_loss == pytest.approx(sum(weighted), rel=1e-5)
        assert record.retrieval_share == pytest.approx(weighted[0] / sum(weighted), rel=1e-5)
        assert set(record.validation_metrics) == {
            "rmse", "recall@20", "ndcg@20", "top_k_accuracy@100",
        }  # fmt: skip
    # Losses are relative to the trivial loss. Nothing is learnt yet: all scores are near 0, with a
    # loss of 1 per rating, and all predicted ratings are near the mean.
    trivial = SquaredRetrieval(config.unrated_weight, BiasModel(SPLIT)).trivial(SPLIT)
    assert records[0].retrieval_loss == pytest.approx(1 / trivial, rel=0.05)
    assert records[0].rating_loss == pytest.approx(1, abs=0.2)
    quick = evaluate(trained.scorer, SPLIT, "validation", quick=True)
    assert records[-1].validation_metrics == pytest.approx(quick, abs=1e-6)


@pytest.mark.usefixtures("eagerly")
def test_total_loss_of_the_tutorial_is_in_its_own_units():
    n = len(SPLIT.train)
    config = small_config(architecture="tutorial", batch_size=n, epochs=1)
    (record,) = train(config, WITHOUT_VALIDATION).history
    retrieval = n * np.log(n) * record.retrieval_loss  # summed over the batch
    rating = SPLIT.train.ratings.var() * record.rating_loss
    assert record.total_loss == pytest.approx(retrieval + rating, rel=1e-4)
    assert record.retrieval_loss == pytest.approx(1, abs=0.05)
    # There is no validation part here.
    assert record.validation_metrics == {}
    assert record.validation_retrieval_loss is None
    assert record.validation_rating_loss is None


def test_stop_ends_the_training_at_the_batch_and_keeps_what_was_learnt():
    config = small_config(epochs=50, batch_size=40)
    batches = len(list(build(config, SPLIT).epoch()))
    asked = []

    def should_stop():
        asked.append(None)
        return len(asked) == 2 * batches - 1

    trained = train(config, SPLIT, should_stop=should_stop)
    assert batches >= 2
    assert trained.stopped
    assert len(asked) == 2 * batches - 1  # the second epoch was not finished
    assert [record.epoch for record in trained.history] == [1]
    start = arrays_at_the_start(config, SPLIT)
    assert not np.allclose(trained.scorer.query, start["query"], atol=1e-3)


@pytest.mark.usefixtures("eagerly")
def test_stop_before_the_first_epoch_ends_leaves_no_records():
    trained = train(small_config(batch_size=20), SPLIT, should_stop=lambda: True)
    assert trained.stopped
    assert trained.history == ()
    assert trained.batches == 1


@pytest.mark.parametrize("fields", [{"epochs": 4}, {"epochs": 50}], ids=["eager", "in a graph"])
def test_training_that_diverges_says_what_to_change(fields):
    config = small_config(learning_rate=10, rating_learning_rate=10, batch_size=10, **fields)
    with pytest.raises(TrainingError, match=r"diverged in epoch \d+: .*; lower learning_rate$"):
        train(config, planted_split())


def test_few_steps_without_a_graph_learn_what_a_graph_learns(monkeypatch):
    config = small_config(epochs=2, batch_size=30)
    in_graph = scorer_arrays(config)
    monkeypatch.setattr(steps, "EAGER_STEPS", 100)
    eager = scorer_arrays(config)
    for name in ("query", "candidate", "rating_query", "rating_candidate"):
        np.testing.assert_allclose(eager[name], in_graph[name], atol=1e-4, err_msg=name)
