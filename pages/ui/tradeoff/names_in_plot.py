"""The names in the Trade-off plot: of the ways of sharing, and of ratios where there is room."""

from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.labels import (
    LETTER,
    NARROW,
    SIDES,
    SQUEEZE,
    Places,
    place_labels,
)

NAMED = ("0", "0.5", "1")  # places of a line whose ratios are written


def name_layers(rows: Rows, places: Places, axes: dict[str, Any], legend: bool) -> list[alt.Chart]:
    """Write names beside points and lines, the chosen point's first.

    The width of the plot is known only in the browser: of two layouts, it shows the one that fits.

    Args:
        rows: the points, with `kind_name`, `weights`, `front`, `chosen` and `at`.
        places: where values lie.
        axes: the encodings of the two axes.
        legend: whether one stands in the plot.
    """
    wide = _layout(rows, places, legend=legend, squeeze=1.0)
    short = [row | {"kind_name": row["kind_name"].removesuffix(" vectors")} for row in rows]
    narrow = _layout(short, places, legend=legend, squeeze=SQUEEZE)
    return [
        *_texts(wide, axes, f"width < {NARROW} ? 0 : 1"),
        *_texts(narrow, axes, f"width < {NARROW} ? 1 : 0"),
    ]


def _layout(rows: Rows, places: Places, *, legend: bool, squeeze: float) -> dict[str, Rows]:
    """Return the labels that have a place, by the side of their point."""
    labels = [row | {"label": row["weights"], "bold": True} for row in rows if row["chosen"]]
    labels += _line_names(rows)
    labels += [row | {"label": row["weights"], "bold": False} for row in _named(rows)]
    for label in labels:
        label["wide"] = LETTER * len(label["label"]) + 0.02
    placed = place_labels(labels, places, rows, _drawn_lines(rows), legend, squeeze)
    sides: dict[str, Rows] = {}
    for label, side in zip(labels, placed, strict=True):
        # The chosen point is named in any case.
        is_chosen = label["chosen"] and label["label"] == label["weights"]
        if where := side or ("below" if is_chosen else None):
            sides.setdefault(where, []).append(label)
    return sides


def _texts(sides: dict[str, Rows], axes: dict[str, Any], opacity: str) -> list[alt.Chart]:
    drawn = []
    for side, (align, dx, dy) in SIDES.items():
        for bold in (True, False):
            own = [
                {field: label[field] for field in ("x", "y", "label")}
                for label in sides.get(side, [])
                if label["bold"] == bold
            ]
            if own:
                text = alt.Chart(alt.Data(values=own)).mark_text(
                    align=align,
                    baseline="middle",
                    dx=dx,
                    dy=dy,
                    fontSize=theme.LABEL_SIZE,
                    fontWeight="bold" if bold else "normal",
                    color=theme.BASELINE,
                    opacity=alt.ExprRef(opacity),
                )
                drawn.append(text.encode(**axes, text="label:N"))
    return drawn


def _drawn_lines(rows: Rows) -> list[Rows]:
    """Return the points of each line and of each front, in their order."""
    lines: dict[str, Rows] = {}
    for row in sorted(rows, key=lambda row: row["place"] if row["at"] else row["x"]):
        if row["at"]:
            lines.setdefault(row["run_id"], []).append(row)
        elif row["front"]:
            lines.setdefault(row["kind"], []).append(row)
    return list(lines.values())


def _line_names(rows: Rows) -> Rows:
    """Return a label for each line, at the end where rating counts most."""
    ends = {}
    for row in sorted((row for row in rows if row["at"]), key=lambda row: row["place"]):
        ends[row["run_id"]] = row | {"label": row["kind_name"], "bold": True, "far": True}
    return list(ends.values())


def _named(rows: Rows) -> Rows:
    """Return the points whose ratio is written: some of each line, and the front of one sweep."""
    single = [row for row in rows if not row["at"]]
    # With several fronts the plot would be too full.
    one = len({row["kind"] for row in rows}) == 1
    swept = [row for row in single if one or row["front"]] if len(single) == len(rows) else []
    return [row for row in (*(r for r in rows if r["at"] in NAMED), *swept) if not row["chosen"]]
