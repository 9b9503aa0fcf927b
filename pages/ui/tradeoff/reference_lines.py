"""What has only one of a scatter's two figures: a line across the plot, with its label."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.labels import Places, overlap

# How far along its line a label begins, in shares of the plot.
LEVEL_SLOTS = (0.3, 0.02, 0.6)
UPRIGHT_SLOTS = (0.0, 0.5)
# What a label takes along its line and beside it.
LENGTH, THICKNESS = {"y": 0.36, "x": 0.45}, {"y": 0.06, "x": 0.035}
SAME = 0.012  # lines closer than this are one to the eye


def merge_lines(rows: Rows, places: Places) -> Rows:
    """Return the lines, those that the eye could not tell apart as one.

    Args:
        rows: with `task` and `sharing` (a name, or "" for all there is), and `x` or `y`.
        places: where values lie.
    """
    merged: list[dict[str, Any]] = []
    for row in rows:
        axis = "y" if "y" in row else "x"
        place = places.share(axis, row[axis])
        for line in merged:
            alike = line["task"] == row["task"] and axis in line
            if alike and abs(places.share(axis, line[axis]) - place) < SAME:
                line["sharing"] = [*line["sharing"], row["sharing"]]
                break
        else:
            merged.append(row | {"sharing": [row["sharing"]]})
    sharings = {row["sharing"] for row in rows}
    return [line | {"label": _name(line, len(sharings))} for line in merged]


def _name(line: dict[str, Any], sharings: int) -> str:
    alone = f"{line['task']} alone"
    if len(line["sharing"]) == sharings:
        return alone
    return f"{alone}, {' and '.join(line['sharing'])}"


def line_charts(rows: Rows, axes: dict[str, Any], places: Places, spots: Rows) -> list[alt.Chart]:
    """Draw lines; each label stands where the fewest points and other labels are.

    Args:
        rows: with `label`, `colour`, and `x` or `y`.
        axes: the encodings of the two axes.
        places: where values lie.
        spots: the points of the plot.
    """
    taken = [places.spot(row) for row in spots]
    boxes: list[tuple[float, float, float, float]] = []
    drawn: list[alt.Chart] = []
    for row in sorted(rows, key=lambda row: "y" in row):
        axis = "y" if "y" in row else "x"
        slot, box = _slot(axis, places.share(axis, row[axis]), taken, boxes)
        boxes.append(box)
        drawn += _line(row, axis, slot, axes)
    return drawn


def _slot(
    axis: str, place: float, spots: Sequence[tuple[float, float]], boxes: Sequence[Any]
) -> tuple[float, tuple[float, float, float, float]]:
    """Return where along its line a label begins, and what it covers."""
    found = []
    for slot in LEVEL_SLOTS if axis == "y" else UPRIGHT_SLOTS:
        end = slot + LENGTH[axis]
        if axis == "y":
            box = (slot, place, end, place + THICKNESS["y"])
        else:  # beside the line, towards the left
            box = (place - THICKNESS["x"], slot, place, end)
        points = sum(box[0] <= px <= box[2] and box[1] <= py <= box[3] for px, py in spots)
        found.append((10 * sum(overlap(box, other) for other in boxes) + points, slot, box))
    best = min(cost for cost, _, _ in found)
    return next((slot, box) for cost, slot, box in found if cost == best)


def _line(row: dict[str, Any], axis: str, slot: float, axes: dict[str, Any]) -> list[alt.Chart]:
    tip = [alt.Tooltip("label:N", title="what"), alt.Tooltip(f"{axis}:Q", format=".4f")]
    base = alt.Chart(alt.Data(values=[row])).encode(**{axis: axes[axis]}, tooltip=tip)
    if axis == "y":
        turn: dict[str, Any] = {"dx": 6, "dy": -5}
        at = {"x": alt.value(alt.ExprRef(f"width * {slot}"))}
    else:
        turn = {"angle": 270, "dx": 6, "dy": -6}
        at = {"y": alt.value(alt.ExprRef(f"height * {1 - slot}"))}
    colour = row["colour"]
    text = base.mark_text(
        align="left", baseline="bottom", color=colour, fontSize=theme.LABEL_SIZE, **turn
    )
    return [
        base.mark_rule(strokeDash=theme.DASH, strokeWidth=1.5, color=colour),
        text.encode(text="label:N", **at),
    ]
