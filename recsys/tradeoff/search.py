"""A search for weights and hyperparameters that are best for both tasks: multi-objective Optuna.

There is no study on disk: it is rebuilt from the runs in the store. So a search continues where
the last one ended, runs of a sweep count as trials, and no trial is trained twice.
"""

import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.config import WEIGHTS, RunConfig, make_config, run_id
from recsys.errors import DuetError
from recsys.evaluation.metrics import METRICS
from recsys.ratio import weights_of
from recsys.runs.records import Run
from recsys.tradeoff.pareto import pareto_front
from recsys.tradeoff.space import RATIO, Range, search_space

if TYPE_CHECKING:
    import optuna

TRIALS = 25
TRIES = 50  # proposals to draw before the search gives up finding a new one
MAX_FAILURES = 3  # in a row: then the cause is not the settings of a trial
Params = dict[str, Any]


class SearchError(DuetError):
    """A search that cannot continue; its message is one line for the user."""


@dataclass(frozen=True)
class Objectives:
    """The two metrics that a search optimises, on validation: it must not see the holdout.

    Attributes:
        x: a metric.
        y: another one.
    """

    x: str = "rmse"
    y: str = "ndcg@20"

    def __post_init__(self) -> None:
        for metric in (self.x, self.y):
            if metric not in METRICS:
                raise SearchError(f"there is no metric {metric!r}; there are {', '.join(METRICS)}")
        if self.x == self.y:
            raise SearchError(f"a search needs two metrics, not {self.x} twice")

    def values(self, run: Run) -> tuple[float, float] | None:
        """Return both metrics of a run; None if one is missing or its task was not trained."""
        values = []
        for metric in (self.x, self.y):
            value = run.metrics.get("validation", {}).get(metric)
            if value is None or not run.learns(METRICS[metric].task):
                return None
            values.append(value)
        return values[0], values[1]

    def front(self, runs: Collection[Run]) -> list[Run]:
        """Return the runs on the Pareto front of the two metrics."""
        known = [(run, values) for run in runs if (values := self.values(run)) is not None]
        points = [(METRICS[self.x].upward(x), METRICS[self.y].upward(y)) for _, (x, y) in known]
        return [known[i][0] for i in pareto_front(points)]


def check_base(base: RunConfig) -> None:
    """Check that a search can start from these settings.

    Raises:
        SearchError: there is no validation part.
    """
    if not base.validation:
        raise SearchError("a search needs a validation part: set validation above 0, e.g. to 0.1")


def trial_runs(runs: Iterable[Run], base: RunConfig, fingerprint: str) -> list[Run]:
    """Return the finished runs that lie in the search space around `base`, oldest first.

    Args:
        runs: of the store.
        base: the settings; trials have the same values in all other fields, the seed included.
        fingerprint: of the data set as it is today.
    """
    trials = [
        run
        for run in runs
        if run.status == "finished"
        and run.fingerprint == fingerprint
        and params_of(run.config, base) is not None
        # Not a run of another model version: the same config may have learnt something else.
        and run.run_id == run_id(run.config, fingerprint)
    ]
    return sorted(trials, key=lambda run: (run.created, run.run_id))


def params_of(config: RunConfig, base: RunConfig) -> Params | None:
    """Return a config as a point of the search space; None if it lies outside."""
    space = search_space(base)
    searched = {*WEIGHTS, *space}
    if config.model_dump(exclude=searched) != base.model_dump(exclude=searched):
        return None
    if not (config.retrieval_weight and config.rating_weight):
        return None  # a single task: there is no trade-off
    params = {RATIO: config.rating_weight / config.retrieval_weight}
    params |= {field: getattr(config, field) for field in space if field != RATIO}
    inside = all(params[field] in extent for field, extent in space.items())
    return params if inside else None


def next_config(
    base: RunConfig,
    objectives: Objectives,
    runs: Iterable[Run],
    fingerprint: str,
    *,
    under_way: Collection[RunConfig] = (),
    failed: Collection[RunConfig] = (),
) -> RunConfig:
    """Return the config to train next. It depends only on the arguments.

    Args:
        base: the settings to search from.
        objectives: the two metrics to optimise.
        runs: of the store.
        fingerprint: of the data set as it is today.
        under_way: configs in training; the search avoids their neighbourhood.
        failed: configs that gave no run; they are not tried again.

    Raises:
        SearchError: there is nothing new to try, or no validation part.
    """
    check_base(base)
    known = trial_runs(runs, base, fingerprint)
    taken = {run.config for run in known} | set(under_way) | set(failed)
    # The first guess: the settings themselves, with equal weights.
    first = make_config(base.model_dump() | {"retrieval_weight": 1.0, "rating_weight": 1.0})
    if first not in taken:
        return first
    study = _study(base, objectives, known, under_way)
    for attempt in range(TRIES):
        seed = zlib.crc32(f"{base.seed} {len(taken)} {attempt}".encode())
        config = _config(base, _propose(study, base, seed))
        if config not in taken:
            return config
    raise SearchError("the search finds nothing new to try near these settings")


