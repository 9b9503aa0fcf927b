"""Train one run: fit the model, tell of each epoch, stop when asked, give back a Scorer."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.errors import DuetError
from recsys.evaluation import evaluate
from recsys.losses import validation_losses
from recsys.model.architectures import Trainable, build
from recsys.model.batches import SIGNATURE, tensors
from recsys.model.export import export
from recsys.model.multitask import FACTORS
from recsys.records import EpochRecord
from recsys.scorer import TwoTowerScorer

# Users whose validation ratings are measured after each epoch: the curves need no more.
WATCHED_USERS = 5_000
EAGER_STEPS = 4  # making a graph of the step takes about as long as this many steps without one
DIVERGED = 1e6  # times the trivial loss


class TrainingError(DuetError):
    """A training that came to nothing; its message is one line for the user."""


@dataclass(frozen=True)
class Trained:
    """What a training gives back.

    Attributes:
        scorer: what was learnt.
        history: one record an epoch that was finished.
        stopped: whether the training was ended before its time.
        batches: how many batches it has seen.
    """

    scorer: TwoTowerScorer
    history: tuple[EpochRecord, ...]
    stopped: bool
    batches: int


def train(
    config: RunConfig,
    split: Split,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Trained:
    """Train the model that `config` describes on the train part of `split`.

    Args:
        config: what to train.
        split: its validation part is measured after every epoch; its holdout is not touched.
        on_epoch: called with each epoch's record.
        should_stop: asked after each batch; what was learnt until then is kept.

    Raises:
        TrainingError: the loss grew beyond all bounds, or the memory did not suffice.
    """
    trainable = build(config, split)
    model = trainable.model
    watch = _Watch(trainable, split)
    stop = should_stop or (lambda: False)
    step = model.train_step
    if config.epochs * trainable.steps > EAGER_STEPS:
        step = tf.function(step, input_signature=[SIGNATURE])
    history: list[EpochRecord] = []
    batches = 0
    stopped = False
    try:
        for epoch in range(1, config.epochs + 1):
            model.reset_metrics()
            for batch in trainable.epoch():
                losses = step(tensors(batch))
                batches += 1
                stopped = stop()
                if stopped:
                    break
            if stopped:
                break
            history.append(watch.record(epoch, losses))
            if on_epoch:
                on_epoch(history[-1])
    except tf.errors.ResourceExhaustedError:
        raise TrainingError("not enough memory: lower batch_size or embedding_dimension") from None
    return Trained(export(model, split), tuple(history), stopped, batches)


class _Watch:
    """Measures each epoch, and fails a training that has diverged."""

    def __init__(self, trainable: Trainable, split: Split) -> None:
        self.model = trainable.model
        self.retrieval_loss = trainable.retrieval_loss
        self.split = split
        self.start = time.perf_counter()
        users = np.unique(split.validation.users)
        if len(users) > WATCHED_USERS:
            users = np.random.default_rng(0).choice(users, WATCHED_USERS, replace=False)
        self.users = users

    def record(self, epoch: int, losses: dict[str, tf.Tensor]) -> EpochRecord:
        """Return the record of an epoch with these mean losses on train.

        Raises:
            TrainingError: the losses are beyond all bounds.
        """
        retrieval_loss = float(losses["retrieval_loss"]) / self.model.retrieval.trivial
        rating_loss = float(losses["rating_loss"]) / self.model.rating.trivial
        # NaN is not below either.
        if not (retrieval_loss < DIVERGED and rating_loss < DIVERGED):
            raise TrainingError(
                f"the training diverged in epoch {epoch}, its loss is "
                f"{max(retrieval_loss, rating_loss):.3g} times the trivial one: lower learning_rate"
            )
        model, split = self.model, self.split
        # Without a variable that both tasks move, nothing is counted of the gradients.
        watched = {k: float(mean.result()) for k, mean in model.watched.items() if mean.count > 0}
        metrics: dict[str, float] = {}
        validation: tuple[float, float] | None = None
        if len(self.users):
            scorer = export(model, split, self.users)
            metrics = evaluate(scorer, split, "validation", self.users, quick=True)
            validation = validation_losses(scorer, split, self.retrieval_loss, self.users)
        factors = [math.exp(watched.pop(name)) for name in FACTORS]
        retrieval = factors[0] * model.retrieval.weighted(retrieval_loss * model.retrieval.trivial)
        rating = factors[1] * model.rating.weighted(rating_loss * model.rating.trivial)
        total = retrieval + rating
        return EpochRecord(
            epoch=epoch,
            retrieval_loss=retrieval_loss,
            rating_loss=rating_loss,
            total_loss=total,
            retrieval_share=retrieval / total if total else 0.0,
            validation_retrieval_loss=validation and validation[0],
            validation_rating_loss=validation and validation[1],
            validation_metrics=metrics,
            seconds=time.perf_counter() - self.start,
            retrieval_factor=factors[0],
            rating_factor=factors[1],
            **watched,
        )
