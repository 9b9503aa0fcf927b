"""The axis and the colours of a ratio of the weights: logarithmic, with the single tasks beside it.

A ratio's place is its position on the line of ratios, 0 (30 : 1) to 1 (1 : 30), see `recsys.ratio`.
The two single tasks stand a small gap beside the first and the last ratio.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt

from pages.ui.charts import theme
from recsys.ratio import position_of, weights_name

GAP = 0.12  # from the last ratio to a single task, in positions
TICKS = ((1, 0), (1, 0.03), (1, 0.2), (1, 1), (0.2, 1), (0.03, 1), (0, 1))
COLOUR_TICKS = ((1, 0), (1, 0.1), (1, 1), (0.1, 1), (0, 1))
COLOURS = (theme.RETRIEVAL, theme.TOTAL, theme.RATING)  # the tasks' colours at the ends
ENDS = (-GAP, 1 + GAP)  # places of the single tasks, where no ratio is beyond the line


def place(position: float, ends: tuple[float, float] = ENDS) -> float:
    """Return where a ratio stands on a scale whose single tasks stand at `ends`."""
    return min(max(position, ends[0]), ends[1])


def ends_of(positions: Iterable[float]) -> tuple[float, float]:
    """Return where the single tasks stand: beside the line and all of these ratios."""
    finite = [position for position in positions if math.isfinite(position)]
    return min([0.0, *finite]) - GAP, max([1.0, *finite]) + GAP


def ratio_axis(ends: tuple[float, float] = ENDS) -> alt.X:
    """Return the axis of the field `place`.

    Args:
        ends: where the two single tasks stand.
    """
    ticks = [(place(position_of(*weights), ends), weights_name(*weights)) for weights in TICKS]
    return alt.X(
        "place:Q",
        title="retrieval : rating",
        scale=alt.Scale(domain=list(ends), nice=False, padding=6),
        axis=alt.Axis(
            values=[at for at, _ in ticks],
            labelExpr=_labels(ticks),
            labelOverlap=True,
            labelFlush=True,
            grid=False,
            labelAngle=0,
        ),
    )


def ratio_colour(
    field: str = "place", legend: dict[str, Any] | None = None, narrow: int = 0
) -> alt.Color:
    """Return the colours of the field of a ratio's place.

    Args:
        field: of the rows.
        legend: where the legend, a strip of the colours, stands, as options of `alt.Legend`; None
            for no legend.
        narrow: width of a plot, in pixels, below which the legend is shorter and has fewer labels.
    """
    ticks = [(place(position_of(*weights)), weights_name(*weights)) for weights in COLOUR_TICKS]
    strip = alt.Legend(
        title="retrieval : rating",
        direction="horizontal",
        offset=10,
        gradientLength=alt.ExprRef(f"width < {narrow} ? 120 : 210"),
        gradientThickness=10,
        values=[at for at, _ in ticks],
        labelExpr=f"width < {narrow} ? {_labels(ticks[::2])} : {_labels(ticks)}",
        labelOverlap=False,
        **(legend or {}),
    )
    return alt.Color(
        f"{field}:Q",
        scale=alt.Scale(
            domain=[ENDS[0], 0.5, ENDS[1]], range=list(COLOURS), interpolate="rgb", clamp=True
        ),
        legend=strip if legend else None,
    )


def colour_at(position: float) -> str:
    """Return the colour of a ratio, as `ratio_colour` has it."""
    at = (place(position) - ENDS[0]) / (ENDS[1] - ENDS[0])
    ends = COLOURS[:2] if at < 0.5 else COLOURS[1:]
    part = 2 * at if at < 0.5 else 2 * at - 1
    low, high = (bytes.fromhex(colour.removeprefix("#")) for colour in ends)
    return "#" + bytes(round(a + part * (b - a)) for a, b in zip(low, high, strict=True)).hex()


def _labels(ticks: Sequence[tuple[float, str]]) -> str:
    """Return the Vega expression of the ticks' labels."""
    cases = [f"abs(datum.value - {at:.6f}) < 1e-4 ? '{text}' : " for at, text in ticks]
    return "(" + "".join(cases) + "'')"
