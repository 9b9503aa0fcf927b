"""The serving blend on the Recommend page: its slider, and what it does to all users."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from pages.ui import cache, layout, state, url_inputs, words
from pages.ui.recommend import charts
from pages.ui.recommend.serving_rows import (
    ENDS,
    RETRIEVAL_ALONE,
    STARS_ALONE,
    WEIGHTS,
    Figure,
    figures,
    nearest_place,
    place_label,
    plot_rows,
)
from recsys.evaluation.comparison import Compared
from recsys.evaluation.evaluate import USERS
from recsys.runs.records import Run


def choose_blend() -> tuple[str, str]:
    """Draw the slider; return its place, and the one before."""
    asked = state.selected(state.BLEND)
    place = url_inputs.choice(
        state.BLEND, list(WEIGHTS), RETRIEVAL_ALONE, _slider, asked=nearest_place(asked)
    )
    shown, before = st.session_state.get(state.RECOMMEND_BLEND, (RETRIEVAL_ALONE,) * 2)
    if place != shown:
        shown, before = place, shown
    st.session_state[state.RECOMMEND_BLEND] = (shown, before)
    return place, before


def _slider(options: list[str], key: str, on_change: Callable[[], None]) -> None:
    st.select_slider(
        f"{words.label('serving_blend')}: from {ENDS[RETRIEVAL_ALONE]} to {ENDS[STARS_ALONE]}",
        options,
        format_func=place_label,
        key=key,
        on_change=on_change,
        help=words.explain("serving_blend"),
    )


def draw_figures(run: Run, position: float, place: str) -> None:
    """Draw the metrics of all users at a place of the slider; `position` is that on a line."""
    with st.spinner("Ranking the movies of all users …"):
        part, curve = cache.blend_curve(run, position)
    compared = _compared(run.run_id, position, part, str(cache.store().folder), place)
    with st.container(horizontal=True):
        for figure in figures(curve, place, compared):
            _metric(figure)
    users = len(curve.tables[0][USERS])
    st.caption(f"{users:,} users, on {part}. Differences to retrieval alone; ≈: may be chance.")


def _metric(figure: Figure) -> None:
    entry = words.word(figure.metric)
    colour: Literal["normal", "inverse", "off"] = "off"
    if figure.is_better is not None:
        colour = "normal" if entry.higher_is_better else "inverse"
    st.metric(
        entry.label,
        words.number(figure.metric, figure.value),
        figure.difference or None,
        delta_color=colour,
        delta_arrow="off" if figure.is_better is None else "auto",
        help=f"{entry.sentence} {figure.interval}",
        border=True,
        height=layout.TALL_CARD,
    )


def draw_curve(run: Run, position: float, place: str) -> None:
    """Draw the ranking of all users at every blend, with the place of the slider."""
    _, curve = cache.blend_curve(run, position)
    rows = plot_rows(curve, place)
    if rows:
        layout.chart(
            state.RECOMMEND_BLENDS,
            "",
            charts.blend_chart,
            alt_text="Curve: NDCG@20 and disappointments at every serving blend",
            rows=rows,
        )


@st.cache_data(max_entries=500, show_spinner=False)
def _compared(run: str, position: float, part: str, folder: str, place: str) -> dict[str, Compared]:
    _, curve = cache.blend_curve(cache.store().load(run), position)
    return curve.compared(list(WEIGHTS).index(place))
