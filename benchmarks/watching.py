"""Cost of measuring each task's gradient norm on the shared variables in every step.

The duration of a training that measures the gradients, relative to one that computes the gradient
of the whole objective at once. The trainings alternate; tracing is counted.
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
    """Return a training's duration with measured gradients, divided by that without: the median."""
    training_seconds(config, split, plain_step)  # the first training is slower
    return median(
        training_seconds(config, split, MultiTaskModel.train_step)
        / training_seconds(config, split, plain_step)
        for _ in range(repeats)
    )


def training_seconds(config: RunConfig, split: Split, step: Step) -> float:
    """Return the seconds of a training with this training step."""
    start = time.perf_counter()
    trainable = build(config, split)
    graph = tf.function(lambda batch: step(trainable.model, batch), input_signature=[SIGNATURE])
    for _ in range(config.epochs):
        trainable.model.reset_metrics()
        for batch in trainable.epoch():
            losses = graph(tensors(batch))
    float(losses["rating_loss"])  # waits for the last step
    return time.perf_counter() - start


def plain_step(model: MultiTaskModel, batch: TensorBatch) -> dict[str, tf.Tensor]:
    """Make one step along the gradient of the whole objective."""
    with tf.GradientTape() as tape:
        objective = model.compute_loss(batch)
    groups = model.variable_groups()
    gradients = tape.gradient(objective, [variables for _, variables in groups])
    for (optimizer, variables), group in zip(groups, gradients, strict=True):
        pairs = zip(group, variables, strict=True)
        optimizer.apply_gradients([pair for pair in pairs if pair[0] is not None])
    losses = (model.retrieval_loss, model.rating_loss)
    return {metric.name: metric.result() for metric in losses}
