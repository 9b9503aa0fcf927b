"""The two tasks against each other: RMSE and top-100 accuracy of runs and baselines."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.compare_rows import Entry

Rows = list[dict[str, Any]]
X_METRIC, Y_METRIC = "rmse", "top_k_accuracy@100"
PICK = "pick"  # the selection of a click on a point
STALE = 0.45  # opacity of runs that are not selected
MOST_NAMES = 12  # labels
LABEL_LIMIT = "max(40, min(190, width * 0.36))"  # pixels; a narrow chart shortens with "…"
GAP = 15  # pixels between labels


def scatter_rows(
    entries: Sequence[Entry], part: str, selected: Sequence[str], colours: Mapping[str, str]
) -> Rows:
    """Return one row for each entry that has RMSE or top-100 accuracy on this part.

    Rows hold `entry_id`, `label`, `rmse` and `top100` (one of them may be missing), `kind`
    (architecture, or `baseline`), `selected`, `stopped` and `colour`.
    """
    rows = []
    for entry in entries:
        values = {"rmse": entry.metric(part, X_METRIC), "top100": entry.metric(part, Y_METRIC)}
        known = {name: value for name, value in values.items() if value is not None}
        run = entry.run
        if known:
            rows.append(
                {
                    "entry_id": entry.entry_id,
                    "label": entry.label,
                    **known,
                    "kind": run.config.architecture if run else "baseline",
                    "selected": entry.entry_id in selected,
                    "stopped": bool(run and run.status == "stopped"),
                    "colour": colours.get(entry.label, theme.BASELINE),
                }
            )
    return rows


def scatter_chart(rows: Rows) -> alt.LayerChart:
    """Draw RMSE against top-100 accuracy; better is up and right, so the RMSE axis is reversed.

    What has both figures is a point. What has one (a baseline, a run of a single task) is a line
    at its value, or a tick at the axis while it is not selected.
    """
    both = [row for row in rows if "rmse" in row and "top100" in row]
    level = [row for row in rows if "rmse" not in row]
    upright = [row for row in rows if "top100" not in row]
    layers = [*_marks(level, "y"), *_marks(upright, "x"), *_points(both, rows), _corner()]
    return alt.layer(*layers).properties(height=theme.LARGE)


def _x() -> alt.X:
    return alt.X(
        "rmse:Q",
        title="RMSE in stars, reversed",
        scale=alt.Scale(zero=False, reverse=True, nice=True, padding=20),
        axis=alt.Axis(format=".3~f", tickCount=6),
    )


def _y() -> alt.Y:
    return alt.Y(
        "top100:Q",
        title="Top-100 accuracy (higher is better)",
        scale=alt.Scale(zero=False, nice=True, padding=20),
        axis=alt.Axis(format=".2~f", tickCount=6),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("label:N", title="run"),
        alt.Tooltip("kind:N"),
        alt.Tooltip("rmse:Q", title="RMSE (stars)", format=".3f"),
        alt.Tooltip("top100:Q", title="top-100 accuracy", format=".3f"),
    ]


def _marks(rows: Rows, axis: str) -> list[alt.Chart]:
    """Draw entries with one figure: lines across the chart with their label, or ticks."""
    lines = [row for row in rows if row["selected"] or row["kind"] == "baseline"]
    ticks = [row for row in rows if row not in lines]
    place = {"y": {"y": _y()}, "x": {"x": _x()}}[axis]
    at = {"y": {"x": alt.value(0)}, "x": {"y": alt.value("height")}}[axis]
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(alt.Data(values=lines)).encode(**place, color=colour, tooltip=_tooltip())
    drawn = []
    if lines:
        drawn.append(base.mark_rule(strokeDash=theme.DASH, strokeWidth=1.5, opacity=0.5))
        drawn += _line_names(lines, axis, place)
    if ticks:
        base = alt.Chart(alt.Data(values=ticks)).encode(**place, color=colour, tooltip=_tooltip())
        drawn.append(base.mark_tick(size=12, thickness=2, opacity=STALE).encode(**at))
    return drawn


def _line_names(lines: Rows, axis: str, place: dict[str, Any]) -> list[alt.Chart]:
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
            {"x": alt.value((0, "width")[end])}
            if axis == "y"
            else {"y": alt.value(alt.ExprRef(("height * 0.7", "0")[end]))}
        )
        text = alt.Chart(alt.Data(values=rows)).mark_text(
            align=align,
            baseline="bottom",
            fontSize=theme.LABEL_SIZE,
            limit=alt.ExprRef("width * 0.7" if axis == "y" else "height * 0.65"),
            **turn,
        )
        colour = alt.Color("colour:N", scale=None)
        drawn.append(text.encode(**place, color=colour, tooltip=_tooltip(), text="label:N", **at))
    return drawn


def _points(rows: Rows, within: Rows) -> list[alt.Chart]:
    pick = alt.selection_point(name=PICK, fields=["entry_id"])
    points = (
        alt.Chart(alt.Data(values=rows))
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
            opacity=alt.condition("datum.selected", alt.value(1.0), alt.value(STALE)),
            tooltip=_tooltip(),
        )
        .add_params(pick)
    )
    return [points, *_names([row for row in rows if row["selected"]][:MOST_NAMES], within)]


def _names(rows: Rows, within: Rows) -> list[alt.Chart]:
    """Write the labels beside their points, towards the middle of the chart."""
    placed = place_names(rows, within)
    return [
        alt.Chart(alt.Data(values=[row for row in placed if row["side"] == side]))
        .mark_text(
            align=side,
            baseline="middle",
            dx=12 if side == "left" else -12,
            dy=alt.ExprRef("datum.shift"),
            limit=alt.ExprRef(LABEL_LIMIT),
            fontSize=theme.LABEL_SIZE,
        )
        .encode(x=_x(), y=_y(), text="label:N", color=alt.Color("colour:N", scale=None))
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
        .encode(text=alt.value("better ↗"), x=alt.value("width"), y=alt.value(0))
    )
