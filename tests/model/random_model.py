"""Models with random numbers in every variable."""

import numpy as np
import tensorflow as tf

from recsys.data.splits import Split
from recsys.model.architectures import build
from recsys.model.batches import TensorBatch, tensors, user_batch
from recsys.model.multitask import MultiTaskModel
from tests.synthetic import small_config


def random_model(split: Split, seed: int = 0, **fields: object) -> MultiTaskModel:
    """Return a model with random numbers in every variable, so that each has an effect."""
    model = build(small_config(**fields), split).model
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.3))
    model.reset_metrics()
    return model


def active_users(split: Split, seed: int = 0) -> np.ndarray:
    """Return the codes of the users with train ratings, in a random order."""
    return np.random.default_rng(seed).permutation(np.unique(split.train.users))


def batch_of(split: Split, users: np.ndarray) -> TensorBatch:
    """Return the batch of these users, as tensors."""
    return tensors(user_batch(split, users))


def gradients(model: MultiTaskModel, batch: TensorBatch, of: str) -> dict[str, np.ndarray]:
    """Return the gradients of the "retrieval" or "rating" loss on the variables that have one.

    The keys are the variables' names, without the `:0`.
    """
    with tf.GradientTape() as tape:
        if of == "retrieval":
            loss = model.retrieval_task(model.query_tower(batch), batch)
        else:
            ratings, _ = model.rating_head(batch, model.query_tower(batch))
            loss = tf.reduce_mean((ratings - batch["ratings"][:, tf.newaxis]) ** 2)
    variables = model.trainable_variables
    found = tape.gradient(loss, variables)
    return {
        variable.name.split(":")[0]: tf.convert_to_tensor(gradient).numpy()
        for variable, gradient in zip(variables, found, strict=True)
        if gradient is not None
    }
