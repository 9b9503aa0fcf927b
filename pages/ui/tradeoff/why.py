"""How the two tasks share the training, over a whole sweep: losses and gradients by the ratio."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

import streamlit as st

from pages.ui.charts.gradients import powers, reach
from pages.ui.charts.theme import TASKS, Rows
from pages.ui.panels import Panel, draw_panels
from pages.ui.tradeoff import ratio_charts
from recsys.tradeoff.result import SHARING_NAMES, Ratio


def show(ratios: Sequence[Ratio]) -> None:
    """Draw the shares of the loss, the gradient norms and their cosine, by the ratio."""
    shown = panels(ratios)
    if not shown:
        return
    st.subheader("How the tasks share the training", anchor=False)
    draw_panels("tradeoff", shown, columns=len(shown))
    st.caption("Averaged over epochs and seeds. For the curves of a run, click its point above.")


def panels(ratios: Sequence[Ratio]) -> list[Panel]:
    """Return the charts that have something to show."""
    shares, norms, cosines = share_rows(ratios), norm_rows(ratios), cosine_rows(ratios)
    possible = [
        Panel(
            "loss_share",
            shares,
            ratio_charts.share_chart,
            (ratio_charts.ticks(shares), ratio_charts.ways(shares)),
            "Line chart: each task's share of the total loss, by the ratio of the weights",
        ),
        Panel(
            "gradient_norm",
            norms,
            ratio_charts.norm_chart,
            (ratio_charts.ticks(norms), ratio_charts.ways(norms), powers(norms)),
            "Line chart: each task's gradient norm on the shared embeddings, by the ratio of the "
            "weights",
        ),
        Panel(
            "gradient_cosine",
            cosines,
            ratio_charts.cosine_chart,
            (ratio_charts.ticks(cosines), ratio_charts.ways(cosines), reach(cosines)),
            "Line chart: cosine of the tasks' gradients, by the ratio of the weights",
        ),
    ]
    return [panel for panel in possible if panel.rows]


def share_rows(ratios: Sequence[Ratio]) -> Rows:
    """Return a row for each task of each ratio that trains both: its share of the loss, 0-1.

    Rows of this and the next two hold `share` (of the rating weight), `weights`, `sharing` (in
    words) and `value`, a mean over epochs and seeds; those by task hold `task`.
    """
    rows = []
    for ratio in ratios:
        if 0 < ratio.share < 1 and (shares := _values(ratio, "retrieval_share")):
            share = mean(shares)
            rows += [
                _row(ratio, value, task=task)
                for task, value in (("retrieval", share), ("rating", 1 - share))
            ]
    return rows


def norm_rows(ratios: Sequence[Ratio]) -> Rows:
    """Return a row for each task of each ratio: its gradient norm on the shared embeddings."""
    return [
        _row(ratio, mean(norms), task=task)
        for ratio in ratios
        for task in TASKS
        if (norms := _values(ratio, f"{task}_gradient_norm"))
    ]


def cosine_rows(ratios: Sequence[Ratio]) -> Rows:
    """Return a row for each ratio: the cosine of the two gradients."""
    return [
        _row(ratio, mean(cosines))
        for ratio in ratios
        if (cosines := _values(ratio, "gradient_cosine"))
    ]


def _row(ratio: Ratio, value: float, **more: str) -> dict[str, Any]:
    common = {
        "share": ratio.share,
        "weights": ratio.name,
        "sharing": SHARING_NAMES[ratio.sharing],
    }
    return {**common, "value": value, **more}


def _values(ratio: Ratio, field: str) -> list[float]:
    values = [getattr(record, field) for run in ratio.members for record in run.history]
    return [value for value in values if value is not None]
