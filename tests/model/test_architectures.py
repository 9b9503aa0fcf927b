import numpy as np
import pytest
import tensorflow as tf

from recsys.model import steps
from recsys.model.architectures import build
from recsys.model.batches import tensors
from tests.synthetic import make_rows_split, random_split, small_config

SPLIT = random_split()


def built(config, split=SPLIT):
    """Return a model with its variables, and its first batch."""
    trainable = build(config, split)
    return trainable.model, tensors(next(trainable.epoch()))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (small_config(batch_size=10_000), 1),
        (small_config(batch_size=32), 3),
        (small_config(architecture="tutorial", batch_size=32), 3),
    ],
)
def test_steps_are_about_the_batches_of_an_epoch(config, expected):
    trainable = build(config, SPLIT)
    assert len(SPLIT.train) == 94
    assert trainable.steps == expected
    assert abs(len(list(trainable.epoch())) - expected) <= 1


def test_an_epoch_of_larger_data_has_larger_batches_not_more(monkeypatch):
    monkeypatch.setattr(steps, "MAX_STEPS", 5)
    assert build(small_config(batch_size=1), SPLIT).steps <= 6


@pytest.mark.parametrize("retrieval_weight", [0.0, 1.0])
def test_duet_score_bias_starts_without_any_popularity(retrieval_weight):
    model, _ = built(small_config(retrieval_weight=retrieval_weight))
    np.testing.assert_array_equal(model.candidate_tower.bias, np.zeros(SPLIT.n_movies))


def test_without_rating_weight_mean_and_std_are_those_of_the_scale():
    split = make_rows_split(2, 2, train=[(0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0), (1, 1, 5.0)])
    head = built(small_config(rating_weight=0.0), split)[0].rating_head
    assert (head.biases.mean, head.biases.std) == (3.0, 1.0)
    head = built(small_config(), split)[0].rating_head
    assert (head.biases.mean, head.biases.std) == (2.0, pytest.approx(3**0.5))


def test_raters_are_pooled_ten_times_an_epoch():
    def every(**fields):
        return build(small_config(**fields), SPLIT).model.rating_head.raters.every

    assert every(batch_size=10_000) == 1
    assert every(batch_size=2) == 47 // 10


def test_each_optimizer_starts_at_its_own_learning_rate_and_ends_near_zero():
    config = small_config(learning_rate=0.5, rating_learning_rate=0.25, epochs=3, batch_size=47)
    model = build(config, SPLIT).model
    rates = [optimizer.learning_rate for optimizer, _ in model.variable_groups()]
    assert [float(rate(0)) for rate in rates] == [0.5, 0.25]
    assert [float(rate(3 * 2)) for rate in rates] == pytest.approx([0.01, 0.005])


@pytest.mark.parametrize("architecture", ["duet", "tutorial"])
def test_equal_seeds_build_equal_models_and_other_seeds_others(architecture):
    def variables(seed):
        model, _ = built(small_config(architecture=architecture, seed=seed))
        return [variable.numpy() for variable in model.trainable_variables]

    first, again, other = variables(3), variables(3), variables(4)
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    # All biases start at 0.
    assert not any(
        np.array_equal(*p) for p in zip(first, other, strict=True) if p[0].ndim == 2 and p[0].any()
    )


def tutorial_reference(model, config):
    """Return a function that makes one step of the TFRS tutorial from the model's variables.

    Two embeddings, an MLP of 256 and 128, the summed in-batch softmax plus mean squared error,
    Adagrad 0.1 with its starting accumulator of 0.1.
    """
    variables = [tf.Variable(variable) for variable in model.trainable_variables]
    named = {variable.ref(): i for i, variable in enumerate(model.trainable_variables)}
    users, movies = (
        variables[named[table.ref()]]
        for table in (
            model.query_tower.user_embedding.embeddings,
            model.candidate_tower.movie_embedding,
        )
    )
    layers = [
        (variables[named[dense.kernel.ref()]], variables[named[dense.bias.ref()]])
        for dense in model.rating_head.mlp.layers
    ]
    optimizer = tf.keras.optimizers.Adagrad(0.1, initial_accumulator_value=0.1)

    def step(batch):
        with tf.GradientTape() as tape:
            query = tf.gather(users, tf.gather(batch["users"], batch["rows"]))
            candidate = tf.gather(movies, batch["movies"])
            logits = query @ tf.transpose(candidate)
            retrieval = tf.reduce_sum(
                tf.nn.softmax_cross_entropy_with_logits(tf.eye(len(query)), logits)
            )
            hidden = tf.concat([query, candidate], axis=1)
            for kernel, bias in layers[:-1]:
                hidden = tf.nn.relu(hidden @ kernel + bias)
            kernel, bias = layers[-1]
            predicted = (hidden @ kernel + bias)[:, 0]
            rating = tf.reduce_mean((predicted - batch["ratings"]) ** 2)
            total = config.retrieval_weight * retrieval + config.rating_weight * rating
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))

    return step, variables


@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_tutorial_step_is_the_step_of_the_tfrs_tutorial(weights):
    config = small_config(
        architecture="tutorial",
        retrieval_weight=weights[0],
        rating_weight=weights[1],
        batch_size=32,
    )
    model, batch = built(config)
    reference_step, expected = tutorial_reference(model, config)
    for _ in range(2):
        model.train_step(batch)
        reference_step(batch)
    for variable, wanted in zip(model.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(variable, wanted, rtol=1e-4, atol=1e-6, err_msg=variable.name)
