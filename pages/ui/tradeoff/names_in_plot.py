"""The names in the Trade-off plot: of the ways of sharing, and of ratios where there is room."""

from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.labels import LETTER, SIDES, Places, place_labels

NAMED = ("0", "0.5", "1")  # places of a line whose ratios are written


def name_layers(rows: Rows, places: Places, axes: dict[str, Any], legend: bool) -> list[alt.Chart]:
    """Write names beside points and lines, the chosen point's first.

    Args:
        rows: the points, with `kind_name`, `weights`, `front`, `chosen` and `at`.
        places: where values lie.
        axes: the encodings of the two axes.
        legend: whether one stands in the plot.
    """
    labels = [row | {"label": row["weights"], "bold": True} for row in rows if row["chosen"]]
    labels += _line_names(rows)
    labels += [row | {"label": row["weights"], "bold": False} for row in _named(rows)]
    for label in labels:
        label["wide"] = LETTER * len(label["label"]) + 0.02
    placed = place_labels(labels, places, rows, _drawn_lines(rows), legend)
    # The chosen point is named in any case.
    sides = [
        side or ("below" if label["chosen"] and label["label"] == label["weights"] else None)
        for label, side in zip(labels, placed, strict=True)
    ]
    drawn = []
    for side, (align, dx, dy) in SIDES.items():
        for bold in (True, False):
            own = [
                {field: label[field] for field in ("x", "y", "label")}
                for label, where in zip(labels, sides, strict=True)
                if where == side and label["bold"] == bold
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
