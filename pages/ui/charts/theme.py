"""Colours and sizes of every chart. All colours read well on the light and the dark theme."""

from collections.abc import Sequence
from typing import Any

import altair as alt

# One meaning, one colour, on every page.
RETRIEVAL = "#3f83d6"
RATING = "#e07a3f"
TOTAL = "#7c6bd6"
BASELINE = "#8b93a1"
GOOD = "#2f9e73"
BAD = "#d1565f"
TASK_COLOURS = {"retrieval": RETRIEVAL, "rating": RATING}

# Runs side by side: told apart also by people who see few colours (lightness differs too).
RUN_COLOURS = (
    "#3f83d6",
    "#e07a3f",
    "#2f9e9a",
    "#b65fb0",
    "#c9a227",
    "#d1565f",
    "#6f7fd8",
    "#6c9a3b",
    "#a2724b",
    "#5f9bb8",
)

SMALL, MEDIUM, LARGE = 210, 260, 380  # heights in pixels
LINE, THIN = 2.5, 1.2  # stroke widths in pixels
DASH = [5, 4]
LABEL_SIZE = 12  # font size of labels in a chart, pixels


def colour_scale(names: Sequence[str], colours: Sequence[str]) -> alt.Scale:
    """Return a scale that gives each name its colour (colours repeat when names outnumber them)."""
    return alt.Scale(
        domain=list(names), range=[colours[i % len(colours)] for i in range(len(names))]
    )


def value_axis() -> alt.Axis:
    """Return the axis of a loss or metric: few ticks, as many decimals as they need, at most 3."""
    return alt.Axis(format=".3~f", tickCount=4)


def reference_lines(rows: Sequence[dict[str, Any]], *, below: bool = False) -> alt.LayerChart:
    """Draw labelled horizontal lines, e.g. the baselines. Rows hold `label` and `value`.

    Labels stand at the right end, above the line or `below` it: where the curve is not.
    """
    base = alt.Chart(alt.Data(values=list(rows))).encode(
        y=alt.Y("value:Q"), tooltip=[alt.Tooltip("label:N"), alt.Tooltip("value:Q", format=".3f")]
    )
    rule = base.mark_rule(color=BASELINE, strokeDash=DASH, strokeWidth=THIN)
    # Labelled at the line itself; a legend would make the eye travel.
    text = base.mark_text(
        color=BASELINE,
        align="right",
        baseline="top" if below else "bottom",
        dx=-2,
        dy=4 if below else -4,
        fontSize=LABEL_SIZE,
    ).encode(x=alt.value("width"), text="label:N")
    return rule + text
