"""A training that takes the graph of an earlier one gives the same model as one of its own."""

import gc
import threading
import weakref

import numpy as np
import pytest
import tensorflow as tf

from recsys.config import RunConfig
from recsys.model import traced
from recsys.model.training import Trained, train
from tests.synthetic import random_split, small_config, with_attributes

SPLIT = with_attributes(random_split(40, 30))
BASE = {"epochs": 6, "batch_size": 100}
# Another value of every field that the graph reads from a variable.
OTHERS = {
    "retrieval_weight": 0.3,
    "rating_weight": 2.5,
    "learning_rate": 0.004,
    "rating_learning_rate": 0.03,
    "retrieval_l2": 0.7,
    "rating_l2": 0.2,
    "unrated_weight": 0.2,
    "epochs": 8,
    "seed": 5,
}


@pytest.fixture(autouse=True)
def no_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start every test without a kept graph."""
    monkeypatch.setattr(traced, "_kept", [])


def config(**fields: object) -> RunConfig:
    return small_config(**BASE | fields)


def alone(one: RunConfig, split=SPLIT) -> Trained:
    """Train without an earlier graph, and leave none."""
    traced._kept.clear()
    trained = train(one, split)
    traced._kept.clear()
    return trained


def assert_same(first: Trained, second: Trained) -> None:
    """Check that they are equal up to the rounding of a sum: other numbers differ far more."""
    assert_same_arrays(first.scorer.to_arrays(), second.scorer.to_arrays())
    for one, other in zip(first.history, second.history, strict=True):
        for name in ("retrieval_loss", "validation_retrieval_loss", "gradient_cosine"):
            expected = getattr(one, name)  # None: not measured
            close = expected and pytest.approx(expected, rel=1e-4, abs=1e-6)
            assert getattr(other, name) == close
        assert one.total_loss == pytest.approx(other.total_loss, rel=1e-4)
        assert one.validation_metrics == pytest.approx(other.validation_metrics, rel=1e-4)


def assert_same_arrays(expected: dict, found: dict) -> None:
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        if values.dtype.kind == "U":
            assert set(values.ravel()) == set(found[name].ravel())
            continue
        np.testing.assert_allclose(found[name], values, rtol=1e-4, atol=1e-6, err_msg=name)


def test_every_number_has_another_value_here() -> None:
    assert set(OTHERS) == set(traced.NUMBERS)


@pytest.mark.parametrize("sharing", ["all", "tied", "mapped", "none"])
def test_graph_of_other_numbers_gives_the_same_model(sharing: str) -> None:
    second = config(sharing=sharing, **OTHERS)
    expected = alone(second)
    first = train(config(sharing=sharing), SPLIT)
    before = {name: array.copy() for name, array in first.scorer.to_arrays().items()}
    kept = traced._kept[0][1]
    found = train(second, SPLIT)
    assert [one for _, one in traced._kept] == [kept]  # it was used again
    assert_same(expected, found)
    for name, array in first.scorer.to_arrays().items():  # the earlier model stays as it was
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("balancing", ["uncertainty", "inverse-loss", "pcgrad"])
def test_graph_with_loss_balancing(balancing: str) -> None:
    second = config(balancing=balancing, **OTHERS)
    expected = alone(second)
    train(config(balancing=balancing), SPLIT)
    assert_same(expected, train(second, SPLIT))
    assert len(traced._kept) == 1


def test_graph_of_all_ratios() -> None:
    numbers = {k: v for k, v in OTHERS.items() if not k.endswith("_weight") or k[0] == "u"}
    second = config(sharing="tied", all_ratios=True, **numbers)
    expected = alone(second)
    train(config(sharing="tied", all_ratios=True), SPLIT)
    found = train(second, SPLIT)
    assert len(traced._kept) == 1
    for position in (0.0, 0.5, 1.0):
        ours, theirs = (t.scorer.at(position).to_arrays() for t in (found, expected))
        assert_same_arrays(theirs, ours)
    assert found.cosines == pytest.approx(expected.cosines, rel=1e-3, abs=1e-5)


def test_graph_of_the_tutorial() -> None:
    numbers = {k: OTHERS[k] for k in ("retrieval_weight", "rating_weight", "seed", "epochs")}
    second = config(architecture="tutorial", learning_rate=0.03, **numbers)
    expected = alone(second)
    train(config(architecture="tutorial"), SPLIT)
    assert_same(expected, train(second, SPLIT))
    assert len(traced._kept) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"embedding_dimension": 3},
        {"rating_members": 3},
        {"attributes": False},
        {"batch_size": 50},
        {"balancing": "pcgrad"},
        {"rating_weight": 0.0},
        {"retrieval_weight": 0.0},
        {"sharing": "all"},
    ],
    ids=str,
)
def test_another_shape_has_a_graph_of_its_own(fields: dict) -> None:
    second = config(**fields)
    expected = alone(second)
    train(config(), SPLIT)
    assert_same(expected, train(second, SPLIT))
    assert len(traced._kept) == 2


def test_other_data_have_a_graph_of_their_own() -> None:
    other = with_attributes(random_split(40, 30, seed=3))
    expected = alone(config(), other)
    train(config(), SPLIT)
    assert_same(expected, train(config(), other))
    same_ratings = with_attributes(random_split(40, 30), seed=4)
    expected = alone(config(), same_ratings)
    assert_same(expected, train(config(), same_ratings))


def test_no_pass_of_tensorflow_may_reorder_reads_and_writes() -> None:
    for batch_size in (100, 8):  # the second one takes so many steps that its graph has a branch
        train(config(batch_size=batch_size), SPLIT)
        assert not tf.config.optimizer.get_experimental_options()["dependency_optimization"]


def test_only_a_graph_with_a_branch_has_the_passes_of_tensorflow() -> None:
    for batch_size, has_branch in ((100, False), (8, True), (100, False), (8, True)):
        train(config(batch_size=batch_size), SPLIT)
        options = tf.config.optimizer.get_experimental_options()
        assert options["disable_meta_optimizer"] is not has_branch


def test_trainings_at_the_same_time_do_not_share_a_graph() -> None:
    configs = [config(seed=seed) for seed in range(3)]
    expected = [alone(one) for one in configs]
    train(config(), SPLIT)  # one graph is there for three
    found: dict[int, Trained] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: train(configs[i], SPLIT)}))
        for i in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, one in enumerate(expected):
        assert_same(one, found[i])


def test_large_models_and_data_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traced, "MOST_BYTES", 1000)
    train(config(), SPLIT)
    monkeypatch.undo()
    monkeypatch.setattr(traced, "MOST_RATINGS", 10)
    monkeypatch.setattr(traced, "_kept", [])
    train(config(), SPLIT)
    assert not traced._kept


def test_kept_graphs_take_limited_memory_together(monkeypatch: pytest.MonkeyPatch) -> None:
    train(config(embedding_dimension=2), SPLIT)
    monkeypatch.setattr(traced, "MOST_BYTES", 2.5 * traced._bytes(traced._kept[0][1]))
    for dimension in (3, 4, 5):
        train(config(embedding_dimension=dimension), SPLIT)
    assert len(traced._kept) == 2  # the last ones
    assert traced._kept[-1][1].model.query_tower.history_embedding.shape[1] == 5


def test_only_a_few_graphs_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traced, "MOST_KEPT", 2)
    for dimension in (2, 3, 4):
        train(config(embedding_dimension=dimension), SPLIT)
    assert len(traced._kept) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sharing": "mapped", "balancing": "pcgrad"},
        {"all_ratios": True},
        {"architecture": "tutorial", "batch_size": 100},
    ],
)
def test_graph_that_is_not_kept_is_freed_with_its_data(fields: dict) -> None:
    train(config(**fields), SPLIT)
    graph = weakref.ref(traced._kept[0][1].step.get_concrete_function().graph)
    assert graph() is not None
    traced.forget()
    gc.collect()
    assert graph() is None


def test_graph_of_a_training_that_failed_is_not_kept() -> None:
    with pytest.raises(ValueError, match="diverged"):
        train(config(architecture="tutorial", learning_rate=10.0, epochs=40), SPLIT)
    assert not traced._kept
