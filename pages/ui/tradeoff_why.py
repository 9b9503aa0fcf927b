"""Why the weights act, over a whole sweep: how hard each task pulls at every ratio, and whither."""

from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any, NamedTuple

import altair as alt
import streamlit as st

from pages.ui import layout, words
from pages.ui.charts import ratios as charts
from pages.ui.charts.training import TASKS
from recsys.tradeoff.result import Ratio


class Panel(NamedTuple):
    """One chart: its term in the glossary, its rows, how it is drawn, and what it is in words."""

    term: str
    rows: charts.Rows
    draw: Callable[[charts.Rows], alt.TopLevelMixin]
    alt_text: str


def show(found: Sequence[Ratio]) -> None:
    """Draw the shares of the loss and the pulls at what the tasks share, by the ratio."""
    panels = [panel for panel in _panels(found) if panel.rows]
    if not panels:
        return
    st.subheader("Why the weights act", anchor=False)
    for column, panel in zip(st.columns(len(panels), gap="medium"), panels, strict=True):
        with column:
            st.markdown(f"**{words.label(panel.term)}**", help=words.explain(panel.term))
            layout.chart(
                f"tradeoff.{panel.term}",
                str(panel.rows),
                lambda panel=panel: panel.draw(panel.rows),  # type: ignore[misc]
                alt_text=panel.alt_text,
            )
    st.caption("Means over the epochs and the seeds. A click on a point above leads to its curves.")


def _panels(found: Sequence[Ratio]) -> list[Panel]:
    return [
        Panel(
            "loss_share",
            share_rows(found),
            charts.share_chart,
            "Line chart: each task's share of the total loss, by the ratio of the weights",
        ),
        Panel(
            "gradient_norm",
            norm_rows(found),
            charts.norm_chart,
            "Line chart: length of each task's gradient on what they share, by the ratio of the "
            "weights",
        ),
        Panel(
            "gradient_cosine",
            cosine_rows(found),
            charts.cosine_chart,
            "Line chart: cosine between the tasks' gradients, by the ratio of the weights",
        ),
    ]


def share_rows(found: Sequence[Ratio]) -> charts.Rows:
    """Return a row for each task of each ratio that trains both: its share of the loss, 0-1.

    Rows of this and the next two hold `share` (of the rating weight), `weights`, `kind` (the
    sharing) and `value`, a mean over epochs and seeds; those by task hold `task`.
    """
    rows = []
    for ratio in found:
        if 0 < ratio.share < 1 and (shares := _values(ratio, "retrieval_share")):
            share = mean(shares)
            rows += [
                _row(ratio, value, task=task)
                for task, value in (("retrieval", share), ("rating", 1 - share))
            ]
    return rows


def norm_rows(found: Sequence[Ratio]) -> charts.Rows:
    """Return a row for each task of each ratio: the length of its gradient on what they share."""
    return [
        _row(ratio, mean(norms), task=task)
        for ratio in found
        for task in TASKS
        if (norms := _values(ratio, f"{task}_gradient_norm"))
    ]


def cosine_rows(found: Sequence[Ratio]) -> charts.Rows:
    """Return a row for each ratio: the cosine between the two gradients."""
    return [
        _row(ratio, mean(cosines))
        for ratio in found
        if (cosines := _values(ratio, "gradient_cosine"))
    ]


def _row(ratio: Ratio, value: float, **more: str) -> dict[str, Any]:
    common = {"share": ratio.share, "weights": ratio.name, "kind": ratio.sharing}
    return {**common, "value": value, **more}


def _values(ratio: Ratio, field: str) -> list[float]:
    found = [getattr(record, field) for run in ratio.members for record in run.history]
    return [value for value in found if value is not None]
