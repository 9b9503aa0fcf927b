"""The result of a sweep over the loss weights: each ratio, and the tasks that are worse at it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from recsys.config import SHARING, RunConfig, with_sharing
from recsys.evaluation.comparison import WORSE, Measured, compare, measure
from recsys.evaluation.evaluate import Part, Table
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import Run
from recsys.runs.seeds import SeedGroup, pooled_deviation
from recsys.tradeoff.sentence import Point, sentence
from recsys.tradeoff.sweep import rating_share, ratio_name

NEGLIGIBLE = 0.001  # one unit of the last digit shown: smaller differences are not visible
# The fields that a sweep sets.
SWEPT = {"retrieval_weight", "rating_weight", "seed", "sharing"}
RETRIEVAL_METRIC, RATING_METRIC = "ndcg@20", "rmse"  # by default
# How much the tasks share, in words; "" is the tutorial, which has no such setting.
SHARING_NAMES = {
    "tied": "tied vectors",
    "mapped": "mapped vectors",
    "all": "all shared",
    "part": "part shared",
    "none": "nothing shared",
    "": "tutorial",
}


@dataclass(frozen=True)
class Ratio(SeedGroup[Run]):
    """All seeds of one ratio of the weights."""

    @property
    def sharing(self) -> str:
        """How much the tasks share; "" for the tutorial."""
        return self.members[0].config.sharing or ""

    @property
    def share(self) -> float:
        """The rating weight's share of both weights, 0 to 1."""
        return round(rating_share(self.members[0].config), 6)

    @property
    def name(self) -> str:
        """The weights as `retrieval : rating`."""
        return ratio_name(self.members[0].config)

    def trained_values(self, part: Part, metric: str) -> list[float]:
        """Return a metric of each seed; none where the metric's task was not trained."""
        return self.values(part, metric) if self.is_trained_for(metric) else []

    def trained_mean(self, part: Part, metric: str) -> float | None:
        """Return the mean of `trained_values`, None where there are none."""
        values = self.trained_values(part, metric)
        return mean(values) if values else None


def sweep_runs(runs: Iterable[Run], base: RunConfig, fingerprint: str) -> list[Run]:
    """Return the finished runs on this data that differ from `base` only in what a sweep sets.

    Args:
        runs: of the store, newest first.
        base: the config that is swept.
        fingerprint: of the data set as it is today.
    """
    same = {
        sharing: with_sharing(base, sharing).model_dump(exclude=SWEPT)
        for sharing in (SHARING if base.sharing else (None,))
    }
    found: dict[str, Run] = {}
    for run in runs:
        if (
            run.status == "finished"
            and run.fingerprint == fingerprint
            and run.config.model_dump(exclude=SWEPT) == same.get(run.config.sharing)
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


def ratios(runs: Iterable[Run]) -> list[Ratio]:
    """Return the ratios of these runs, by sharing, then by rating share; seeds are put together."""
    groups: dict[tuple[str, float], list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.config.seed):
        ratio = Ratio((run,))
        groups.setdefault((ratio.sharing, ratio.share), []).append(run)
    return [Ratio(tuple(groups[key])) for key in sorted(groups)]


def trade_off_points(
    found: Sequence[Ratio],
    part: Part,
    retrieval: str,
    rating: str,
    table: Callable[[Run], Table],
) -> list[Point]:
    """Return the points of one front, and which task is measurably worse at each ratio.

    A task is measurably worse at a ratio if `recsys.evaluation.comparison.compare` calls it worse
    than at its best ratio, and the difference is larger than NEGLIGIBLE. The standard deviation
    over the seeds is pooled over all ratios, so ratios with one seed are assumed to vary as much as
    those with several.

    Args:
        found: the ratios of one way of sharing.
        part: the part of the split that is measured.
        retrieval: a metric of that task.
        rating: a metric of the other task.
        table: returns each user's metrics of a run, see `per_user_metrics`.
    """
    measured = {ratio.share: measure([table(run) for run in ratio.members]) for ratio in found}
    worse = {}
    for metric in (retrieval, rating):
        values = {ratio.share: ratio.trained_values(part, metric) for ratio in found}
        trained = {share: known for share, known in values.items() if known}
        worse[metric] = _worse_shares(trained, measured, metric)
    return [
        Point(
            ratio.share,
            ratio.trained_mean(part, retrieval),
            ratio.trained_mean(part, rating),
            ratio.share in worse[retrieval],
            ratio.share in worse[rating],
        )
        for ratio in found
    ]


def sentences(
    found: Sequence[Ratio],
    retrieval: str,
    rating: str,
    points: Callable[[Sequence[Ratio]], list[Point]],
) -> dict[str, str]:
    """Return the result in words, by sharing: see `recsys.tradeoff.sentence.sentence`.

    Args:
        found: ratios of a sweep, of one way of sharing or several.
        retrieval: a metric of that task.
        rating: a metric of the other task.
        points: returns the `trade_off_points` of the ratios of one way of sharing.
    """
    labels = METRICS[retrieval].label, METRICS[rating].label
    fronts = [name for name in SHARING_NAMES if any(ratio.sharing == name for ratio in found)]
    return {
        sharing: sentence(points([ratio for ratio in found if ratio.sharing == sharing]), *labels)
        for sharing in fronts or [""]
    }


def _worse_shares(
    values: Mapping[float, list[float]], measured: Mapping[float, Measured], metric: str
) -> set[float]:
    """Return the shares at which a metric is measurably worse than at its best ratio.

    Args:
        values: of each seed, by share; only shares at which the task was trained.
        measured: each ratio, by share.
        metric: the metric.
    """
    if not values:
        return set()
    means = {share: METRICS[metric].upward(mean(seeds)) for share, seeds in values.items()}
    best = max(means, key=lambda share: means[share])
    deviation = pooled_deviation(values.values())

    def is_worse(share: float) -> bool:
        if means[best] - means[share] <= NEGLIGIBLE:
            return False
        compared = compare(measured[share], measured[best], metric, deviation=deviation)
        return compared.verdict == WORSE

    return {share for share in values if is_worse(share)}
