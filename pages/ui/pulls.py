"""Why the weights act: how hard each task pulls at what they share, drawn and in a sentence."""

from collections.abc import Callable, Sequence
from statistics import mean
from typing import NamedTuple

import altair as alt
import streamlit as st

from pages.ui import layout, words
from pages.ui.charts import pulls as charts
from recsys.config import RunConfig
from recsys.runs.records import EpochRecord

RELATED = 0.1  # a cosine nearer to 0 is neither agreeing nor pulling apart


class Panel(NamedTuple):
    """One chart: its term in the glossary, its rows, how it is drawn, and what it is in words."""

    term: str
    rows: charts.Rows
    draw: Callable[[charts.Rows, int], alt.TopLevelMixin]
    alt_text: str


def show(run_id: str, config: RunConfig, history: Sequence[EpochRecord]) -> None:
    """Draw, epoch by epoch, what decides how much either task is heard. Both weights are set."""
    st.markdown("#### Why the weights act")
    if config.sharing == "none":
        st.markdown("The tasks share nothing, so neither can pull at what the other learns.")
    elif told := sentence(history):
        st.markdown(told + of_pcgrad(config, history))
    if config.balancing != "fixed":
        st.caption(words.BALANCING[config.balancing])
    if config.architecture == "tutorial":
        st.caption(
            "The tutorial weights its losses on scales of its own, retrieval summed over the "
            "batch: that is why retrieval holds nearly the whole share."
        )
    panels = shown(config, history)
    for start in range(0, len(panels), 2):
        columns = st.columns(2, gap="medium")
        for column, panel in zip(columns, panels[start : start + 2], strict=False):
            with column:
                st.markdown(f"**{words.label(panel.term)}**", help=words.explain(panel.term))
                layout.chart(
                    f"pulls.{panel.term}",
                    (run_id, len(history)),
                    lambda panel=panel: panel.draw(panel.rows, config.epochs),  # type: ignore[misc]
                    alt_text=panel.alt_text,
                )


def shown(config: RunConfig, history: Sequence[EpochRecord]) -> list[Panel]:
    """Return the charts that there is something to see in."""
    panels = [
        Panel(
            "loss_share",
            charts.share_rows(history),
            charts.share_chart,
            "Stacked bars: each task's share of the weighted total loss, per epoch",
        )
    ]
    if cosines := charts.cosine_rows(history):
        panels += [
            Panel(
                "gradient_norm",
                charts.norm_rows(history),
                charts.norm_chart,
                "Line chart: length of each task's gradient on what they share, per epoch",
            ),
            Panel(
                "gradient_cosine",
                cosines,
                charts.cosine_chart,
                "Line chart: cosine between the tasks' gradients per epoch; below 0 they pull "
                "apart",
            ),
        ]
    if config.balancing == "uncertainty":
        panels.append(
            Panel(
                "log_variance",
                charts.log_variance_rows(history),
                charts.log_variance_chart,
                "Line chart: the learnt log-variance of each task, per epoch",
            )
        )
    if config.balancing == "inverse-loss":
        panels.append(
            Panel(
                "balancing_factor",
                charts.factor_rows(history),
                charts.factor_chart,
                "Line chart: what each weight was multiplied by, per epoch",
            )
        )
    return panels


def sentence(history: Sequence[EpochRecord]) -> str:
    """Say how the tasks pulled at what they share, on the average of the epochs; "" if unknown."""
    pulls = [
        (record.retrieval_gradient_norm, record.rating_gradient_norm, record.gradient_cosine)
        for record in history
    ]
    known = [(a, b, cosine) for a, b, cosine in pulls if None not in (a, b, cosine)]
    if not known:
        return ""
    retrieval, rating, cosine = (mean(values) for values in zip(*known, strict=True))  # type: ignore[type-var]
    if not retrieval or not rating:
        return f"Only {'rating' if rating else 'retrieval'} pulls at what the tasks share."
    return f"{_strength(retrieval, rating)} {_direction(cosine)}"


def of_pcgrad(config: RunConfig, history: Sequence[EpochRecord]) -> str:
    """Say whether PCGrad had much to do; "" for another balancing."""
    cosines = [r.gradient_cosine for r in history if r.gradient_cosine is not None]
    if config.balancing != "pcgrad" or not cosines or mean(cosines) < -RELATED:
        return ""
    return " So PCGrad has little to take out."


def _strength(retrieval: float, rating: float) -> str:
    (stronger, most), (weaker, least) = sorted(
        [("retrieval", retrieval), ("rating", rating)], key=lambda task: -task[1]
    )
    times = most / least
    if times < 1.25:
        return "Both tasks pull about equally hard at what they share."
    told = f"{times:.1f}" if times < 10 else f"{times:,.0f}"
    return f"{stronger.capitalize()} pulls {told} times as hard as {weaker} at what they share."


def _direction(cosine: float) -> str:
    said = f"(mean cosine {cosine:+.2f})"
    if cosine > RELATED:
        return f"They agree on the whole: what helps one helps the other {said}."
    if cosine < -RELATED:
        return f"They pull apart: what helps one hurts the other {said}."
    return f"They are at right angles: neither helps nor hinders the other {said}."
