import numpy as np
import pytest
import tensorflow as tf

from recsys.config import SHARING, make_config
from recsys.evaluation.evaluate import evaluate
from recsys.model.all_ratios import KEPT
from recsys.model.architectures import build
from recsys.model.batches import by_user, tensors
from recsys.model.export import export
from recsys.model.training import train
from recsys.ratio import POSITIONS, weights_at
from tests.model.random_model import active_users, batch_of
from tests.synthetic import planted_split, random_split, small_config, with_attributes

SPLIT = with_attributes(random_split())


def line_model(split=SPLIT, seed=0, **fields):
    """Return a model of all ratios with random numbers at both ends."""
    model = build(small_config(all_ratios=True, **fields), split).model
    rng = np.random.default_rng(seed)
    for ends in model.ends.values():
        ends.assign(rng.normal(size=ends.shape, scale=0.3))
    return model


def test_parameters_at_a_position_lie_on_the_line_between_the_ends():
    model = line_model(sharing="tied")
    start, end = model.ends[model.candidate_tower.movie_embedding.ref()]
    for position, expected in [(0.0, start), (1.0, end), (0.25, 0.75 * start + 0.25 * end)]:
        model.move_to(position)
        np.testing.assert_allclose(model.candidate_tower.movie_embedding, expected, atol=1e-6)


def test_loss_weights_belong_to_the_position():
    model, line = line_model(sharing="tied"), small_config(all_ratios=True, sharing="tied")
    batch = batch_of(SPLIT, active_users(SPLIT))
    for position in (0.0, 0.3, 0.5, 1.0):
        model.move_to(position)
        weights = weights_at(position)
        np.testing.assert_allclose(model.weights(), weights, rtol=1e-5)
        plain = build(make_config(line.model_dump() | {"all_ratios": False}), SPLIT).model
        for theirs, own in zip(plain.trainable_variables, model_variables(model), strict=True):
            theirs.assign(own)
        alone = [float(task) for task in plain.objectives(batch)]
        expected = [weight * task for weight, task in zip(weights, alone, strict=True)]
        np.testing.assert_allclose(
            [float(task) for task in model.objectives(batch)], expected, rtol=1e-4
        )


def model_variables(model):
    ends = {both.ref() for both in model.ends.values()}
    return [variable for variable in model.trainable_variables if variable.ref() not in ends]


@pytest.mark.usefixtures("eagerly")
def test_step_moves_each_end_by_its_share_of_the_gradient():
    model = line_model(sharing="tied")
    # With plain gradient descent, the two ends move in the ratio of their shares.
    model.optimizer = tf.keras.optimizers.legacy.SGD(0.1)
    before = {ref: ends.numpy() for ref, ends in model.ends.items()}
    model.train_step(batch_of(SPLIT, active_users(SPLIT)))
    position = float(model.position)
    assert 0 < position < 1
    moved = 0
    for ref, ends in model.ends.items():
        start, end = ends.numpy() - before[ref]
        np.testing.assert_allclose(position * start, (1 - position) * end, atol=1e-5)
        moved += bool(start.any())
    assert moved == len(model.ends)


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("sharing", ["tied", "all"])
def test_rating_head_is_the_same_at_all_positions_and_learns_as_fast_at_each(sharing):
    config = small_config(all_ratios=True, sharing=sharing)
    batch = batch_of(SPLIT, active_users(SPLIT))
    learnt = []
    for steps in (0, 1):  # the next step is at 0.62, or at 0.24
        model = build(config, SPLIT).model  # both ends are equal
        model.rating_optimizer = tf.keras.optimizers.legacy.SGD(0.1)
        model.steps.assign(steps)
        model.train_step(batch)
        learnt.append([v.numpy() for v in model.variable_groups()[1][1]])
    assert all(variable.ref() not in model.ends for variable in model.variable_groups()[1][1])
    for first, second in zip(*learnt, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("sharing", SHARING)
def test_scorer_at_a_position_is_the_tensorflow_model_there(sharing):
    trained = train(small_config(all_ratios=True, sharing=sharing, epochs=1), SPLIT)
    model = build(small_config(all_ratios=True, sharing=sharing, epochs=1), SPLIT).model
    for batch in by_user(SPLIT, small_config().batch_size, 0)():
        model.train_step(tensors(batch))
    users = np.arange(SPLIT.n_users)
    movies = np.resize(np.arange(SPLIT.n_movies), SPLIT.n_users)
    for position in (0.0, 0.2, 0.5, 0.77, 1.0):
        model.move_to(position)
        expected, found = export(model, SPLIT), trained.scorer.at(position)
        np.testing.assert_allclose(found.scores(users), expected.scores(users), atol=1e-4)
        np.testing.assert_allclose(
            found.ratings(users, movies), expected.ratings(users, movies), atol=1e-4
        )


def test_each_end_is_the_better_model_of_its_task_where_one_dimension_must_serve_both():
    split = planted_split()
    config = small_config(all_ratios=True, sharing="tied", epochs=40, embedding_dimension=1)
    trained = train(config, split)
    start, end = (
        evaluate(scorer, split, "holdout") for scorer in (trained.scorer.start, trained.scorer.end)
    )
    assert start["ndcg@20"] > end["ndcg@20"] + 0.02
    assert end["rmse"] < start["rmse"] - 0.02


def test_some_epochs_have_the_metrics_of_a_few_positions():
    trained = train(small_config(all_ratios=True, sharing="tied", epochs=6), SPLIT)
    recorded = [record.epoch for record in trained.history if record.line]
    assert recorded == [1, 2, 3, 5, 6]  # and the last one
    last = trained.history[-1]
    assert [position for position, _, _ in last.line] == [0, 0.25, 0.5, 0.75, 1]
    scorer = trained.scorer.at(0.25)
    expected = evaluate(scorer, SPLIT, "validation")
    assert last.line[1] == pytest.approx((0.25, expected["rmse"], expected["ndcg@20"]), abs=1e-5)
    assert last.validation_metrics["rmse"] == pytest.approx(last.line[2][1], abs=1e-6)


@pytest.mark.usefixtures("eagerly")
def test_cosine_near_each_position_is_a_mean_that_forgets_the_first_steps(monkeypatch):
    model = line_model(sharing="tied")
    batch = batch_of(SPLIT, active_users(SPLIT))
    seen = {}
    for _ in range(40):  # more steps than positions: most are visited twice
        model.reset_metrics()
        model.train_step(batch)
        nearest = POSITIONS[round(float(model.position) * (len(POSITIONS) - 1))]
        cosine = float(model.diagnostics["gradient_cosine"].result())
        seen.setdefault(nearest, []).append(cosine)
    assert max(map(len, seen.values())) > 1
    expected = {}
    for position, cosines in seen.items():
        weights = [KEPT**age for age in reversed(range(len(cosines)))]
        expected[position] = np.average(cosines, weights=weights)
    assert model.mean_cosines() == pytest.approx(expected, abs=1e-5)


def test_training_returns_the_cosines_of_the_positions_it_visited():
    trained = train(small_config(all_ratios=True, sharing="tied", epochs=6), SPLIT)
    assert trained.cosines
    assert set(trained.cosines) <= set(POSITIONS)
    assert all(-1 <= cosine <= 1 for cosine in trained.cosines.values())
    assert train(small_config(sharing="tied", epochs=1), SPLIT).cosines == {}
