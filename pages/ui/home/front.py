"""What the instrument on Home shows: a line for each way of sharing, and what it is compared to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pages.ui.charts import theme
from recsys.evaluation.evaluate import Part
from recsys.ratio import position_name
from recsys.runs.names import SHARING_NAMES, USUAL
from recsys.runs.records import EpochRecord, Run

RETRIEVAL_METRIC, RATING_METRIC = "ndcg@20", "rmse"
# The ways of sharing that the instrument offers, and what each of them is.
WAYS = {
    "tied": "Both tasks use the very same vectors.",
    "mapped": "Ratings read the same vectors through one learned matrix.",
    "part": "Ratings have vectors of their own beside the shared ones.",
}
NOTE = (
    "All figures here are measured on validation, where ratios are chosen. The table of presets "
    "below is measured on the holdout: compare only figures of the same part."
)
# Whichever way is chosen above, so that one can compare them all with it.
ALONE = (
    "“Retrieval alone” and “rating alone” are the default model, with {sharing}, trained for one "
    "task."
)
PADDING = 0.06  # of an axis, beyond the farthest point
STEP = 0.15  # of an axis, when it is extended: more than needed, so that it seldom happens
# While lines are trained, the axes have room for what models usually reach, times the baseline.
ROOM = {"x": 0.92, "y": 2.4}
Axes = dict[str, dict[str, Any]]


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
    live: Collection[str] = (),
    drawn: Axes | None = None,
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
        live: the ways whose lines are in training.
        drawn: the axes as they were drawn last; they are kept, or extended.
    """
    stored = [point for way, line in lines.items() if way not in live for point in line]
    moving = [point for way in live for point in lines[way]]
    room = bool(live) or any(not lines.get(way) for way in WAYS)
    axes = _axes(stored, moving, references, marks, part, drawn or {}, room=room)
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
        "axes": axes,
        "note": _note(references, part),
    }


def _note(references: Mapping[str, Sequence[Mapping[str, Any]]], part: Part) -> str:
    """Say what the figures are measured on, and what the lines of one task alone are."""
    sentences = [NOTE] if part == "validation" else []
    if any("alone" in line["name"] for lines in references.values() for line in lines):
        sentences.append(ALONE.format(sharing=SHARING_NAMES[USUAL["sharing"]]))
    return " ".join(sentences)


def _axes(
    stored: Sequence[Point],
    moving: Sequence[Point],
    references: Mapping[str, Sequence[Mapping[str, Any]]],
    marks: Sequence[Mapping[str, Any]],
    part: Part,
    drawn: Axes,
    *,
    room: bool,
) -> Axes:
    """Return both axes: they hold all stored points, references and marks.

    With `room`, they also hold what models usually reach. A moving line counts where it is better
    than the baseline: it begins far away from there, and does not stay.
    """
    x, y = (
        [getattr(point, axis) for point in stored]
        + _better([getattr(point, axis) for point in moving], axis, references[axis])
        + [line["value"] for line in references[axis]]
        + [mark[axis] for mark in marks]
        + ([ROOM[axis] * line["value"] for line in references[axis][:1]] if room else [])
        for axis in ("x", "y")
    )
    return {
        "x": _axis(x, drawn.get("x"), rising=False)
        | {"name": "Ratings: RMSE in stars, lower is better"}
        | {"title": f"RMSE in stars on {part}, reversed", "lines": list(references["x"])},
        "y": _axis(y, drawn.get("y"), rising=True)
        | {"name": "Retrieval: NDCG@20, higher is better"}
        | {"title": f"NDCG@20 on {part}", "lines": list(references["y"])},
    }


def _better(values: Sequence[float], axis: str, lines: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the values that are better than the first of the lines, all if there is none."""
    if not lines:
        return list(values)
    baseline, sign = lines[0]["value"], -1 if axis == "x" else 1
    return [value for value in values if sign * value > sign * baseline]


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


def _axis(
    values: Sequence[float], drawn: Mapping[str, Any] | None, *, rising: bool
) -> dict[str, Any]:
    """Return the ends of an axis with these values: those drawn last, extended where they must."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if drawn is None:
        pad = max(high - low, 0.01) * PADDING
        return _between(low - pad, high + pad, rising=rising)
    old_low, old_high = sorted((drawn["worst"], drawn["best"]))
    step = STEP * (max(high, old_high) - min(low, old_low))
    return _between(
        low - step if low < old_low else old_low,
        high + step if high > old_high else old_high,
        rising=rising,
    )


def _between(low: float, high: float, *, rising: bool) -> dict[str, Any]:
    """Return the two ends of an axis and its ticks."""
    worst, best = (low, high) if rising else (high, low)
    return {"worst": worst, "best": best, "ticks": _ticks(low, high)}


def _ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers between two."""
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if (high - low) / s <= 6)
    first = -(-low // step)
    return [round((first + i) * step, 6) for i in range(int((high - first * step) / step) + 1)]
