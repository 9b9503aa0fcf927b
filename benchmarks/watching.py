"""What it costs that every step tells how each task pulls at what they share.

A training that watches its gradients against one that takes the gradient of the whole objective
at once and looks at nothing, in turn and so as a ratio. Tracing counts.
"""

import time
from collections.abc import Callable
from statistics import median

import recsys  # noqa: F401 - before TensorFlow: it selects the Keras that TFRS speaks

# isort: split
import tensorflow as tf

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.model.architectures import build
from recsys.model.batches import SIGNATURE, TensorBatch, tensors
from recsys.model.multitask import MultiTaskModel

Step = Callable[[MultiTaskModel, TensorBatch], dict[str, tf.Tensor]]


def watching_ratio(config: RunConfig, split: Split, repeats: int) -> float:
    """Return how many times as long a training takes because it watches; median of `repeats`."""
    training_seconds(config, split, plain_step)  # what comes first is slower
    return median(
        training_seconds(config, split, MultiTaskModel.train_step)
        / training_seconds(config, split, plain_step)
        for _ in range(repeats)
    )


def training_seconds(config: RunConfig, split: Split, step: Step) -> float:
    """Return the seconds of a training that makes its steps so."""
    start = time.perf_counter()
    trainable = build(config, split)
    graph = tf.function(lambda batch: step(trainable.model, batch), input_signature=[SIGNATURE])
    for _ in range(config.epochs):
        trainable.model.reset_metrics()
        for batch in trainable.epoch():
            losses = graph(tensors(batch))
    float(losses["rating_loss"])  # until the last step is done
    return time.perf_counter() - start


def plain_step(model: MultiTaskModel, batch: TensorBatch) -> dict[str, tf.Tensor]:
    """Make one step down the gradient of the whole objective."""
    with tf.GradientTape() as tape:
        objective = model.compute_loss(batch)
    groups = model.variable_groups()
    gradients = tape.gradient(objective, [variables for _, variables in groups])
    for (optimizer, variables), group in zip(groups, gradients, strict=True):
        pairs = zip(group, variables, strict=True)
        optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None])
    losses = (model.retrieval_loss, model.rating_loss)
    return {metric.name: metric.result() for metric in losses}
