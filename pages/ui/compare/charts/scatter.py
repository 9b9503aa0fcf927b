"""The two tasks against each other: RMSE and top-100 accuracy of runs and baselines."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.compare.charts import board
from pages.ui.compare.charts.board import Shared
from pages.ui.compare.rows import Entry

X_METRIC, Y_METRIC = "rmse", "top_k_accuracy@100"
PICK = "pick"  # the selection of a click on a point
UNSELECTED = 0.45  # opacity of runs that are not selected
MOST_NAMES = 12  # labels
WIDTH = board.width(2)
LABEL_LIMIT = f"max(40, min(190, {WIDTH} * 0.36))"  # pixels; a narrow chart shortens with "…"
GAP = 15  # pixels between labels
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")  # a label's alignment


def scatter_rows(
    entries: Sequence[Entry],
    part: str,
    selected: Sequence[str],
    colours: Mapping[str, str],
    units: Mapping[str, str],
) -> Rows:
    """Return one row for each entry that has RMSE or top-100 accuracy on this part.

    The metric of a task that was not trained is left out: its value comes from chance.

    Rows hold `entry_id`, `label`, `unit`, `name` (written at the point), `rmse` and `top100` (one
    of them may be missing), `kind` (architecture, or `baseline`), `selected`, `stopped` and
    `colour`.

    Args:
        entries: The entries to draw.
        part: `holdout` or `validation`.
        selected: Ids of the selected entries.
        colours: The colour of each selected unit, by label.
        units: The unit's label of each selected entry, by id.
    """
    rows: Rows = []
    for entry in entries:
        values = {
            name: entry.trained_metric(part, metric)
            for name, metric in (("rmse", X_METRIC), ("top100", Y_METRIC))
        }
        known = {name: value for name, value in values.items() if value is not None}
        run = entry.run
        if known:
            rows.append(
                {
                    "entry_id": entry.entry_id,
                    "label": entry.label,
                    "unit": units.get(entry.entry_id, entry.label),
                    "name": _name(entry, units, rows),
                    **known,
                    "kind": run.config.architecture if run else "baseline",
                    "selected": entry.entry_id in selected,
                    "stopped": bool(run and run.status == "stopped"),
                    "colour": colours.get(units.get(entry.entry_id, ""), theme.BASELINE),
                }
            )
    return rows


def _name(entry: Entry, units: Mapping[str, str], rows: Rows) -> str:
    """Return the text at an entry's point: its unit's label, at the first member only."""
    unit = units.get(entry.entry_id, entry.label)
    return "" if any(row["unit"] == unit for row in rows) else unit


def inside(rows: Rows) -> Rows:
    """Return the rows without baselines if several runs are selected.

    Baselines are far away and would squeeze the other points.
    """
    runs = [row for row in rows if row["selected"] and "rmse" in row and "top100" in row]
    return [row for row in rows if row["kind"] != "baseline"] if len(runs) > 1 else list(rows)


def scatter_chart(rows: Rows, shared: Shared) -> alt.LayerChart:
    """Draw RMSE against top-100 accuracy; better is up and right, so the RMSE axis is reversed.

    An entry with both metrics is a point. An entry with one (a baseline, a run of a single task)
    is a line at its value; while it is not selected, a run is a tick at the axis.
    """
    both = [row for row in rows if "rmse" in row and "top100" in row]
    marks = [
        *_marks([row for row in rows if "rmse" not in row], _level(), shared),
        *_marks([row for row in rows if "top100" not in row], _upright(), shared),
    ]
    return board.layered(*marks, *_points(both, rows, shared))


def _x() -> alt.X:
    return alt.X(
        "rmse:Q",
        title="RMSE in stars, reversed",
        scale=alt.Scale(zero=False, reverse=True, nice=True, padding=20, range=board.across(WIDTH)),
        axis=alt.Axis(format=".4~f", tickCount=6),
    )


def _y() -> alt.Y:
    return alt.Y(
        "top100:Q",
        title=None,
        scale=alt.Scale(zero=False, nice=True, padding=20),
        axis=alt.Axis(format=".4~f", tickCount=6),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("label:N", title="run"),
        alt.Tooltip("kind:N"),
        alt.Tooltip("rmse:Q", title="RMSE (stars)", format=".3f"),
        alt.Tooltip("top100:Q", title="top-100 accuracy", format=".3f"),
    ]


class Place(NamedTuple):
    """Where along its line a label stands."""

    align: Literal["left", "right"]
    at: dict[str, Any]  # the encoding of its position along the line
    dx: int = 0
    dy: int = 0


class Direction(NamedTuple):
    """How entries with only one of the two metrics are drawn.

    Attributes:
        field: The metric they have.
        value: The encoding of that metric.
        ends: The encodings that draw a line across the chart.
        tick: The encoding of the axis at which a tick stands.
        descending: Whether lines alternate between the two places from the largest value on.
        angle: Of the labels, degrees.
        limit: The expression of a label's greatest length, pixels.
        places: Two places for labels. Neighbours take turns, so that they do not overlap.
    """

    field: str
    value: dict[str, Any]
    ends: dict[str, Any]
    tick: dict[str, Any]
    descending: bool
    angle: int
    limit: str
    places: tuple[Place, Place]


def _level() -> Direction:
    """Return the direction of entries with top-100 accuracy only: labels over either end."""
    return Direction(
        field="top100",
        value={"y": _y()},
        # Without an end the line would stop at the nominal width.
        ends={"x": alt.XValue(0), "x2": alt.X2Value(alt.ExprRef(WIDTH))},
        tick={"x": alt.XValue(0)},
        descending=True,
        angle=0,
        limit=f"{WIDTH} * 0.7",
        places=(
            Place("left", {"x": alt.XValue(alt.ExprRef("0"))}, 6, -5),
            Place("right", {"x": alt.XValue(alt.ExprRef(WIDTH))}, -6, -5),
        ),
    )


def _upright() -> Direction:
    """Return the direction of entries with RMSE only: labels in the lower half or at the top.

    There they seldom meet the labels of level lines.
    """
    return Direction(
        field="rmse",
        value={"x": _x()},
        ends={},
        tick={"y": alt.YValue("height")},
        descending=False,
        angle=270,
        limit=f"{theme.LARGE * 0.65}",
        places=(
            Place("left", {"y": alt.YValue(alt.ExprRef(f"{theme.LARGE * 0.7}"))}, 6, -6),
            Place("right", {"y": alt.YValue(alt.ExprRef("0"))}, -24, -6),
        ),
    )


def _marks(rows: Rows, direction: Direction, shared: Shared) -> list[alt.Chart]:
    """Draw entries with one metric: selected ones and baselines as lines, others as ticks."""
    lines = [row for row in rows if row["selected"] or row["kind"] == "baseline"]
    ticks = [row for row in rows if row not in lines]
    drawn = []
    if lines:
        rule = _at_value(lines, direction, shared).mark_rule(strokeDash=theme.DASH, strokeWidth=1.5)
        drawn.append(rule.encode(**direction.ends, opacity=shared.faded(0.5)))
        drawn += _line_names(lines, direction, shared)
    if ticks:
        tick = _at_value(ticks, direction, shared).mark_tick(size=12, thickness=2)
        drawn.append(tick.encode(**direction.tick, opacity=shared.faded(UNSELECTED)))
    return drawn


def _at_value(rows: Rows, direction: Direction, shared: Shared) -> alt.Chart:
    chart: alt.Chart = alt.Chart(shared.table(rows)).encode(
        **direction.value, color=alt.Color("colour:N", scale=None), tooltip=_tooltip()
    )
    return chart


def _line_names(lines: Rows, direction: Direction, shared: Shared) -> list[alt.Chart]:
    """Write the labels along their lines."""
    ranked = sorted(lines, key=lambda row: row[direction.field], reverse=direction.descending)
    return [
        _at_value(rows, direction, shared)
        .mark_text(
            align=place.align,
            baseline="bottom",
            angle=direction.angle,
            dx=place.dx,
            dy=place.dy,
            fontSize=theme.LABEL_SIZE,
            limit=alt.ExprRef(direction.limit),
        )
        .encode(**place.at, text=alt.Text("name:N"), opacity=shared.faded())
        for rows, place in zip((ranked[::2], ranked[1::2]), direction.places, strict=True)
        if rows
    ]


def _points(rows: Rows, within: Rows, shared: Shared) -> list[alt.Chart]:
    pick = alt.selection_point(name=PICK, fields=["entry_id"])
    points = (
        alt.Chart(shared.table(rows))
        .mark_point(filled=True, strokeWidth=2, cursor="pointer")
        .encode(
            x=_x(),
            y=_y(),
            color=alt.Color("colour:N", scale=None),
            shape=alt.Shape(
                "kind:N",
                scale=alt.Scale(domain=["duet", "tutorial"], range=["circle", "diamond"]),
                legend=None,
            ),
            size=alt.SizeValue(**alt.condition("datum.selected", alt.value(170), alt.value(70))),
            opacity=shared.faded(f"datum.selected ? 1 : {UNSELECTED}"),
            tooltip=_tooltip(),
        )
        .add_params(pick, shared.hover)
    )
    named = [row for row in rows if row["selected"] and row["name"]]
    names = _names(named[:MOST_NAMES], within, shared)
    return [points, *names]


def _names(rows: Rows, within: Rows, shared: Shared) -> list[alt.Chart]:
    """Write the labels beside their points, towards the middle of the chart."""
    # Trade-off places its labels otherwise (`charts/labels.py`): its names are short and may be
    # left out, and the plot's shape is known. Here each selected run keeps its name, which may be
    # long, in a chart whose width only the browser knows.
    placed = place_names(rows, within)
    return [
        # Both sides, even if one has none: other figures then change only the data.
        alt.Chart(shared.table([row for row in placed if row["side"] == side]))
        .mark_text(
            align=side,
            baseline="middle",
            dx=12 if side == "left" else -12,
            dy=alt.ExprRef("datum.shift"),
            limit=alt.ExprRef(LABEL_LIMIT),
            fontSize=theme.LABEL_SIZE,
        )
        .encode(
            x=_x(),
            y=_y(),
            text=alt.Text("name:N"),
            color=alt.Color("colour:N", scale=None),
            opacity=shared.faded(),
        )
        for side in SIDES
    ]


def place_names(rows: Rows, within: Rows, height: int = theme.LARGE - 90) -> Rows:
    """Add `side` (the label's alignment) and `shift` (pixels down, so that labels do not overlap).

    Args:
        rows: Rows of the scatter with both figures, to be labelled.
        within: All rows that the axes reach over.
        height: Of the plotting area, pixels.
    """
    if not rows:
        return []
    errors = [row["rmse"] for row in within if "rmse" in row]
    middle = (min(errors) + max(errors)) / 2
    values = [row["top100"] for row in within if "top100" in row]
    spread = (max(values) - min(values)) or 1.0
    placed = []
    last: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: -row["top100"]):
        # The RMSE axis is reversed: a large RMSE lies left, its label to the right of the point.
        side = "left" if row["rmse"] > middle else "right"
        wanted = (max(values) - row["top100"]) / spread * height
        at = max(wanted, last.get(side, -GAP) + GAP)
        last[side] = at
        placed.append(row | {"side": side, "shift": at - wanted})
    return placed
