"""Train one run: fit the model, tell of each epoch, stop when asked, give back a Scorer."""

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
from recsys.model.architectures import build
from recsys.model.export import export
from recsys.records import EpochRecord
from recsys.scorer import TwoTowerScorer

# Users whose validation ratings are measured after each epoch: the curves need no more.
WATCHED_USERS = 5_000
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
    watch = _Watch(config, split, on_epoch, should_stop)
    try:
        trainable.model.fit(trainable.batches, epochs=config.epochs, callbacks=[watch], verbose=0)
    except tf.errors.ResourceExhaustedError:
        raise TrainingError(
            "not enough memory: lower batch_size, embedding_dimension or softmax_candidates"
        ) from None
    scorer = export(trainable.model, split)
    return Trained(scorer, tuple(watch.history), watch.stopped, watch.batches)


class _Watch(tf.keras.callbacks.Callback):
    """Records each epoch, and ends the training when asked or when it has failed."""

    def __init__(
        self,
        config: RunConfig,
        split: Split,
        on_epoch: Callable[[EpochRecord], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        super().__init__()
        self.config = config
        self.split = split
        self.on_epoch = on_epoch or (lambda record: None)
        self.should_stop = should_stop or (lambda: False)
        self.history: list[EpochRecord] = []
        self.stopped = False
        self.batches = 0
        self.start = time.perf_counter()
        users = np.unique(split.validation.users)
        if len(users) > WATCHED_USERS:
            users = np.random.default_rng(0).choice(users, WATCHED_USERS, replace=False)
        self.users = users

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self.batches += 1
        if self.should_stop():
            self.stopped = self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.stopped or not logs:
            return
        losses = (
            logs["retrieval_loss"] / self.model.retrieval.trivial,
            logs["rating_loss"] / self.model.rating.trivial,
        )
        if not all(loss < DIVERGED for loss in losses):  # NaN is not below either
            raise TrainingError(
                f"the training diverged in epoch {epoch + 1}, its loss is {max(losses):.3g} times "
                f"the trivial one: lower learning_rate (now {self.config.learning_rate:g})"
            )
        record = self._record(epoch + 1, *map(float, losses))
        self.history.append(record)
        self.on_epoch(record)

    def _record(self, epoch: int, retrieval_loss: float, rating_loss: float) -> EpochRecord:
        model, split = self.model, self.split
        metrics: dict[str, float] = {}
        validation: tuple[float, float] | None = None
        if len(self.users):
            scorer = export(model, split)
            metrics = evaluate(scorer, split, "validation", self.users, quick=True)
            validation = validation_losses(scorer, split, self.users)
        retrieval = model.retrieval.weighted(retrieval_loss * model.retrieval.trivial)
        total = retrieval + model.rating.weighted(rating_loss * model.rating.trivial)
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
        )
