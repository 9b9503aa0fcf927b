"""What all charts have in common: colours, sizes, axes. All read well on light and dark."""

from collections.abc import Sequence
from typing import Any

import altair as alt
from altair.utils.schemapi import disable_debug_mode

# Else Altair checks each part of a chart against the schema when it is made; see `specs.built`.
disable_debug_mode()

Rows = list[dict[str, Any]]  # the data of a chart
DATA = "rows"  # the name of the data that comes beside a specification
ROWS = alt.NamedData(name=DATA)

TASKS = ("retrieval", "rating")
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
MANY_EPOCHS = 60  # with more, the dots of a curve would run into each other


def colour_scale(names: Sequence[str], colours: Sequence[str]) -> alt.Scale:
    """Return a scale that gives each name its colour (colours repeat when names outnumber them)."""
    return alt.Scale(
        domain=list(names), range=[colours[i % len(colours)] for i in range(len(names))]
    )


def task_colours(*, symbol: str = "stroke") -> alt.Color:
    """Return the colours of the two tasks, with a legend over the chart."""
    return alt.Color(
        "task:N",
        scale=colour_scale(TASKS, [TASK_COLOURS[task] for task in TASKS]),
        legend=alt.Legend(orient="top", title=None, offset=4, padding=0, symbolType=symbol),
    )


def line(epochs: int = 1, **options: Any) -> dict[str, Any]:
    """Return how a curve is drawn. Its dots get small where there are too many to see each."""
    size = 22 if epochs <= MANY_EPOCHS else 10
    dots = alt.OverlayMarkDef(size=size, filled=True, **options)
    return {"strokeWidth": LINE, "point": dots, **options}


def set_domain(spec: dict[str, Any], domain: tuple[float, float]) -> None:
    """Set the y axis of each layer of a specification that leaves its ends open."""
    for layer in spec["layer"]:
        scale = layer.get("encoding", {}).get("y", {}).get("scale")
        if scale is not None:
            scale.setdefault("domain", list(domain))


def value_axis() -> alt.Axis:
    """Return the axis of a loss or metric: few ticks, as many decimals as they need, at most 3."""
    return alt.Axis(format=".3~f", tickCount=4)


def value(*, zero: bool = False) -> alt.Y:
    """Return the y encoding of a loss or metric: the field `value`, on `value_axis`."""
    return alt.Y("value:Q", title=None, axis=value_axis(), scale=alt.Scale(zero=zero, nice=True))


def log_value(powers: tuple[int, int]) -> alt.Y:
    """Return the y encoding of the field `value` on a log axis, a tick for each power of ten.

    Args:
        powers: the exponents of the first and the last tick.
    """
    first, last = powers
    ticks = [10.0**power for power in range(first, last + 1)]
    axis = alt.Axis(format=",.6~f", values=ticks)
    return alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(type="log", nice=True))


def epoch_axis(epochs: int) -> alt.X:
    """Return the epoch axis: its full length from the start, so that a curve grows into it."""
    return alt.X(
        "epoch:Q",
        title="epoch",
        scale=alt.Scale(domain=[1, max(epochs, 2)], nice=False),
        axis=epoch_ticks(epochs),
    )


def epoch_ticks(epochs: int) -> alt.Axis:
    """Return the ticks of an epoch axis: the first and the last epoch always among them."""
    step = max(1, -(-epochs // 8))
    # Between the first and the last what leaves room for their labels.
    between = [e for e in range(step, epochs, step) if 2 * min(e - 1, epochs - e) > step]
    return alt.Axis(
        values=sorted({1, *between, epochs}), format="d", grid=False, labelAngle=0, labelFlush=True
    )


def reference_lines(rows: Sequence[dict[str, Any]], *, below: bool = False) -> list[alt.Chart]:
    """Return the layers of labelled horizontal lines, e.g. the baselines.

    Rows hold `label` and `value`. Layer them with the rest in one step: Altair lifts data that all
    layers of a chart share, and beside rows that are sent apart Streamlit does not draw that.

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
    return [rule, text]
