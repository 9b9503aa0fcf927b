"""The serving blend on the Recommend page: its slider, and what it does to all users."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import streamlit as st

from pages.ui import cache, layout, state, url_inputs, words
from pages.ui.recommend import charts
from pages.ui.recommend.serving_rows import (
    RETRIEVAL_ALONE,
    WEIGHTS,
    Figure,
    figure_of,
    figures,
    nearest_place,
    place_label,
    plot_rows,
)
from recsys.evaluation.comparison import Compared
from recsys.evaluation.evaluate import USERS, Part
from recsys.runs.records import Run

DIVERSITIES = tuple(step / 10 for step in range(10))
VARIED_METRICS = ("ndcg@20", "diversity@20", "coverage@20", "novelty@20")


class Serving(NamedTuple):
    """How the outputs of a model become a list.

    Attributes:
        place: Of the serving blend's slider, see `WEIGHTS`.
        diversity: See `recsys.diversity`.
    """

    place: str
    diversity: float


def choose_serving(*, blends: bool, varies: bool) -> Serving:
    """Draw the sliders of blend and diversity; return their places.

    Args:
        blends: whether there is something to blend.
        varies: whether the model knows similar movies.
    """
    return Serving(
        _choose_blend() if blends else RETRIEVAL_ALONE, _choose_diversity() if varies else 0.0
    )


def _choose_blend() -> str:
    asked = state.selected(state.BLEND)
    place: str = url_inputs.choice(
        state.BLEND, list(WEIGHTS), RETRIEVAL_ALONE, _slider, asked=nearest_place(asked)
    )
    return place


def _choose_diversity() -> float:
    place: float = url_inputs.choice(
        state.DIVERSITY,
        DIVERSITIES,
        0.0,
        lambda **options: st.select_slider(
            "Diversity",
            format_func=lambda value: f"{value:g}" if value else "none",
            help=words.explain("mmr"),
            **options,
        ),
    )
    return place


def _slider(options: list[str], key: str, on_change: Callable[[], None]) -> None:
    st.select_slider(
        f"{words.label('serving_blend')}: retrieval to stars",
        options,
        format_func=place_label,
        key=key,
        on_change=on_change,
        help=words.explain("serving_blend"),
    )


def draw_line(run: Run, position: float, serving: Serving, *, blends: bool) -> None:
    """Draw the metrics of all users at the places of the sliders, as one line."""
    if serving.diversity:
        part, values, users, compared = _varied(run, position, serving)
        names = [name for name in VARIED_METRICS if name in values]
        shown = [figure_of(name, values[name], compared.get(name), "") for name in names]
    elif blends:
        part, curve = cache.blend_curve(run, position)
        users = len(curve.tables[0][USERS])
        shown = figures(curve, serving.place, _at_blend(run, position, part, serving.place))
    else:
        return
    texts = [
        f"{words.label(one.metric)} **{words.number(one.metric, one.value)}**"
        + (f" ({one.difference})" if one.difference else "")
        for one in shown
        if one.value is not None
    ]
    terms = "  \n".join(f"**{words.label(o.metric)}**: {words.explain(o.metric)}" for o in shown)
    who = _who(run, part, users).capitalize()
    st.caption(f"{who}, on {part}: {' · '.join(texts)}", help=terms)


def _who(run: Run, part: Part, measured: int) -> str:
    """Say how many users were measured; of large data, it is a sample."""
    users = np.count_nonzero(np.diff(cache.split(run.config).csr(part).indptr))
    return f"all {users:,} users" if measured == users else f"{measured:,} of {users:,} users"


def _at_blend(run: Run, position: float, part: str, place: str) -> dict[str, Compared]:
    return _compared(run.run_id, position, part, str(cache.store().folder), place)


def _varied(
    run: Run, position: float, serving: Serving
) -> tuple[Part, dict[str, float], int, dict[str, Compared]]:
    with st.spinner("Ranking the movies of all users …"):
        return cache.diversity_metrics(run, position, WEIGHTS[serving.place], serving.diversity)


def draw_all_users(run: Run, position: float, serving: Serving, *, blends: bool) -> None:
    """Draw what blend and diversity do to all users; `position` is that on a line."""
    if not (blends or serving.diversity):
        return

    def draw() -> None:
        if blends:
            _draw_blend(run, position, serving.place)
        if serving.diversity:
            _draw_diversity(run, position, serving)

    layout.expander(
        "What blend and diversity change for all users",
        state.RECOMMEND_ALL_USERS,
        draw,
        icon=":material/groups:",
    )


def _draw_diversity(run: Run, position: float, serving: Serving) -> None:
    st.markdown("**Diversity**")
    part, values, users, compared = _varied(run, position, serving)
    with st.container(horizontal=True):
        for name in VARIED_METRICS:
            if name in values:
                _metric(figure_of(name, values[name], compared.get(name), "no diversity"))
    st.caption(
        f"{_who(run, part, users).capitalize()}, on {part}, at the same blend. "
        "Differences to a list without diversity; ≈: may be chance."
    )


def _draw_blend(run: Run, position: float, place: str) -> None:
    st.markdown("**The blend**")
    with st.spinner("Ranking the movies of all users …"):
        part, curve = cache.blend_curve(run, position)
    compared = _at_blend(run, position, part, place)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(horizontal=True):
        for figure in figures(curve, place, compared):
            _metric(figure)
    with left:
        who = _who(run, part, len(curve.tables[0][USERS]))
        st.caption(
            f"{who.capitalize()}, on {part}. Differences to retrieval alone; ≈: may be chance."
        )
    with right:
        draw_curve(run, position, place)


def _metric(figure: Figure) -> None:
    entry = words.word(figure.metric)
    colour: Literal["normal", "inverse", "off"] = "off"
    if figure.is_better is not None:
        colour = "normal" if entry.higher_is_better else "inverse"
    st.metric(
        entry.label,
        words.number(figure.metric, figure.value),
        figure.difference.replace("−", "-") or None,  # Streamlit knows a fall by its hyphen
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
