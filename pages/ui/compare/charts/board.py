"""The board: several charts drawn as one, so that pointing at a run highlights it in all of them.

Charts can share a Vega-Lite selection only inside one chart, so they are concatenated. The charts
of a concatenation have fixed widths. Here they follow the page all the same: the range of each
level scale is an expression of the page's width, and on a narrow page, such as a phone's, the
charts of a row stand below each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from pages.ui.charts import theme

AXIS = 52  # pixels that an upright axis takes, labels included
GAP = 26  # pixels between charts
LEGEND_LINE = 22  # pixels
HOVER = "hover"
FADED = 0.12  # opacity of what is not pointed at
NARROW = 600  # pixels: with less, each chart has a row to itself
IS_NARROW = f"containerSize()[0] < {NARROW}"
_NOMINAL = 40  # pixels; below any real width, so that the layout goes by what is drawn

# A long training of many runs has more rows than Altair allows by default.
alt.data_transformers.disable_max_rows()

Panel = alt.Chart | alt.LayerChart


def table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the rows as a chart's data. Altair would copy and check lists of rows many times."""
    return pd.DataFrame(rows)


def hover() -> alt.Parameter:
    """Return the selection that all charts share: the unit that is pointed at, by its label."""
    return alt.selection_point(
        name=HOVER, fields=["unit"], on="pointerover", clear="pointerout", empty=True
    )


def faded(shared: alt.Parameter, opacity: float | str = 1.0) -> Any:
    """Return an opacity that drops to `FADED` while another unit is pointed at.

    Args:
        shared: the selection of `hover`.
        opacity: at other times: a number, or an expression over `datum`.
    """
    shown = alt.ExprRef(opacity) if isinstance(opacity, str) else opacity
    return alt.condition(shared, alt.value(shown), alt.value(FADED))


def width(panels: int = 1, left: int = 0) -> str:
    """Return the expression of a chart's width in pixels.

    Args:
        panels: how many charts stand in the row.
        left: pixels that the labels at the left of the row take, beyond an axis.
    """
    taken = panels * AXIS + (panels - 1) * GAP + left + 12
    wide = f"(containerSize()[0] - {taken}) / {panels}"
    return f"max(90, {IS_NARROW} ? containerSize()[0] - {AXIS + left + 12} : {wide})"


def across(expression: str) -> list[float | alt.ExprRef]:
    """Return the range of a level scale of this width."""
    return [0, alt.ExprRef(expression)]


def layered(*charts: Panel) -> alt.LayerChart:
    """Return charts drawn over each other, the last on top."""
    return alt.LayerChart(layer=list(charts))


def panel(chart: Panel, height: int, title: str, subtitle: str = "") -> Panel:
    """Return a chart with its size and title, ready for the board."""
    heading = alt.Title(
        title,
        subtitle=subtitle or alt.Undefined,
        anchor="start",
        frame="bounds",
        offset=10,
        fontSize=14,
        subtitleFontSize=theme.LABEL_SIZE,
        subtitleColor=theme.BASELINE,
    )
    sized: Panel = chart.properties(width=_NOMINAL, height=height, title=heading)
    return sized


@dataclass(frozen=True)
class Board:
    """Charts in rows, as one chart."""

    rows: Sequence[Sequence[Panel]]

    def to_dict(self) -> dict[str, Any]:
        """Return the Vega-Lite spec.

        Altair could do this, but copies all charts many times, which takes a second. A selection
        that several charts share is declared once, with the names of its views.
        """
        datasets: dict[str, Any] = {}
        selections: dict[str, dict[str, Any]] = {}
        rows = []
        for row in self.rows:
            specs = [chart.to_dict() for chart in row]
            for spec in specs:
                spec.pop("$schema")
                spec.pop("config")
                datasets |= spec.pop("datasets", {})
                for selection in spec.pop("params", []):
                    known = selections.setdefault(selection["name"], selection | {"views": []})
                    known["views"] += selection["views"]
            if specs:
                # Altair and Vega-Lite know only a number of columns; Vega, which draws, a signal.
                columns = {"signal": f"{IS_NARROW} ? 1 : {len(specs)}"}
                rows.append({"concat": specs, "columns": columns, "spacing": GAP})
        extent = {"minExtent": AXIS - 12, "maxExtent": AXIS - 12}
        return {
            "$schema": alt.SCHEMA_URL,
            "vconcat": rows,
            "spacing": 22,
            "params": list(selections.values()),
            "datasets": datasets,
            "config": {"view": {"stroke": None}, "axisY": extent},
        }


def legend(colours: Mapping[str, str], shared: alt.Parameter) -> Panel:
    """Return the names of the units with their colours; pointing at a name highlights its unit."""
    longest = max(map(len, colours), default=1)
    most = 4 if longest <= 24 else 3 if longest <= 34 else 2
    columns = f"({IS_NARROW} ? {2 if longest <= 18 else 1} : {most})"
    rows = [
        {"unit": name, "colour": colour, "place": place}
        for place, (name, colour) in enumerate(colours.items())
    ]
    # In pixels, because the number of lines depends on the width.
    base = (
        alt.Chart(table(rows))
        .transform_calculate(
            x=f"{18 - AXIS} + (datum.place % {columns}) * (containerSize()[0] - 16) / {columns}",
            y=f"{LEGEND_LINE} * (floor(datum.place / {columns}) + 0.5)",
        )
        .encode(
            x=alt.X("x:Q", axis=None, scale=None),
            y=alt.Y("y:Q", axis=None, scale=None),
            color=alt.Color("colour:N", scale=None),
            opacity=faded(shared),
            tooltip=alt.Tooltip("unit:N", title="run"),
        )
    )
    limit = alt.ExprRef(f"containerSize()[0] / {columns} - 30")
    names = base.mark_text(align="left", dx=11, fontSize=13, limit=limit).encode(text="unit:N")
    dots = base.mark_circle(size=110).add_params(shared)
    named: Panel = layered(dots, names).properties(width=_NOMINAL, height=LEGEND_LINE)
    return named
