"""Train one run: fit the model, report each epoch, stop on request, return a Scorer."""

import gc
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.errors import DuetError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.ranking import CHUNK_SCORES
from recsys.line import KNOTS, LineScorer, StoredScorer
from recsys.memory import give_back
from recsys.model.all_ratios import AllRatiosModel
from recsys.model.architectures import Trainable, build
from recsys.model.batches import tensors
from recsys.model.export import export
from recsys.model.losses import RetrievalLoss, ValidationLosses
from recsys.model.multitask import LOG_FACTORS, MultiTaskModel
from recsys.model.steps import is_traced
from recsys.model.traced import MOST_RATINGS, Traced, traced, untraced
from recsys.runs.records import EpochRecord
from recsys.scorer import Scorer
from recsys.threads import one_blas_thread

# At most this many users are evaluated on validation after each epoch; enough for the curves.
VALIDATION_USERS = 5_000
# With `all_ratios`, validation is measured at these positions. This takes longer than an epoch: it
# is done in the epochs 1, 2, 3, 5, 8 … , each at least LINE_GROWTH times the one before, and in the
# last one.
LINE_POSITIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
LINE_GROWTH = 1.5
DIVERGED = 1e6  # a loss this many times the trivial loss means divergence


class TrainingError(DuetError):
    """A training that failed; the message is one line for the user."""


@dataclass(frozen=True)
class Trained:
    """The result of a training.

    Attributes:
        scorer: the trained model.
        history: one record per finished epoch.
        stopped: whether the training was stopped before its last epoch ended.
        batches: number of training steps taken.
        cosines: with `all_ratios`, the mean cosine of the gradients by position of the line.
    """

    scorer: StoredScorer
    history: tuple[EpochRecord, ...]
    stopped: bool
    batches: int
    cosines: Mapping[float, float] = field(default_factory=dict)


