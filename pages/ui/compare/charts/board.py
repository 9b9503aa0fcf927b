"""The board: several charts drawn as one, so that pointing at a run highlights it in all of them.

Charts can share a Vega-Lite selection only inside one chart, so they are concatenated. The charts
of a concatenation have fixed widths. Here they follow the page all the same: the range of each
level scale is an expression of the page's width, and on a narrow page, such as a phone's, the
charts of a row stand below each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt

from pages.ui.charts import theme
from pages.ui.charts.theme import Rows

AXIS = 52  # pixels that an upright axis takes, labels included
GAP = 26  # pixels between charts
LEGEND_LINE = 22  # pixels
HOVER = "hover"
FADED = 0.12  # opacity of what is not pointed at
NARROW = 600  # pixels: with less, each chart has a row to itself
IS_NARROW = f"containerSize()[0] < {NARROW}"
_NOMINAL = 40  # pixels; below any real width, so that the layout goes by what is drawn

Panel = alt.Chart | alt.LayerChart


def _hover() -> alt.Parameter:
    return alt.selection_point(
        name=HOVER, fields=["unit"], on="pointerover", clear="pointerout", empty=True
    )


@dataclass(frozen=True)
class Shared:
    """What all charts of a board share.

    Attributes:
        hover: the selection of the unit that is pointed at, by its label.
        rows: the data of the charts, by the name under which a chart refers to them.
    """

    hover: alt.Parameter = field(default_factory=_hover)
    rows: dict[str, Rows] = field(default_factory=dict)

    def table(self, rows: Rows) -> alt.NamedData:
        """Take the rows, and return what a chart has for its data.

        Altair would copy, check and compare the rows themselves many times.
        """
        name = f"table {len(self.rows) + 1}"
        self.rows[name] = rows
        return alt.NamedData(name=name)

    def faded(self, opacity: float | str = 1.0) -> alt.OpacityValue:
        """Return an opacity that drops to `FADED` while another unit is pointed at.

        Args:
            opacity: at other times: a number, or an expression over `datum`.
        """
        shown = alt.ExprRef(opacity) if isinstance(opacity, str) else opacity
        # As a channel: of a dictionary, Altair would look for the class among all it has.
        return alt.OpacityValue(**alt.condition(self.hover, alt.value(shown), alt.value(FADED)))


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
    return _sized(chart, height, heading)


def _sized(chart: Panel, height: int, title: Any = alt.Undefined) -> Panel:
    # Set in place: `chart.properties` would copy the chart, and check all layers again.
    chart.width, chart.height, chart.title = _NOMINAL, height, title
    return chart


@dataclass(frozen=True)
class Board:
    """Charts in rows, as one chart.

    Attributes:
        rows: the charts, from top to bottom.
        tables: the data that they refer to, by name.
    """

    rows: Sequence[Sequence[Panel]]
    tables: Mapping[str, Rows]

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return the Vega-Lite spec; if `validate`, each panel is checked against the schema.

        Altair could do this, but copies all charts many times, which takes a second. A selection
        that several charts share is declared once, with the names of its views.
        """
        selections: dict[str, dict[str, Any]] = {}
        rows = []
        for row in self.rows:
            specs = [chart.to_dict(validate=validate) for chart in row]
            for spec in specs:
                spec.pop("$schema")
                spec.pop("config")
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
            "datasets": dict(self.tables),
            "config": {"view": {"stroke": None}, "axisY": extent},
        }


def legend(colours: Mapping[str, str], shared: Shared) -> Panel:
    """Return the names of the units with their colours; pointing at a name highlights its unit."""
    longest = max(map(len, colours), default=1)
    most = 4 if longest <= 24 else 3 if longest <= 34 else 2
    columns = f"({IS_NARROW} ? {2 if longest <= 18 else 1} : {most})"
    rows: Rows = [
        {"unit": name, "colour": colour, "place": place}
        for place, (name, colour) in enumerate(colours.items())
    ]
    # In pixels, because the number of lines depends on the width.
    base = (
        alt.Chart(shared.table(rows))
        .transform_calculate(
            x=f"{18 - AXIS} + (datum.place % {columns}) * (containerSize()[0] - 16) / {columns}",
            y=f"{LEGEND_LINE} * (floor(datum.place / {columns}) + 0.5)",
        )
        .encode(
            x=alt.X("x:Q", axis=None, scale=None),
            y=alt.Y("y:Q", axis=None, scale=None),
            color=alt.Color("colour:N", scale=None),
            opacity=shared.faded(),
            tooltip=alt.Tooltip("unit:N", title="run"),
        )
    )
    limit = alt.ExprRef(f"containerSize()[0] / {columns} - 30")
    names = base.mark_text(align="left", dx=11, fontSize=13, limit=limit).encode(
        text=alt.Text("unit:N")
    )
    dots = base.mark_circle(size=110).add_params(shared.hover)
    return _sized(layered(dots, names), LEGEND_LINE)
