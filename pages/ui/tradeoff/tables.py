"""The tables of the Trade-off page: ratios of the sweep, trials of the search."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import layout, state, words
from pages.ui.tradeoff.inputs import PlotView
from pages.ui.tradeoff.shown import Shown
from recsys.runs.names import SHARING_NAMES
from recsys.tradeoff.result import Ratio, ratios
from recsys.tradeoff.space import RATIO, search_space


def tables(shown: Shown, view: PlotView) -> None:
    """List the ratios and the trials with their figures."""
    if shown.found:
        layout.expander(
            "All ratios as a table",
            state.TRADEOFF_RATIOS,
            lambda: _ratio_table(shown.found, view),
        )
    if shown.trials:
        layout.expander(
            "All trials of the search as a table",
            state.TRADEOFF_TRIALS,
            lambda: _trial_table(shown, view),
        )


def _ratio_table(found: Sequence[Ratio], view: PlotView) -> None:
    metrics = list(dict.fromkeys([view.y, view.x, *words.HEADLINE_METRICS]))
    rows = []
    for ratio in found:
        row: dict[str, Any] = {
            "retrieval : rating": ratio.name,
            "vectors": SHARING_NAMES[ratio.sharing],
            "seeds": len(ratio.members),
        }
        for metric in metrics:
            row[words.label(metric)] = ratio.trained_mean(view.part, metric)
        rows.append(row)
    _draw(rows, metrics, "The ratios of the sweep with their figures")
    st.caption(
        f"On the {view.part}, means over the seeds. {words.NOTHING}: the task was not trained."
    )


def _trial_table(shown: Shown, view: PlotView) -> None:
    metrics = list(dict.fromkeys([view.y, view.x, *words.HEADLINE_METRICS]))
    front = {row["run_id"] for row in shown.rows if row["front"]}
    fields = [field for field in search_space(shown.base) if field != RATIO]
    rows = []
    for run in shown.trials:
        (ratio,) = ratios([run])
        row: dict[str, Any] = {
            "on the front": run.run_id in front,
            "retrieval : rating": ratio.name,
        }
        row |= {words.field_label(field): getattr(run.config, field) for field in fields}
        row |= {words.label(metric): ratio.trained_mean(view.part, metric) for metric in metrics}
        rows.append(row | {"run": run.run_id})
    _draw(rows, metrics, "The trials of the search with their settings and figures")
    st.caption(
        f"On the {view.part}, oldest first. Every run that differs from the settings only in "
        "fields that a search varies counts as a trial, also one trained by hand."
    )


def _draw(rows: list[dict[str, Any]], metrics: Sequence[str], alt: str) -> None:
    column = st.column_config.NumberColumn(format="%.4f")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={words.label(metric): column for metric in metrics},
        placeholder=words.NOTHING,
        alt=alt,
    )
