"""Charts of the Compare page: curves of several runs, and the two tasks against each other."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.compare_rows import LOSS_CURVES, Entry
from recsys.records import EpochRecord

Rows = list[dict[str, Any]]
X_METRIC, Y_METRIC = "rmse", "top_k_accuracy@100"
PICK = "pick"  # the selection of a click on the scatter
STALE = 0.45  # opacity of runs that are not selected
LOSS_CUT = 1.5  # losses above are cut off: 1 is trivial, and one wild epoch would flatten the rest
MOST_NAMES = 12  # labels in the scatter
GAP = 15  # pixels between labels


def run_colours(entries: Sequence[Entry], selected: Sequence[str]) -> dict[str, str]:
    """Return the colour of each selected entry by label; baselines are grey.

    A run keeps its colour while others come and go, as far as ten colours reach.
    """
    colours = {entry.label: theme.BASELINE for entry in entries if not entry.run}
    runs = [entry for entry in entries if entry.run][::-1]  # oldest first: new runs shift nothing
    n = len(theme.RUN_COLOURS)
    taken: list[int] = []
    for place, entry in enumerate(runs):
        if entry.entry_id not in selected:
            continue
        free = [i % n for i in range(place, place + n) if i % n not in taken] or [place % n]
        taken.append(free[0])
        colours[entry.label] = theme.RUN_COLOURS[free[0]]
    chosen = [entry for entry in entries if entry.entry_id in selected]
    return {entry.label: colours[entry.label] for entry in chosen}


def curve_rows(entries: Sequence[Entry], curve: str) -> Rows:
    """Return `{label, epoch, seconds, part, value}` of one curve of every run.

    Losses come for train and, where there is one, validation; metrics for validation.
    """
    return [
        {
            "label": entry.label,
            "epoch": record.epoch,
            "seconds": record.seconds,
            "part": part,
            "value": value,
        }
        for entry in entries
        if entry.run
        for record in entry.run.history
        for part, value in _values(record, curve).items()
        if value is not None
    ]


def _values(record: EpochRecord, curve: str) -> dict[str, float | None]:
    if curve not in LOSS_CURVES:
        return {"validation": record.validation_metrics.get(curve)}
    return {
        "train": getattr(record, curve),
        "validation": getattr(record, f"validation_{curve}", None),
    }


def curve_chart(rows: Rows, curve: str, colours: Mapping[str, str], x: str) -> alt.LayerChart:
    """Draw one curve of several runs over `x`: `epoch` or `seconds`. Validation is solid."""
    hover = alt.selection_point(name="near", fields=["label"], on="pointerover", empty=True)
    top = [LOSS_CUT] if is_cut(rows, curve) else []
    axis = {"epoch": ("epoch", "d"), "seconds": ("seconds since the start of the fit", "~g")}[x]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X(
            f"{x}:Q",
            title=axis[0],
            scale=alt.Scale(zero=False, nice=x == "seconds"),
            axis=alt.Axis(format=axis[1], tickMinStep=1 if x == "epoch" else 0, grid=False),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(zero=False, nice=not top, domainMax=top[0] if top else alt.Undefined),
        ),
        color=alt.Color(
            "label:N", scale=theme.colour_scale(list(colours), list(colours.values())), legend=None
        ),
        strokeDash=alt.StrokeDash(
            "part:N",
            scale=alt.Scale(domain=["validation", "train"], range=[[1, 0], theme.DASH]),
            legend=None,
        ),
        detail="part:N",
        opacity=alt.condition(hover, alt.value(1.0), alt.value(0.25)),
        tooltip=[
            alt.Tooltip("label:N", title="run"),
            alt.Tooltip("part:N"),
            alt.Tooltip("epoch:Q"),
            alt.Tooltip("seconds:Q", format=".1f"),
            alt.Tooltip("value:Q", title=words.label(curve), format=".4f"),
        ],
    )
    lines = base.mark_line(strokeWidth=theme.LINE, clip=bool(top))
    # The dots keep a run of one epoch visible, and are easier to hit than a line.
    points = base.mark_circle(size=36, clip=bool(top)).add_params(hover)
    return (lines + points).properties(height=theme.MEDIUM)


def is_cut(rows: Rows, curve: str) -> bool:
    """Return whether the chart of this curve cuts off values above `LOSS_CUT`."""
    values = [row["value"] for row in rows]
    return curve in ("retrieval_loss", "rating_loss") and max(values, default=0) > LOSS_CUT


def legend_chart(colours: Mapping[str, str], columns: int = 4) -> alt.Chart:
    """Draw only the legend, once for all the curves under it."""
    return (
        alt.Chart(alt.Data(values=[{"label": label} for label in colours]))
        .mark_circle(opacity=0)
        .encode(
            color=alt.Color(
                "label:N",
                scale=theme.colour_scale(list(colours), list(colours.values())),
                legend=alt.Legend(
                    orient="top",
                    title=None,
                    columns=columns,
                    labelLimit=320,
                    labelFontSize=theme.LABEL_SIZE,
                    symbolOpacity=1,
                ),
            )
        )
        .properties(height=58 + 20 * ((len(colours) - 1) // columns))
        .configure_view(stroke=None)
    )


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
    layers = [*_marks(level, "y"), *_marks(upright, "x"), *_points(both), _corner()]
    return alt.layer(*layers).properties(height=theme.LARGE)


def _x() -> alt.X:
    return alt.X(
        "rmse:Q",
        title="RMSE in stars (lower is better, so better is to the right)",
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
    # The label of a level line stands over its left end; that of an upright one runs along it,
    # at half height, where the two kinds do not meet.
    at = {"y": {"x": alt.value(0)}, "x": {"y": alt.value("height")}}[axis]
    text_at = at if axis == "y" else {"y": alt.value(alt.ExprRef("height * 0.7"))}
    turn = {"y": {"dx": 6, "dy": -5}, "x": {"angle": 270, "dx": 6, "dy": -6}}[axis]
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(alt.Data(values=lines)).encode(**place, color=colour, tooltip=_tooltip())
    drawn = []
    if lines:
        drawn.append(base.mark_rule(strokeDash=theme.DASH, strokeWidth=1.5))
        text = base.mark_text(align="left", baseline="bottom", fontSize=theme.LABEL_SIZE, **turn)
        drawn.append(text.encode(text="label:N", **text_at))
    if ticks:
        base = alt.Chart(alt.Data(values=ticks)).encode(**place, color=colour, tooltip=_tooltip())
        drawn.append(base.mark_tick(size=12, thickness=2, opacity=STALE).encode(**at))
    return drawn


def _points(rows: Rows) -> list[alt.Chart]:
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
    return [points, *_names([row for row in rows if row["selected"]][:MOST_NAMES], rows)]


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
            limit=190,
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
    errors = [row["rmse"] for row in within]
    middle = (min(errors) + max(errors)) / 2
    values = [row["top100"] for row in within]
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
