"""The points of the Trade-off plot: single ratios and lines of ratios -> rows, with their front."""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

from pages.ui.charts.theme import Rows
from recsys.evaluation.evaluate import Part
from recsys.evaluation.metrics import METRICS
from recsys.ratio import position_name
from recsys.runs.records import Run
from recsys.tradeoff.pareto import pareto_front
from recsys.tradeoff.result import Ratio


def plot_rows(found: Sequence[Ratio], part: Part, x: str, y: str) -> Rows:
    """Return a row for each ratio that has any of the two metrics.

    Rows hold `run_id` (of the first seed), `at` (""), `position`, `kind` (the sharing), `weights`,
    `settings`, `seeds`, and for each axis `x`, `x_low`, `x_high`: the mean over the seeds, and one
    standard deviation to both sides. An axis is missing where its task was not trained. `front`:
    see `mark_fronts`.
    """
    rows = []
    for ratio in found:
        row: dict[str, Any] = {
            "run_id": ratio.members[0].run_id,
            "at": "",
            "position": ratio.position,
            "kind": ratio.sharing,
            "weights": ratio.name,
            "settings": "one training for this ratio",
            "seeds": len(ratio.members),
        }
        for axis, metric in (("x", x), ("y", y)):
            if values := ratio.trained_values(part, metric):
                middle, spread = mean(values), stdev(values) if len(values) > 1 else 0.0
                row |= {
                    axis: middle,
                    f"{axis}_low": middle - spread,
                    f"{axis}_high": middle + spread,
                }
        if "x" in row or "y" in row:
            rows.append(row)
    return mark_fronts(rows, x, y)


def line_rows(lines: Sequence[Run], part: Part, x: str, y: str) -> Rows:
    """Return a row for each evaluated position of each line that has both metrics.

    They have the fields of `plot_rows`; `at` is the position as text.
    """
    return [
        {
            "run_id": line.run_id,
            "at": f"{point.position:g}",
            "position": point.position,
            "kind": line.config.sharing,
            "weights": position_name(point.position),
            "settings": "one training for all ratios",
            "seeds": 1,
            "x": known[x],
            "y": known[y],
            "front": True,
        }
        for line in lines
        for point in line.line
        if {x, y} <= (known := point.metrics.get(part, {})).keys()
    ]


def mark_fronts(rows: Rows, x: str, y: str) -> Rows:
    """Return the rows with `front`: whether the point is on the Pareto front of its `kind`."""
    both = [row for row in rows if "x" in row and "y" in row]
    front = set()
    for kind in {row["kind"] for row in both}:
        own = [row for row in both if row["kind"] == kind]
        points = [(METRICS[x].upward(row["x"]), METRICS[y].upward(row["y"])) for row in own]
        front |= {id(own[i]) for i in pareto_front(points)}
    return [row | {"front": id(row) in front} for row in rows]
