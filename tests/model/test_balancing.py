"""Loss balancing against hand-computed values; gradient norms and cosine against NumPy."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from recsys.config import BALANCING as CHOICES
from recsys.model.balancing import BALANCING, InverseLoss, PCGrad, Uncertainty
from recsys.model.training import train
from tests.model.random_model import active_users, batch_of, gradients, random_model
from tests.synthetic import random_split, small_config

pytestmark = pytest.mark.filterwarnings("ignore:Even though the")

SPLIT = random_split()
GRADIENT_METRICS = ("retrieval_gradient_norm", "rating_gradient_norm", "gradient_cosine")


def test_every_choice_of_a_config_is_implemented():
    assert tuple(BALANCING) == CHOICES


@pytest.mark.parametrize("name", BALANCING)
def test_factor_is_the_slope_of_the_objective(name):
    balancing = BALANCING[name]()
    for variable in balancing.trainable_variables:
        variable.assign(0.7)
    losses = [tf.constant(0.4), tf.constant(3.0)]
    with tf.GradientTape() as tape:
        tape.watch(losses)
        objectives = balancing.objectives(losses)
    slopes = tape.gradient(objectives, losses)
    assert [float(slope) for slope in slopes] == pytest.approx(
        [float(factor) for factor in balancing.factors(losses)]
    )


def test_uncertainty_is_learnt_until_the_variance_is_the_loss():
    balancing = Uncertainty()
    losses = [tf.constant(0.25), tf.constant(4.0)]
    for _ in range(300):
        with tf.GradientTape() as tape:
            objectives = balancing.objectives(losses)
        steps = tape.gradient(objectives, balancing.log_variances)
        for variable, step in zip(balancing.log_variances, steps, strict=True):
            variable.assign_sub(0.1 * step)
    variances = [float(tf.exp(variable)) for variable in balancing.log_variances]
    assert variances == pytest.approx([0.25, 4.0], rel=1e-3)
    assert [float(f) for f in balancing.factors(losses)] == pytest.approx([4.0, 0.25], rel=1e-3)


def test_inverse_loss_does_not_depend_on_the_unit_of_a_loss():
    factors = InverseLoss().factors([tf.constant(0.5), tf.constant(50.0)])
    assert [float(factor) for factor in factors] == pytest.approx([2.0, 0.02])


def test_a_loss_of_zero_gives_no_infinite_factor():
    factors = InverseLoss().factors([tf.constant(0.0), tf.constant(1.0)])
    assert np.isfinite([float(factor) for factor in factors]).all()


def adjusted(first, second):
    """Return two gradients as PCGrad adjusts them, on two variables of one number each."""
    as_tensors = ([tf.constant(x) for x in gradient] for gradient in (first, second))
    return tuple([float(x) for x in gradient] for gradient in PCGrad().adjust(*as_tensors))


def test_pcgrad_removes_the_part_against_the_other_gradient():
    # The dot product is -1, the squared lengths are 1 and 2.
    assert adjusted([1.0, 0.0], [-1.0, 1.0]) == ([0.5, 0.5], [0.0, 1.0])


def test_pcgrad_leaves_gradients_without_conflict():
    assert adjusted([1.0, 0.0], [2.0, 5.0]) == ([1.0, 0.0], [2.0, 5.0])


def test_pcgrad_of_a_gradient_of_zero_is_a_number():
    assert adjusted([0.0, 0.0], [-1.0, 1.0]) == ([0.0, 0.0], [-1.0, 1.0])


# What a step records


def diagnostics(model):
    return {
        name: float(mean.result()) for name, mean in model.diagnostics.items() if mean.count > 0
    }


@pytest.mark.parametrize("sharing", ["all", "part"])
def test_norms_and_cosine_are_those_of_the_shared_variables(sharing):
    weights = {"retrieval_weight": 2.0, "rating_weight": 0.5}
    model = random_model(SPLIT, sharing=sharing, rating_l2=0.0, retrieval_l2=0.0, **weights)
    batch = batch_of(SPLIT, active_users(SPLIT))
    retrieval, rating = (gradients(model, batch, of) for of in ("retrieval", "rating"))
    model.train_step(batch)

    shared = sorted(retrieval.keys() & rating.keys())
    assert shared == ["history_embedding", "movie_embedding"]
    a, b = (np.concatenate([of[name].ravel() for name in shared]) for of in (retrieval, rating))
    norms = np.linalg.norm(a), np.linalg.norm(b)
    expected = {
        "retrieval_gradient_norm": 2.0 * model.retrieval.scale * norms[0],
        "rating_gradient_norm": 0.5 * model.rating.scale * norms[1],
        "gradient_cosine": a @ b / (norms[0] * norms[1]),
        "retrieval_log_factor": 0.0,
        "rating_log_factor": 0.0,
    }
    assert diagnostics(model) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "fields", [{"sharing": "none"}, {"rating_weight": 0.0}, {"retrieval_weight": 0.0}]
)
def test_no_gradient_metrics_without_shared_variables(fields):
    history = train(small_config(epochs=1, **fields), SPLIT).history
    assert [getattr(history[0], name) for name in GRADIENT_METRICS] == [None] * 3


@pytest.mark.parametrize("architecture", ["duet", "tutorial"])
def test_combined_gradient_is_that_of_the_whole_objective(architecture):
    model = random_model(SPLIT, architecture=architecture)
    batch = batch_of(SPLIT, active_users(SPLIT))
    variables = model.trainable_variables
    with tf.GradientTape() as tape:
        objective = model.compute_loss(batch)
    expected = tape.gradient(objective, variables)
    with tf.GradientTape(persistent=True) as tape:
        objectives = model.objectives(batch)
    added = model.combined(*(tape.gradient(one, variables) for one in objectives))
    for variable, gradient, other in zip(variables, added, expected, strict=True):
        assert (gradient is None) == (other is None), variable.name
        if gradient is not None:
            np.testing.assert_allclose(
                tf.convert_to_tensor(gradient), tf.convert_to_tensor(other), atol=1e-5
            )


# In a training


@pytest.mark.parametrize("architecture", ["duet", "tutorial"])
@pytest.mark.parametrize("balancing", BALANCING)
def test_records_hold_factors_and_gradient_metrics(architecture, balancing):
    config = small_config(architecture=architecture, epochs=3, balancing=balancing)
    history = train(config, SPLIT).history
    for record in history:
        assert record.retrieval_gradient_norm > 0
        assert record.rating_gradient_norm > 0
        assert -1 <= record.gradient_cosine <= 1
    factors = {(record.retrieval_factor, record.rating_factor) for record in history}
    if balancing in ("fixed", "pcgrad"):
        assert factors == {(1.0, 1.0)}
    else:
        assert len(factors) == 3


def test_share_of_the_total_counts_the_factors():
    record = train(small_config(epochs=1, balancing="inverse-loss"), SPLIT).history[0]
    parts = [
        record.retrieval_factor * record.retrieval_loss,
        record.rating_factor * record.rating_loss,
    ]
    assert record.total_loss == pytest.approx(sum(parts), rel=1e-4)
    assert record.retrieval_share == pytest.approx(parts[0] / sum(parts), rel=1e-4)


@pytest.mark.parametrize("balancing", ["uncertainty", "inverse-loss", "pcgrad"])
def test_one_task_alone_is_not_balanced(balancing):
    fields = {"epochs": 1, "rating_weight": 0.0}
    plain, balanced = (
        train(small_config(balancing=choice, **fields), SPLIT) for choice in ("fixed", balancing)
    )
    for record, other in zip(plain.history, balanced.history, strict=True):
        assert replace(record, seconds=0.0) == replace(other, seconds=0.0)
    for name in ("query", "candidate"):
        arrays = (trained.scorer.to_arrays()[name] for trained in (plain, balanced))
        np.testing.assert_allclose(*arrays, atol=1e-5)
