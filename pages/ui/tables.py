"""What the tables of several pages share: column titles, the best value, the width of names."""

from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from pages.ui import words
from pages.ui.charts import theme
from recsys.evaluation.metrics import METRICS

MOST = 200  # tables that are kept


def draw_once(name: str, version: object, draw: Callable[[], None]) -> None:
    """Draw a table that nothing is selected in; Streamlit keeps what it sends, and sends it again.

    Pandas takes 20 ms for the styles of a small table.

    Args:
        name: of the table, unique in the app.
        version: changes with all that `draw` depends on. Its text must say all of it.
        draw: draws the table.
    """
    _sent(f"{name} {version}", draw)


@st.cache_data(max_entries=MOST, show_spinner=False)
def _sent(version: str, _draw: Callable[[], None]) -> None:
    _draw()


def direction(metric: str) -> str:
    """Return a metric's column title: label, unit, and an arrow to where better is."""
    entry = words.word(metric)
    unit = f" ({entry.unit})" if entry.unit else ""
    return f"{entry.label}{unit} {'↑' if METRICS[metric].higher_is_better else '↓'}"


def name_width(labels: Iterable[str]) -> int:
    """Return the pixels that the longest label needs: one cut off would say something else."""
    return min(340, 30 + 8 * max(map(len, labels), default=10))


def shown_value(metric: str, value: float) -> float:
    """Return a metric's value in the digits that are shown: what reads the same is equal."""
    return round(value, words.word(metric).decimals)


def best_value(metric: str, values: Iterable[float]) -> float | None:
    """Return the best of a metric's values as shown, NaN aside; None if there is none."""
    return METRICS[metric].best(shown_value(metric, value) for value in values)


def mark_best(column: "pd.Series[float]") -> list[str]:
    """Return the style of each value of a metric's column: the best as shown stand out."""
    metric = str(column.name)
    best = best_value(metric, column)
    style = f"color: {theme.GOOD}; font-weight: bold"
    return [style if shown_value(metric, value) == best else "" for value in column]
