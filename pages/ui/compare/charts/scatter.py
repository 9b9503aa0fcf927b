"""The two tasks against each other: RMSE and top-100 accuracy of runs and baselines."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.compare.charts import board
from pages.ui.compare.rows import Entry
from pages.ui.compare.units import learns_curve

Rows = list[dict[str, Any]]
X_METRIC, Y_METRIC = "rmse", "top_k_accuracy@100"
PICK = "pick"  # the selection of a click on a point
STALE = 0.45  # opacity of runs that are not selected
MOST_NAMES = 12  # labels
WIDTH = board.width(2)
LABEL_LIMIT = f"max(40, min(190, {WIDTH} * 0.36))"  # pixels; a narrow chart shortens with "…"
GAP = 15  # pixels between labels


def scatter_rows(
    entries: Sequence[Entry],
    part: str,
    selected: Sequence[str],
    colours: Mapping[str, str],
    units: Mapping[str, str],
) -> Rows:
    """Return one row for each entry that has RMSE or top-100 accuracy on this part.

    A task that was not trained has no figure: it would be one of chance.

    Rows hold `entry_id`, `label`, `unit`, `name` (written at it), `rmse` and `top100` (one of them
    may be missing), `kind` (architecture, or `baseline`), `selected`, `stopped` and `colour`.

    Args:
        entries: What there is.
        part: `holdout` or `validation`.
        selected: Ids of what is selected.
        colours: Of the selected units, by label.
        units: Entry id to unit label, of the selected.
    """
    rows: Rows = []
    for entry in entries:
        values = {
            name: entry.metric(part, metric)
            for name, metric in (("rmse", X_METRIC), ("top100", Y_METRIC))
            if learns_curve(entry, metric)
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
    """Return what is written at an entry: its unit's label, at the first member only."""
    unit = units.get(entry.entry_id, entry.label)
    return "" if any(row["unit"] == unit for row in rows) else unit


def inside(rows: Rows) -> Rows:
    """Return the rows without baselines, if there are runs to compare.

    Baselines lie so far off that the runs would fall together.
    """
    runs = [row for row in rows if row["selected"] and "rmse" in row and "top100" in row]
    return [row for row in rows if row["kind"] != "baseline"] if len(runs) > 1 else list(rows)


def scatter_chart(rows: Rows, shared: alt.Parameter) -> alt.LayerChart:
    """Draw RMSE against top-100 accuracy; better is up and right, so the RMSE axis is reversed.

    What has both figures is a point. What has one (a baseline, a run of a single task) is a line
    at its value, or a tick at the axis while it is not selected.
    """
    both = [row for row in rows if "rmse" in row and "top100" in row]
    level = [row for row in rows if "rmse" not in row]
    upright = [row for row in rows if "top100" not in row]
    marks = [*_marks(level, "y", shared), *_marks(upright, "x", shared)]
    return alt.layer(*marks, *_points(both, rows, shared), _corner())


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


def _marks(rows: Rows, axis: str, shared: alt.Parameter) -> list[alt.Chart]:
    """Draw entries with one figure: lines across the chart with their label, or ticks."""
    lines = [row for row in rows if row["selected"] or row["kind"] == "baseline"]
    ticks = [row for row in rows if row not in lines]
    place = {"y": {"y": _y()}, "x": {"x": _x()}}[axis]
    at = {"y": {"x": alt.value(0)}, "x": {"y": alt.value("height")}}[axis]
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(board.table(lines)).encode(**place, color=colour, tooltip=_tooltip())
    drawn = []
    if lines:
        rule = base.mark_rule(strokeDash=theme.DASH, strokeWidth=1.5)
        # A rule would end at the nominal width.
        ends = {"y": {"x": alt.value(0), "x2": alt.value(alt.ExprRef(WIDTH))}, "x": {}}[axis]
        drawn.append(rule.encode(**ends, opacity=board.faded(shared, 0.5)))
        drawn += _line_names(lines, axis, place, shared)
    if ticks:
        base = alt.Chart(board.table(ticks)).encode(**place, color=colour, tooltip=_tooltip())
        tick = base.mark_tick(size=12, thickness=2)
        drawn.append(tick.encode(**at, opacity=board.faded(shared, STALE)))
    return drawn


def _line_names(
    lines: Rows, axis: str, place: dict[str, Any], shared: alt.Parameter
) -> list[alt.Chart]:
    """Write the labels along their lines; neighbours at different ends, so that they keep apart.

    Level lines are labelled over their ends. Upright ones have their label in the lower half or at
    the top, where it does not meet those of level ones so easily.
    """
    figure = {"y": "top100", "x": "rmse"}[axis]
    ranked = sorted(lines, key=lambda row: row[figure], reverse=axis == "y")
    drawn = []
    for end, rows in enumerate((ranked[::2], ranked[1::2])):
        if not rows:
            continue
        align = ("left", "right")[end]
        turn = (
            {"dx": (6, -6)[end], "dy": -5}
            if axis == "y"
            else {"angle": 270, "dx": (6, -24)[end], "dy": -6}
        )
        at = (
            {"x": alt.value(alt.ExprRef(("0", WIDTH)[end]))}
            if axis == "y"
            else {"y": alt.value(alt.ExprRef((f"{theme.LARGE * 0.7}", "0")[end]))}
        )
        text = alt.Chart(board.table(rows)).mark_text(
            align=align,
            baseline="bottom",
            fontSize=theme.LABEL_SIZE,
            limit=alt.ExprRef(f"{WIDTH} * 0.7" if axis == "y" else f"{theme.LARGE * 0.65}"),
            **turn,
        )
        colour = alt.Color("colour:N", scale=None)
        text = text.encode(**place, color=colour, tooltip=_tooltip(), text="name:N", **at)
        drawn.append(text.encode(opacity=board.faded(shared)))
    return drawn


def _points(rows: Rows, within: Rows, shared: alt.Parameter) -> list[alt.Chart]:
    pick = alt.selection_point(name=PICK, fields=["entry_id"])
    points = (
        alt.Chart(board.table(rows))
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
            size=alt.condition("datum.selected", alt.value(170), alt.value(70)),
            opacity=board.faded(shared, f"datum.selected ? 1 : {STALE}"),
            tooltip=_tooltip(),
        )
        .add_params(pick, shared)
    )
    named = [row for row in rows if row["selected"] and row["name"]]
    names = _names(named[:MOST_NAMES], within, shared)
    return [points, *names]


def _names(rows: Rows, within: Rows, shared: alt.Parameter) -> list[alt.Chart]:
    """Write the labels beside their points, towards the middle of the chart."""
    placed = place_names(rows, within)
    return [
        alt.Chart(board.table([row for row in placed if row["side"] == side]))
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
            text="name:N",
            color=alt.Color("colour:N", scale=None),
            opacity=board.faded(shared),
        )
        for side in sorted({row["side"] for row in placed})
    ]


def place_names(rows: Rows, within: Rows, height: int = theme.LARGE - 90) -> Rows:
    """Add `side` (the label's alignment) and `shift` (pixels down, so that labels keep apart).

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


def _corner() -> alt.Chart:
    """Say which way is better, at the top right."""
    return (
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(align="right", baseline="top", dx=-8, dy=8, color=theme.BASELINE, fontSize=13)
        .encode(text=alt.value("better ↗"), x=alt.value(alt.ExprRef(WIDTH)), y=alt.value(0))
    )
