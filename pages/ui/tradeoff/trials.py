"""The points of a search in the Trade-off plot, and the settings of its trials in words."""

from collections.abc import Iterable, Sequence
from typing import Any

from pages.ui.names import setting_words
from pages.ui.tradeoff.charts import SEARCH
from pages.ui.tradeoff.rows import mark_fronts
from recsys.config import WEIGHTS, RunConfig, differing_fields
from recsys.evaluation.evaluate import Part
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import Run
from recsys.tradeoff.result import SWEPT, ratios
from recsys.tradeoff.search import trial_runs


def trials(runs: Iterable[Run], base: RunConfig, fingerprint: str) -> list[Run]:
    """Return the trials of a search that differ from `base` in more than a sweep sets."""
    same = base.model_dump(exclude=SWEPT)
    found = trial_runs(runs, base, fingerprint)
    return [run for run in found if run.config.model_dump(exclude=SWEPT) != same]


def trial_rows(
    found: Sequence[Run], base: RunConfig, part: Part, x: str, y: str
) -> list[dict[str, Any]]:
    """Return a row for each trial that has both metrics, with the fields of `plot_rows`."""
    rows = []
    for run in found:
        (ratio,) = ratios([run])
        figures = {axis: ratio.trained_mean(part, metric) for axis, metric in (("x", x), ("y", y))}
        if None not in figures.values():
            rows.append(
                {
                    "run_id": run.run_id,
                    "at": "",
                    "position": ratio.position,
                    "kind": SEARCH,
                    "weights": ratio.name,
                    "settings": ", ".join(changed_settings(run.config, base)),
                    "seeds": 1,
                    **figures,
                }
            )
    return mark_fronts(rows, x, y)


def near(rows: Sequence[dict[str, Any]], selected: str | None) -> list[dict[str, Any]]:
    """Return the rows without dominated trials that are far away: they would squeeze the others.

    Far is outside the range of the other points by more than its width. The selected run stays.
    """
    core = [
        row for row in rows if row["kind"] != SEARCH or row["front"] or row["run_id"] == selected
    ]
    reach = {}
    for axis in ("x", "y"):
        values = [row[axis] for row in core if axis in row]
        if len(set(values)) > 1:
            low, high = min(values), max(values)
            reach[axis] = 2 * low - high, 2 * high - low
    return [
        row
        for row in rows
        if row in core or all(low <= row[axis] <= high for axis, (low, high) in reach.items())
    ]


def changed_settings(config: RunConfig, usual: RunConfig) -> list[str]:
    """Return the settings that differ from `usual`, without the weights: `learning rate 0.01`."""
    fields = [field for field in differing_fields([config, usual]) if field not in WEIGHTS]
    return [setting_words(field, getattr(config, field)) for field in fields]


def undominated(rows: Sequence[dict[str, Any]], x: str, y: str) -> int:
    """Return how many trials are better than every ratio of the sweep in at least one metric."""
    spots = {
        is_trial: [
            (METRICS[x].upward(row["x"]), METRICS[y].upward(row["y"]))
            for row in rows
            if (row["kind"] == SEARCH) == is_trial and "x" in row and "y" in row
        ]
        for is_trial in (True, False)
    }
    return sum(
        not any(a >= first and b >= second for a, b in spots[False])
        for first, second in spots[True]
    )
