"""The rows behind the Trade-off page: runs of a sweep -> points, front, costs; nothing is drawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev, variance
from typing import Any

from pages.ui.view import learns
from recsys.comparison import WORSE, Measured, compare, measure
from recsys.config import RunConfig
from recsys.evaluation import Part, Table
from recsys.metrics import METRICS
from recsys.pareto import pareto_front
from recsys.records import Run
from recsys.sweep import rating_share
from recsys.tradeoff import Point

NEGLIGIBLE = 0.001  # the last digit that figures are shown with
SWEPT = {"retrieval_weight", "rating_weight", "seed", "sharing"}


@dataclass(frozen=True)
class Ratio:
    """All seeds of one ratio of the weights.

    Attributes:
        sharing: how much the tasks share; None for the tutorial.
        share: the rating weight's share of both weights.
        runs: one for each seed, by seed.
    """

    sharing: str | None
    share: float
    runs: tuple[Run, ...]

    def values(self, part: Part, metric: str) -> list[float]:
        """Return a metric of each seed; none where the metric's task was not trained."""
        if not learns(self.runs[0], METRICS[metric].task):
            return []
        found = [run.metrics.get(part, {}).get(metric) for run in self.runs]
        return [value for value in found if value is not None]

    def mean(self, part: Part, metric: str) -> float | None:
        """Return a metric's mean over the seeds; None where there is none."""
        values = self.values(part, metric)
        return mean(values) if values else None

    @property
    def weights(self) -> str:
        """The weights as people write them: `1 : 0.5`."""
        config = self.runs[0].config
        return f"{config.retrieval_weight:.3g} : {config.rating_weight:.3g}"


def family(runs: Iterable[Run], base: RunConfig, fingerprint: str) -> list[Run]:
    """Return the finished runs on this data that differ from `base` only in what a sweep changes.

    Args:
        runs: of the store, newest first.
        base: the config that is swept.
        fingerprint: of the data set as it is today.
    """
    same = base.model_dump(exclude=SWEPT)
    found: dict[str, Run] = {}
    for run in runs:
        if (
            run.status == "finished"
            and run.fingerprint == fingerprint
            and run.config.model_dump(exclude=SWEPT) == same
        ):
            # An older version of Duet may have left a run of the same config: it is no second seed.
            found.setdefault(run.config.canonical(), run)
    return list(found.values())


def ratios(runs: Iterable[Run]) -> list[Ratio]:
    """Return the runs by sharing and ratio, seeds together; by sharing, then by rating share."""
    groups: dict[tuple[str | None, float], list[Run]] = {}
    for run in runs:
        key = (run.config.sharing, round(rating_share(run.config), 6))
        groups.setdefault(key, []).append(run)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0] or "", item[0][1]))
    return [
        Ratio(*key, tuple(sorted(group, key=lambda run: run.config.seed))) for key, group in ordered
    ]


def plot_rows(found: Sequence[Ratio], part: Part, x: str, y: str) -> list[dict[str, Any]]:
    """Return a row for each ratio that has any of the two metrics.

    Rows hold `run_id` (of the first seed), `share`, `retrieval_share`, `kind` (the sharing),
    `weights`, `settings`, `seeds`, and for each axis `x`, `x_low`, `x_high` (the mean over the
    seeds, and one standard deviation to both sides); one axis is missing where its task was not
    trained. `front`: see `mark_fronts`.
    """
    rows = []
    for ratio in found:
        row: dict[str, Any] = {
            "run_id": ratio.runs[0].run_id,
            "share": ratio.share,
            "retrieval_share": 1 - ratio.share,
            "kind": ratio.sharing or "",
            "weights": ratio.weights,
            "settings": "as chosen",
            "seeds": len(ratio.runs),
        }
        for axis, metric in (("x", x), ("y", y)):
            if values := ratio.values(part, metric):
                middle, spread = mean(values), stdev(values) if len(values) > 1 else 0.0
                row |= {
                    axis: middle,
                    f"{axis}_low": middle - spread,
                    f"{axis}_high": middle + spread,
                }
        if "x" in row or "y" in row:
            rows.append(row)
    return mark_fronts(rows, x, y)


def mark_fronts(rows: list[dict[str, Any]], x: str, y: str) -> list[dict[str, Any]]:
    """Return the rows with `front`: nothing of the same `kind` is better in both figures.

    Strictly: better in one figure, and at least as good in the other.
    """
    both = [row for row in rows if "x" in row and "y" in row]
    front = set()
    for kind in {row["kind"] for row in both}:
        own = [row for row in both if row["kind"] == kind]
        on_front = pareto_front([(upwards(x, row["x"]), upwards(y, row["y"])) for row in own])
        front |= {id(own[i]) for i in on_front}
    return [row | {"front": id(row) in front} for row in rows]


def trade_off_points(
    found: Sequence[Ratio],
    part: Part,
    retrieval: str,
    rating: str,
    table: Callable[[Run], Table],
) -> list[Point]:
    """Return the points of one front, with what each task measurably pays at each ratio.

    A task pays where it is worse than at its best ratio, as `recsys.comparison.compare` says, by
    more than NEGLIGIBLE, and by more than the seeds explain. Ratios with one seed are taken to vary
    as much as those with several.

    Args:
        found: the ratios of one sharing.
        part: what is measured.
        retrieval: a metric of that task.
        rating: a metric of the other task.
        table: gives each user's metrics of a run.
    """
    measured = {r.share: measure([table(run) for run in r.runs]) for r in found}
    paying = {}
    for metric in (retrieval, rating):
        values = {r.share: known for r in found if (known := r.values(part, metric))}
        paying[metric] = _paying(values, measured, metric)
    return [
        Point(
            ratio.share,
            ratio.mean(part, retrieval),
            ratio.mean(part, rating),
            ratio.share in paying[retrieval],
            ratio.share in paying[rating],
        )
        for ratio in found
    ]


def _paying(
    values: Mapping[float, list[float]], measured: Mapping[float, Measured], metric: str
) -> set[float]:
    """Return the shares at which a metric is measurably worse than at its best ratio.

    Args:
        values: of each seed, by share; only shares at which the task was trained.
        measured: each ratio, by share.
        metric: which one.
    """
    if not values:
        return set()
    means = {share: upwards(metric, mean(seeds)) for share, seeds in values.items()}
    best = max(means, key=lambda share: means[share])
    deviation = _deviation(values.values())

    def pays(share: float) -> bool:
        noise = 2 * deviation * sqrt(1 / len(values[share]) + 1 / len(values[best]))
        if means[best] - means[share] <= max(noise, NEGLIGIBLE):
            return False
        return compare(measured[share], measured[best], metric).verdict == WORSE

    return {share for share in values if pays(share)}


def _deviation(values: Iterable[list[float]]) -> float:
    """Return the standard deviation over the seeds, pooled over the ratios; 0 with one each."""
    several = [seeds for seeds in values if len(seeds) > 1]
    if not several:
        return 0.0
    squares = sum((len(seeds) - 1) * variance(seeds) for seeds in several)
    return sqrt(squares / sum(len(seeds) - 1 for seeds in several))


def upwards(metric: str, value: float) -> float:
    """Return a value so that more is better."""
    return value if METRICS[metric].higher_is_better else -value
