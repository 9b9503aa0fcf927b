"""What the instrument on Home shows: a line for each way of sharing, and what it is compared to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.ui.charts import theme
from recsys.evaluation.evaluate import Part
from recsys.ratio import position_name
from recsys.runs.records import EpochRecord, Run
from recsys.tradeoff.result import SHARING_NAMES

RETRIEVAL_METRIC, RATING_METRIC = "ndcg@20", "rmse"
# The ways of sharing that the instrument offers, and what each of them is.
WAYS = {
    "tied": "Both tasks use the very same vectors.",
    "mapped": "Ratings read the same vectors through one learned matrix.",
    "all": "Ratings have vectors of their own beside the shared ones.",
}
PADDING = 0.06  # of an axis, beyond the farthest point


@dataclass(frozen=True)
class Point:
    """The model at one position of a line, measured.

    Attributes:
        position: 0 (retrieval counts most) to 1.
        x: RMSE, stars.
        y: NDCG@20.
    """

    position: float
    x: float
    y: float


def stored_points(run: Run, part: Part) -> list[Point]:
    """Return the evaluated positions of a stored run."""
    return [
        Point(point.position, own[RATING_METRIC], own[RETRIEVAL_METRIC])
        for point in run.line
        if RATING_METRIC in (own := point.metrics.get(part, {})) and RETRIEVAL_METRIC in own
    ]


def live_points(records: Sequence[EpochRecord]) -> list[Point]:
    """Return the positions that the latest epoch with a line has evaluated on validation."""
    lines = [record.line for record in records if record.line]
    return [Point(*point) for point in lines[-1]] if lines else []


def instrument_data(
    lines: Mapping[str, Sequence[Point]],
    references: Mapping[str, Sequence[Mapping[str, Any]]],
    marks: Sequence[Mapping[str, Any]],
    part: Part,
    *,
    way: str,
    position: float,
    progress: str,
) -> dict[str, Any]:
    """Return the data of the instrument.

    Args:
        lines: by way of sharing.
        references: by axis, what the metric is compared to; see `references`.
        marks: `{name, x, y}`, single models in the plot.
        part: what all of it is measured on.
        way: the way of sharing that is shown first.
        position: the position that is shown first.
        progress: what is going on, or "".
    """
    return {
        "ways": [
            {
                "key": key,
                "name": SHARING_NAMES[key],
                "about": about,
                "points": [
                    vars(point) | {"weights": position_name(point.position)}
                    for point in lines.get(key, ())
                ],
            }
            for key, about in WAYS.items()
        ],
        "way": way,
        "position": position,
        "progress": progress,
        "marks": list(marks),
        "axes": _axes(
            [point for line in lines.values() for point in line], references, marks, part
        ),
    }


def _axes(
    points: Sequence[Point],
    references: Mapping[str, Sequence[Mapping[str, Any]]],
    marks: Sequence[Mapping[str, Any]],
    part: Part,
) -> dict[str, dict[str, Any]]:
    """Return both axes: they hold all points, references and marks."""
    x, y = (
        [getattr(point, axis) for point in points]
        + [line["value"] for line in references[axis]]
        + [mark[axis] for mark in marks]
        for axis in ("x", "y")
    )
    return {
        "x": _axis(x, rising=False)
        | {"name": "Ratings: RMSE in stars, lower is better"}
        | {"title": f"RMSE in stars on {part}, reversed", "lines": list(references["x"])},
        "y": _axis(y, rising=True)
        | {"name": "Retrieval: NDCG@20, higher is better"}
        | {"title": f"NDCG@20 on {part}", "lines": list(references["y"])},
    }


def references(
    runs: Mapping[str, Run | None], baselines: Mapping[str, Mapping[str, Any]], part: Part
) -> dict[str, list[dict[str, Any]]]:
    """Return what each axis is compared to: the baseline, and the default model of one task alone.

    They are `{name, short, value, colour}`, by axis.

    Args:
        runs: the presets, None where one is not trained.
        baselines: baseline to part to metric to value.
        part: what is measured on.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for axis, metric, (baseline, short), task, colour in (
        ("x", RATING_METRIC, ("user + movie bias", "biases"), "rating", theme.RATING),
        ("y", RETRIEVAL_METRIC, ("most popular", "most popular"), "retrieval", theme.RETRIEVAL),
    ):
        run = runs.get(f"{task}-specialised")
        values = [
            (baseline, short, baselines.get(baseline, {}).get(part, {}), theme.BASELINE),
            (f"{task} alone", f"{task} alone", run.metrics.get(part, {}) if run else {}, colour),
        ]
        found[axis] = [
            {"name": name, "short": brief, "value": own[metric], "colour": shade}
            for name, brief, own, shade in values
            if metric in own
        ]
    return found


def default_mark(run: Run | None, part: Part) -> list[dict[str, Any]]:
    """Return the mark of the default model, both tasks at 1 : 1."""
    own = run.metrics.get(part, {}) if run else {}
    if RATING_METRIC not in own or RETRIEVAL_METRIC not in own:
        return []
    return [{"name": "default model", "x": own[RATING_METRIC], "y": own[RETRIEVAL_METRIC]}]


def _axis(values: Sequence[float], *, rising: bool) -> dict[str, Any]:
    """Return the values at the worse and the better end of an axis, and its ticks."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    pad = max(high - low, 0.01) * PADDING
    low, high = low - pad, high + pad
    return {
        "worst": low if rising else high,
        "best": high if rising else low,
        "ticks": _ticks(low, high),
    }


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers between two."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if (high - low) / s <= 6)
    first = -(-low // step)
    return [round((first + i) * step, 6) for i in range(int((high - first * step) / step) + 1)]
