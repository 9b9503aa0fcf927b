"""How long a training will take on this machine, estimated from the runs stored here."""

from collections.abc import Sequence
from typing import NamedTuple

from recsys.config import RunConfig
from recsys.runs.records import Run

# Fields that the time per epoch depends on, besides the architecture and `all_ratios`.
COSTLY = (
    "sharing",
    "embedding_dimension",
    "batch_size",
    "rating_dimension",
    "rating_members",
    "attributes",
    "validation",
    "holdout",
)


class Pace(NamedTuple):
    """How long a kind of training takes, in seconds: to start and to evaluate, and per epoch."""

    once: float
    epoch: float


# On ML-100K (80,000 train ratings), measured on two cores. The time of an epoch grows with the
# number of ratings.
REFERENCE_RATINGS = 80_000
REFERENCE = {
    ("duet", False): Pace(1.5, 0.2),
    ("duet", True): Pace(4.0, 0.2),
    ("tutorial", False): Pace(1.5, 3.0),
}


def estimate_seconds(
    config: RunConfig, ratings: int, fingerprint: str, runs: Sequence[Run]
) -> float:
    """Return about how many seconds a training takes.

    It is as fast per epoch as the most similar stored run on the same data. Without a run of this
    architecture, the time measured on two cores is scaled by how fast the newest stored run on
    this data was.

    Args:
        config: the settings of the training.
        ratings: of the data set.
        fingerprint: of the data set.
        runs: of the store, newest first.
    """
    known = [run for run in runs if run.fingerprint == fingerprint and run.history]
    alike = [run for run in known if _kind(run.config) == _kind(config)]
    if alike:
        pace = _pace(max(alike, key=lambda run: _similarity(run.config, config)))
    else:
        pace = _reference(config, ratings)
        if known:
            usual, here = _reference(known[0].config, ratings), _pace(known[0])
            factor = here.epoch / usual.epoch
            pace = Pace(factor * pace.once, factor * pace.epoch)
    return pace.once + config.epochs * pace.epoch


def _pace(run: Run) -> Pace:
    first, last = run.history[0], run.history[-1]
    if last.epoch > first.epoch:  # the first epoch includes TensorFlow's tracing
        epoch = (last.seconds - first.seconds) / (last.epoch - first.epoch)
    else:
        epoch = last.seconds
    whole = run.seconds["fit"] + run.seconds.get("evaluate", 0.0)
    return Pace(max(0.0, whole - epoch * last.epoch), epoch)


def _reference(config: RunConfig, ratings: int) -> Pace:
    pace = REFERENCE[_kind(config)]
    train = ratings * (1 - config.holdout - config.validation)
    return Pace(pace.once, pace.epoch * train / REFERENCE_RATINGS)


def _kind(config: RunConfig) -> tuple[str, bool]:
    return config.architecture, config.all_ratios


def _similarity(config: RunConfig, other: RunConfig) -> int:
    return sum(getattr(config, field) == getattr(other, field) for field in COSTLY)