def train(
    config: RunConfig,
    split: Split,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Trained:
    """Train the model that `config` describes on the train part of `split`.

    Args:
        config: what to train.
        split: the model is evaluated on its validation part after each epoch; the holdout is not
            used.
        on_epoch: called with each epoch's record.
        should_stop: called after each batch; True ends the training and keeps the model as it is.

    Raises:
        TrainingError: the loss diverged, or there was not enough memory.
    """
    # Threads of BLAS wait busily after each product: they take the processor from what follows.
    with one_blas_thread():
        trainable = build(config, split)
    if not is_traced(config, len(split.train)):
        return _train(config, split, trainable, untraced(trainable.model), on_epoch, should_stop)
    with traced(trainable.model, trainable.variables, config, split) as graph, one_blas_thread():
        trained = _train(config, split, trainable, graph, on_epoch, should_stop)
    if len(split.train) > MOST_RATINGS:
        # Nobody needs the model any more, but its parts refer to each other. The evaluation that
        # follows needs their memory.
        del trainable, graph
        gc.collect()
        give_back()
    return trained


def _train(
    config: RunConfig,
    split: Split,
    trainable: Trainable,
    graph: Traced,
    on_epoch: Callable[[EpochRecord], None] | None,
    should_stop: Callable[[], bool] | None,
) -> Trained:
    model = graph.model
    recorder = _EpochRecorder(graph, trainable.retrieval_loss, split, config.epochs)
    stop = should_stop or (lambda: False)
    history: list[EpochRecord] = []
    batches = 0
    stopped = False
    try:
        for epoch in range(1, config.epochs + 1):
            model.reset_metrics()
            for batch in trainable.epoch():
                losses = graph.step(tensors(batch))
                batches += 1
                stopped = stop()
                if stopped:
                    break
            if stopped:
                break
            history.append(recorder.record(epoch, losses))
            if on_epoch:
                on_epoch(history[-1])
    except tf.errors.ResourceExhaustedError:
        raise TrainingError("not enough memory: lower batch_size or embedding_dimension") from None
    if len(split.train) > MOST_RATINGS:
        give_back()  # what the steps took: the export needs as much
    cosines = model.mean_cosines() if isinstance(model, AllRatiosModel) else {}
    return Trained(_trained_scorer(graph, split), tuple(history), stopped, batches, cosines)


def _trained_scorer(graph: Traced, split: Split, users: np.ndarray | None = None) -> StoredScorer:
    """Return what the model has learnt, see `export`."""
    model = graph.model
    if not isinstance(model, AllRatiosModel):
        return export(model, split, users, graph)
    knots = {}
    for knot, position in KNOTS.items():
        model.move_to(position)
        knots[knot] = export(model, split, users, graph)
    return LineScorer(**knots)


class _EpochRecorder:
    """Evaluates the model after each epoch, and detects a training that has diverged."""

    def __init__(
        self, graph: Traced, retrieval_loss: RetrievalLoss, split: Split, epochs: int
    ) -> None:
        self.epochs = epochs
        self.graph = graph
        self.model = graph.model
        self.split = split
        self.start = time.perf_counter()
        self.line_due = 1
        users = np.unique(split.validation.users)
        if len(users) > VALIDATION_USERS:
            users = np.random.default_rng(0).choice(users, VALIDATION_USERS, replace=False)
        self.users = users
        self.losses = ValidationLosses(split, retrieval_loss, users)

    def record(self, epoch: int, losses: dict[str, tf.Tensor]) -> EpochRecord:
        """Return the record of an epoch from its mean losses on train.

        Raises:
            TrainingError: the training has diverged.
        """
        retrieval_loss = float(losses["retrieval_loss"]) / self.model.retrieval.trivial
        rating_loss = float(losses["rating_loss"]) / self.model.rating.trivial
        # Written with `not`, so that NaN counts as diverged too.
        if not (retrieval_loss < DIVERGED and rating_loss < DIVERGED):
            raise TrainingError(
                f"the training diverged in epoch {epoch}: the loss is "
                f"{max(retrieval_loss, rating_loss):.3g} times the trivial loss; "
                "lower learning_rate"
            )
        model = self.model
        means = _means(model)
        metrics: dict[str, float] = {}
        validation: tuple[float, float] | None = None
        line: list[tuple[float, float, float]] = []
        if len(self.users) and (epoch >= self.line_due or epoch == self.epochs):
            scorer = _trained_scorer(self.graph, self.split, self.users)
            once = _ScoredOnce(scorer)
            validation = self.losses.of(once)
            if isinstance(scorer, LineScorer):
                self.line_due = math.ceil(epoch * LINE_GROWTH)
                by_position = {p: self._metrics(scorer.at(p)) for p in LINE_POSITIONS}
                line = [(p, own["rmse"], own["ndcg@20"]) for p, own in by_position.items()]
                metrics = by_position[KNOTS["middle"]]
            else:
                metrics = self._metrics(once)
        factors = [math.exp(means.pop(name)) for name in LOG_FACTORS]
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
            line=tuple(line),
            **means,
        )

    def _metrics(self, scorer: Scorer) -> dict[str, float]:
        return evaluate(scorer, self.split, "validation", self.users, quick=True)


def _means(model: MultiTaskModel) -> dict[str, float]:
    """Return the mean of each diagnostic; without shared variables, there are no gradient norms."""
    # As plain numbers: with an operation for each mean, this took as long as ranking the movies of
    # hundreds of users.
    sums = {k: (float(mean.total), float(mean.count)) for k, mean in model.diagnostics.items()}
    return {name: total / count for name, (total, count) in sums.items() if count}


class _ScoredOnce:
    """A scorer whose outputs for the same users, asked for twice in a row, are computed once."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._last: tuple[np.ndarray, np.ndarray] | None = None  # users and their scores
        self._rated: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None  # pairs and ratings

    @property
    def tasks(self) -> frozenset[str]:
        return self._scorer.tasks

    def scores(self, users: np.ndarray) -> np.ndarray:
        last, self._last = self._last, None
        if last is not None and np.array_equal(last[0], users):
            return last[1]
        scores = self._scorer.scores(users)
        if scores.size <= CHUNK_SCORES:  # else the evaluation asks for other chunks of users
            self._last = users, scores.copy()  # the caller may write into its own
        return scores

    def ratings(self, users: np.ndarray, movies: np.ndarray) -> np.ndarray:
        last = self._rated
        if last is None or not (np.array_equal(last[0], users) and np.array_equal(last[1], movies)):
            last = self._rated = users, movies, self._scorer.ratings(users, movies)
        return last[2]
