"""Why the weights act, over a whole sweep: how hard each task pulls at every ratio, and whither."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

import streamlit as st

from pages.ui import layout, words
from pages.ui.charts import ratios as charts
from pages.ui.tradeoff_rows import Ratio
from recsys.records import Run

PULLS = ("retrieval_gradient_norm", "rating_gradient_norm", "gradient_cosine")


def show(found: Sequence[Ratio]) -> None:
    """Draw the pulls at what the tasks share by the ratio of the weights, where any are known."""
    rows = pull_rows(found)
    if not rows:
        return
    st.subheader("Why the weights act", anchor=False)
    version = str(rows)
    for column, term, draw, alt_text in zip(
        st.columns(2, gap="medium"),
        ("gradient_norm", "gradient_cosine"),
        (charts.norm_chart, charts.cosine_chart),
        (
            "Line chart: length of each task's gradient on what they share, by the ratio of the "
            "weights",
            "Line chart: cosine between the tasks' gradients, by the ratio of the weights",
        ),
        strict=True,
    ):
        with column:
            st.markdown(f"**{words.label(term)}**", help=words.explain(term))
            layout.chart(
                f"tradeoff.{term}", version, lambda draw=draw: draw(rows), alt_text=alt_text
            )
    st.caption("Means over the epochs and the seeds. A click on a point above leads to its curves.")


def pull_rows(found: Sequence[Ratio]) -> list[dict[str, Any]]:
    """Return a row for each ratio whose tasks pull at something they share.

    Rows hold `share` (of the rating weight), `weights`, `kind` (the sharing) and the means over
    epochs and seeds of `retrieval`, `rating` (lengths of the gradients) and `cosine`.
    """
    rows = []
    for ratio in found:
        pulls = [epoch for run in ratio.runs for epoch in _pulls(run)]
        if pulls:
            retrieval, rating, cosine = (mean(values) for values in zip(*pulls, strict=True))
            rows.append(
                {
                    "share": ratio.share,
                    "weights": ratio.weights,
                    "kind": ratio.sharing or "",
                    "retrieval": retrieval,
                    "rating": rating,
                    "cosine": cosine,
                }
            )
    return rows


def _pulls(run: Run) -> list[tuple[float, ...]]:
    found = [tuple(getattr(record, name) for name in PULLS) for record in run.history]
    return [epoch for epoch in found if None not in epoch]
