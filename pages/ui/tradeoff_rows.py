"""The rows behind the Trade-off page: runs of a sweep -> points, front, costs; nothing is drawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from pages.ui.view import learns
from recsys.comparison import WORSE, Measured, compare, measure
from recsys.config import RunConfig
from recsys.evaluation import Part
from recsys.metrics import METRICS
from recsys.pareto import pareto_front
from recsys.pooling import Table
from recsys.records import Run
from recsys.sweep import rating_share
from recsys.tradeoff import Point

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

    A task pays where it is worse than at its best ratio, as `recsys.comparison.compare` says.

    Args:
        found: the ratios of one sharing.
        part: what is measured.
        retrieval: a metric of that task.
        rating: a metric of the other task.
        table: gives each user's metrics of a run.
    """
    measured = {r.share: measure([table(run) for run in r.runs]) for r in found}
    paying = {
        metric: _paying({r.share: r.mean(part, metric) for r in found}, measured, metric)
        for metric in (retrieval, rating)
    }
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
    figures: Mapping[float, float | None], measured: Mapping[float, Measured], metric: str
) -> set[float]:
    """Return the shares at which a metric is measurably worse than at its best ratio.

    Args:
        figures: by share; None where the task was not trained.
        measured: each ratio, by share.
        metric: which one.
    """
    known = {share: upwards(metric, value) for share, value in figures.items() if value is not None}
    if not known:
        return set()
    best = measured[max(known, key=lambda share: known[share])]
    return {share for share in known if compare(measured[share], best, metric).verdict == WORSE}


def upwards(metric: str, value: float) -> float:
    """Return a value so that more is better."""
    return value if METRICS[metric].higher_is_better else -value
