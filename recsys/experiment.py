"""One run from request to result: load, split, train, evaluate, store."""

import copy
import resource
import sys
import time
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from recsys.baselines import BASELINES
from recsys.config import RunConfig, run_id
from recsys.data.splits import Split, make_split
from recsys.data.tables import Dataset
from recsys.errors import StoppedEarlyError
from recsys.evaluation.evaluate import evaluate
from recsys.line import LineScorer, StoredScorer
from recsys.memory import available_bytes
from recsys.model.memory import Sizes, refuse_too_large, scorer_bytes
from recsys.ratio import POSITIONS
from recsys.runs.files import DamagedRunError, RunNotFoundError
from recsys.runs.records import EpochRecord, LinePoint, Run
from recsys.runs.store import RunStore
from recsys.scorer import Scorer

if TYPE_CHECKING:
    from recsys.model.training import Trained

Baselines = dict[str, dict[str, dict[str, float]]]  # baseline -> part -> metrics
Phase = Literal["loading", "training", "evaluating"]
PARTS: tuple[Literal["validation", "holdout"], ...] = ("validation", "holdout")


# What the runs of a sweep have in common: the last splits of a data set, and the baselines on them.
# On larger data they are a small part of a run, and take much memory.
MOST_KEPT = 1_000_000  # ratings
SPLITS_KEPT = 2
_splits: WeakKeyDictionary[Dataset, dict[Hashable, Split]] = WeakKeyDictionary()
_baselines: WeakKeyDictionary[Split, Baselines] = WeakKeyDictionary()


def split_for(config: RunConfig, dataset: Dataset) -> Split:
    """Return the split that `config` asks for; the same one again, if it was asked for lately.

    Raises:
        DataError: the data set cannot be split this way.
    """
    asked = config.split, config.holdout, config.validation, config.split_seed
    kept = _splits.get(dataset, {})
    split = kept.get(asked)
    if split is None:
        kind, holdout, validation, seed = asked
        split = make_split(dataset, kind=kind, holdout=holdout, validation=validation, seed=seed)
    if len(dataset.ratings) <= MOST_KEPT:
        others = [(one, other) for one, other in kept.items() if one != asked]
        _splits[dataset] = dict([*others, (asked, split)][-SPLITS_KEPT:])
    return split