class Trials:
    """The trials of one search: chooses the next config, and records which trials gave no run."""

    def __init__(self, base: RunConfig, objectives: Objectives, fingerprint: str) -> None:
        """Start without failures; the arguments are those of `next_config`.

        Raises:
            SearchError: there is no validation part.
        """
        check_base(base)
        self._base = base
        self._objectives = objectives
        self._fingerprint = fingerprint
        self._without_run: list[RunConfig] = []
        self._failures_in_a_row = 0

    def next_config(self, runs: Iterable[Run], under_way: Collection[RunConfig] = ()) -> RunConfig:
        """Return the config to train next, never one that failed or was stopped.

        Raises:
            SearchError: there is nothing new to try.
        """
        return next_config(
            self._base,
            self._objectives,
            runs,
            self._fingerprint,
            under_way=under_way,
            failed=self._without_run,
        )

    def succeeded(self) -> None:
        """Record that a trial gave a run."""
        self._failures_in_a_row = 0

    def stopped(self, config: RunConfig) -> None:
        """Record that a trial was stopped: it is not tried again."""
        self._without_run.append(config)

    def failed(self, config: RunConfig, reason: str) -> None:
        """Record that a trial failed: it is not tried again.

        Raises:
            SearchError: it is the last of several failures in a row.
        """
        self._without_run.append(config)
        self._failures_in_a_row += 1
        if self._failures_in_a_row == MAX_FAILURES:
            raise SearchError(f"{MAX_FAILURES} trials in a row failed, the last: {reason}")


def _study(
    base: RunConfig, objectives: Objectives, known: Iterable[Run], under_way: Iterable[RunConfig]
) -> "optuna.Study":
    """Return a study in memory with the trained configs and those in training as trials."""
    import optuna  # only here: the import is slow, and only a search needs it

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    up, down = optuna.study.StudyDirection.MAXIMIZE, optuna.study.StudyDirection.MINIMIZE
    metrics = (objectives.x, objectives.y)
    study = optuna.create_study(
        directions=[up if METRICS[metric].higher_is_better else down for metric in metrics]
    )
    space = _distributions(base)
    for run in known:
        values, params = objectives.values(run), params_of(run.config, base)
        if values is not None and params is not None:
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=space, values=values)
            )
    for config in under_way:
        params = params_of(config, base)
        if params is not None:
            running = optuna.trial.TrialState.RUNNING
            study.add_trial(
                optuna.trial.create_trial(state=running, params=params, distributions=space)
            )
    return study


def _propose(study: "optuna.Study", base: RunConfig, seed: int) -> Params:
    import optuna

    # TPE, because NSGA-II learns nothing before its first population of some dozen trials.
    # Trials in training count as bad ones (constant liar), so that they are not proposed again.
    study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    return study.ask(_distributions(base)).params


def _distributions(base: RunConfig) -> "dict[str, optuna.distributions.BaseDistribution]":
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    space: dict[str, optuna.distributions.BaseDistribution] = {}
    for field, extent in search_space(base).items():
        if not isinstance(extent, Range):
            space[field] = CategoricalDistribution(extent)
        elif extent.whole:
            space[field] = IntDistribution(int(extent.low), int(extent.high), log=extent.log)
        else:
            space[field] = FloatDistribution(extent.low, extent.high, log=extent.log)
    return space


def _config(base: RunConfig, params: Params) -> RunConfig:
    """Return a point of the search space as a config, its numbers rounded."""
    values: Params = {}
    for field, extent in search_space(base).items():
        value = params[field]
        values[field] = extent.round(value) if isinstance(extent, Range) else value
    retrieval, rating = (round(weight, 6) for weight in weights_of(values.pop(RATIO)))
    values |= {"retrieval_weight": retrieval, "rating_weight": rating}
    return make_config(base.model_dump() | values)
