"""The result of a sweep over the loss weights: its runs by ratio, and the fronts they make."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from recsys import ratio
from recsys.config import SHARING, RunConfig, with_all_ratios, with_sharing
from recsys.evaluation.comparison import NOT_DISTINGUISHABLE, WORSE, Measured, compare, measure
from recsys.evaluation.evaluate import Part, Table
from recsys.evaluation.metrics import METRICS
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import LinePoint, Run
from recsys.runs.seeds import SeedGroup, pooled_deviation
from recsys.tradeoff.front import NEGLIGIBLE, TASKS, Front, Point

# The fields that a sweep sets.
SWEPT = {"retrieval_weight", "rating_weight", "all_ratios", "seed", "sharing"}
RETRIEVAL_METRIC, RATING_METRIC = "ndcg@20", "rmse"  # by default
# At these positions a line is measured user by user; and where it is best for a task.
COMPARED_POSITIONS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Ratio(SeedGroup[Run]):
    """All seeds of one ratio of the weights."""

    @property
    def sharing(self) -> str:
        """How much the tasks share; "" for the tutorial."""
        return self.members[0].config.sharing or ""

    @property
    def position(self) -> float:
        """The position of the ratio, see `recsys.ratio.position_of`."""
        return round(ratio.position(self.members[0].config), 6)

    @property
    def name(self) -> str:
        """The weights as `retrieval : rating`."""
        return ratio.ratio_name(self.members[0].config)


def sweep_runs(runs: Iterable[Run], base: RunConfig, fingerprint: str) -> list[Run]:
    """Return the finished runs on this data that differ from `base` only in what a sweep sets.

    Args:
        runs: of the store, newest first.
        base: the config that is swept.
        fingerprint: of the data set as it is today.
    """
    ways = SHARING if base.sharing else (None,)
    configs = [with_sharing(base, sharing) for sharing in ways]
    if base.sharing and base.balancing == "fixed":
        configs += [with_all_ratios(base, sharing) for sharing in ways]
    same = {
        (config.sharing, config.all_ratios): config.model_dump(exclude=SWEPT) for config in configs
    }
    found: dict[str, Run] = {}
    for run in runs:
        if (
            run.status == "finished"
            and run.fingerprint == fingerprint
            and run.config.model_dump(exclude=SWEPT)
            == same.get((run.config.sharing, run.config.all_ratios))
        ):
            # A run of the same config by an older version of Duet is not a second seed.
            found.setdefault(run.config.canonical(), run)
    return list(found.values())


def stored_ratios(
    runs: Iterable[Run], base: RunConfig, fingerprint: str, sharing: Collection[str | None]
) -> list[Ratio]:
    """Return the ratios of the sweep from `base` that are stored, with all seeds that are stored.

    Args:
        runs: of the store, newest first.
        base: the config that is swept.
        fingerprint: of the data set as it is today.
        sharing: the values of the field `sharing`; one front each.
    """
    swept = sweep_runs(runs, base, fingerprint)
    return ratios(run for run in swept if run.config.sharing in sharing)


def stored_lines(
    runs: Iterable[Run], base: RunConfig, fingerprint: str, sharing: Collection[str | None]
) -> list[Run]:
    """Return the runs that trained all ratios at once, one for each way of sharing.

    The arguments are those of `stored_ratios`. Of several seeds it is that of `base`, or the first.
    """
    lines = [run for run in sweep_runs(runs, base, fingerprint) if run.line]
    lines.sort(key=lambda run: (run.config.seed != base.seed, run.config.seed))
    found: dict[str, Run] = {}
    for run in lines:
        if run.config.sharing in sharing:
            found.setdefault(run.config.sharing or "", run)
    return [found[name] for name in SHARING_NAMES if name in found]


def ratios(runs: Iterable[Run]) -> list[Ratio]:
    """Return the ratios of single trainings, by sharing, then by position; seeds put together."""
    groups: dict[tuple[int, float], list[Run]] = {}
    names = list(SHARING_NAMES)
    for run in sorted(runs, key=lambda run: run.config.seed):
        if not run.config.all_ratios:
            one = Ratio((run,))
            groups.setdefault((names.index(one.sharing), one.position), []).append(run)
    return [Ratio(tuple(groups[key])) for key in sorted(groups)]


def front_of_ratios(
    found: Sequence[Ratio],
    part: Part,
    metrics: tuple[str, str],
    table: Callable[[Run], Table],
    missing: int = 0,
) -> Front:
    """Return the front of single trainings; each task is compared with the same task alone.

    The standard deviation over the seeds is pooled over all ratios, so ratios with one seed are
    assumed to vary as much as those with several.

    Args:
        found: the ratios of one way of sharing, at least one.
        part: the part of the split that is measured.
        metrics: a retrieval and a rating metric.
        table: returns each user's metrics of a run, see `per_user_metrics`.
        missing: how many runs of the sweep are not there yet.
    """
    name = SHARING_NAMES[found[0].sharing]
    ends = {task: _alone(found, task) for task in TASKS}
    both = [one for one in found if all(one.trained_values(part, metric) for metric in metrics)]
    values = {one.position: _means(one, part, metrics) for one in both}
    alone = {
        task: value
        for task, metric in zip(TASKS, metrics, strict=True)
        if (end := ends[task]) and (value := end.trained_mean(part, metric)) is not None
    }
    missing = max(missing, sum(end is None for end in ends.values()))
    if missing or len(both) < 2:
        points = [Point(position, *both) for position, both in values.items()]
        return Front(name, points, metrics, alone, missing=missing)

    measured = {one.position: measure([table(run) for run in one.members]) for one in found}
    verdicts, overdone = [], set()
    for at, (task, metric) in enumerate(zip(TASKS, metrics, strict=True)):
        deviation = pooled_deviation(one.trained_values(part, metric) for one in found)
        end, upward = ends[task], METRICS[metric].upward
        assert end is not None
        verdicts.append(
            [_verdict(measured[p], measured[end.position], metric, deviation) for p in values]
        )
        best = max(values, key=lambda position: upward(values[position][at]))
        last = both[0 if task == "retrieval" else -1].position
        if _verdict(measured[last], measured[best], metric, deviation) == WORSE:
            overdone.add(task)
    points = _points(values, verdicts)
    return Front(name, points, metrics, alone, overdone=frozenset(overdone))


def front_of_line(
    line: Run,
    part: Part,
    metrics: tuple[str, str],
    table: Callable[[float], Table],
    alone: dict[str, float] | None = None,
) -> Front:
    """Return the front of one training of all ratios; each task is compared with its best ratio.

    Args:
        line: a run with `all_ratios`.
        part: the part of the split that is measured.
        metrics: a retrieval and a rating metric that the line was measured in.
        table: returns each user's metrics at a position, see `per_user_metrics`.
        alone: see `Front`.
    """
    values = {point.position: both for point in line.line if (both := _both(point, part, metrics))}
    bests = {
        metric: max(values, key=lambda position: METRICS[metric].upward(values[position][at]))
        for at, metric in enumerate(metrics)
        if values
    }
    compared = sorted({*bests.values(), *(p for p in COMPARED_POSITIONS if p in values)})
    measured = {position: measure([table(position)]) for position in compared}
    verdicts = [
        [_verdict(measured[position], measured[bests[metric]], metric) for position in compared]
        for metric in metrics
        if values
    ]
    points = _points({position: values[position] for position in compared}, verdicts)
    ends = zip(TASKS, (0, -1), strict=True)
    overdone = {task for task, end in ends if points and points[end].verdict(task) == WORSE}
    name = SHARING_NAMES[line.config.sharing or ""]
    return Front(name, points, metrics, alone or {}, is_line=True, overdone=frozenset(overdone))


def _points(
    values: Mapping[float, tuple[float, float]], verdicts: Sequence[list[str]]
) -> list[Point]:
    """Return the points from both metrics by position, and the verdicts on both tasks."""
    if not values:
        return []
    return [
        Point(position, both[0], both[1], first, second)
        for (position, both), first, second in zip(values.items(), *verdicts, strict=True)
    ]


def _both(point: LinePoint, part: Part, metrics: tuple[str, str]) -> tuple[float, float] | None:
    """Return both metrics at a position; None if one was not measured."""
    known = point.metrics.get(part, {})
    return (known[metrics[0]], known[metrics[1]]) if set(metrics) <= set(known) else None


def _alone(found: Sequence[Ratio], task: str) -> Ratio | None:
    """Return the ratio that trains a task alone."""
    return next((one for one in found if one.learns(task) and not _trains_both(one)), None)


def _means(one: Ratio, part: Part, metrics: tuple[str, str]) -> tuple[float, float]:
    retrieval, rating = (mean(one.trained_values(part, metric)) for metric in metrics)
    return retrieval, rating


def _trains_both(one: Ratio) -> bool:
    return all(one.learns(task) for task in TASKS)


def _verdict(
    model: Measured, yardstick: Measured, metric: str, deviation: float | None = None
) -> str:
    """Return the verdict on a model; a difference that is not visible is not distinguishable."""
    compared = compare(model, yardstick, metric, deviation=deviation)
    if abs(compared.difference.difference) <= NEGLIGIBLE:
        return NOT_DISTINGUISHABLE
    return compared.verdict