def run_experiment(
    config: RunConfig,
    dataset: Dataset,
    store: RunStore,
    *,
    load_seconds: float = 0.0,
    on_phase: Callable[[Phase], None] | None = None,
    on_epoch: Callable[[EpochRecord], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Run:
    """Return the run of `config` on `dataset`: the stored run, or a new one, which is stored.

    Args:
        config: the settings of the run.
        dataset: the data set that `config.data` names.
        store: where runs are kept.
        load_seconds: how long loading the data set took; it is added to the run's seconds.
        on_phase: called at the start of each phase.
        on_epoch: called with the record of each epoch.
        should_stop: called after each batch; True stops the training. A stopped run is stored
            under another id.

    Raises:
        DataError: the data set cannot be split this way.
        StoppedEarlyError: it was stopped before the end of its first epoch; nothing is stored.
        TooLargeError: it needs more memory than there is.
        TrainingError: the training failed.
        RunError: the store cannot be written.
    """
    request = run_id(config, dataset.fingerprint)
    stored = find_run(store, request)
    if stored is not None:
        return stored
    _check_resources(config, dataset, store)
    enter = on_phase or (lambda phase: None)
    start = time.perf_counter()
    enter("loading")
    split = split_for(config, dataset)
    split_at = time.perf_counter()
    enter("training")
    fit = _training()
    fit_at = time.perf_counter()
    trained = fit(config, split, on_epoch, should_stop)
    fitted_at = time.perf_counter()
    if trained.stopped and not trained.history:
        raise StoppedEarlyError("stopped before the end of the first epoch; nothing was saved")
    enter("evaluating")
    measured = _measured(trained, split)
    end = time.perf_counter()
    run = Run(
        run_id=f"{request}-stopped-{trained.batches}" if trained.stopped else request,
        config=config,
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        status="stopped" if trained.stopped else "finished",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        history=trained.history,
        seconds={
            "load": load_seconds + split_at - start,
            "fit": fitted_at - fit_at,
            "evaluate": end - fitted_at,
            "total": load_seconds + end - start,
        },
        peak_rss_mb=peak_rss_mb(),
        **measured,
    )
    store.save(run, trained.scorer)
    return run


def prepare(config: RunConfig, dataset: Dataset, should_stop: Callable[[], bool]) -> None:
    """Do what the runs of a sweep of `config` have in common, before anyone asks for them.

    Args:
        config: both tasks, or one, or all ratios at once.
        dataset: the data set that `config.data` names.
        should_stop: called now and then; True ends it.

    Raises:
        DataError: the data set cannot be split this way.
    """
    split = split_for(config, dataset)
    _training()  # sets TensorFlow up
    from recsys.model.ahead import trace_ahead

    trace_ahead(config, split, should_stop)
    if not should_stop():
        evaluate_baselines(split)


def _check_resources(config: RunConfig, dataset: Dataset, store: RunStore) -> None:
    """Fail before a training that would fail for lack of memory, or whose run cannot be stored."""
    sizes = Sizes.of(dataset)
    refuse_too_large(config, sizes, available_bytes())
    store.check_writable(int(scorer_bytes(config, sizes)))


def _measured(trained: "Trained", split: Split) -> dict[str, Any]:
    """Return the fields of a Run that the evaluation gives."""
    return {
        "metrics": evaluate_parts(trained.scorer, split),
        "line": evaluate_line(trained.scorer, split, trained.cosines),
        "baselines": evaluate_baselines(split),
    }


def train(config: RunConfig, split: Split) -> "Trained":
    """Return the model that `config` describes, trained on `split`; nothing is stored.

    Raises:
        TrainingError: the training failed.
    """
    return _training()(config, split)


def _training() -> Callable[..., "Trained"]:
    # Imported here, so that reading stored runs does not import TensorFlow.
    from recsys.model.start import start_tensorflow

    start_tensorflow()
    from recsys.model.training import train

    return train


def find_run(store: RunStore, run_id: str) -> Run | None:
    """Return the stored run, or None if it is missing or damaged."""
    try:
        return store.load(run_id)
    except (RunNotFoundError, DamagedRunError):
        return None


def evaluate_parts(scorer: Scorer, split: Split) -> dict[str, dict[str, float]]:
    """Return part -> metrics; a part without ratings has no metrics."""
    return {part: evaluate(scorer, split, part) for part in PARTS}


def evaluate_line(
    scorer: StoredScorer, split: Split, cosines: Mapping[float, float] | None = None
) -> tuple[LinePoint, ...]:
    """Return the main metrics at each position of a line; none for a single model.

    Args:
        scorer: the trained model.
        split: what to measure on.
        cosines: the mean cosine of the gradients by position, where it is known.
    """
    if not isinstance(scorer, LineScorer):
        return ()
    points = []
    for position in POSITIONS:
        model = scorer.at(position)
        metrics = {part: evaluate(model, split, part, quick=True) for part in PARTS}
        cosine = (cosines or {}).get(position)
        points.append(LinePoint(position=position, metrics=metrics, gradient_cosine=cosine))
    return tuple(points)


def evaluate_baselines(split: Split) -> Baselines:
    """Return baseline -> part -> metrics; those of a split are measured once."""
    if split not in _baselines:
        _baselines[split] = {
            name: evaluate_parts(make(split), split) for name, make in BASELINES.items()
        }
    return copy.deepcopy(_baselines[split])


def peak_rss_mb() -> float:
    """Return the peak memory of this process, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in units of 1,024 bytes, macOS in bytes.
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6
