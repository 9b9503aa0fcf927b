"""The inputs of the Trade-off page: which sweep, and which two metrics. The URL holds them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import state, words
from pages.ui.url_inputs import choice, choices, chosen, chosen_several, switch
from recsys.config import SHARING, RunConfig, Sharing
from recsys.evaluation.evaluate import Part
from recsys.evaluation.metrics import BEYOND_ACCURACY
from recsys.runs.names import sharing_name
from recsys.tradeoff.result import RATING_METRIC, RETRIEVAL_METRIC
from recsys.tradeoff.sweep import POINTS, line_configs, sweep_configs

POINT_CHOICES = (5, 7, POINTS, 13)
SEED_CHOICES = (1, 2, 3, 5)
# With these the conflict of the tasks is seen, and then seen to vanish.
USUAL_SHARING: tuple[Sharing, ...] = ("tied", "mapped", "part")
EACH = "each"  # in the URL: all ways of sharing
AXES = ("rmse", "mae", "ndcg@20", "recall@20", "top_k_accuracy@100", "mrr", *BEYOND_ACCURACY)


@dataclass(frozen=True)
class PlotView:
    """What the plot shows.

    Attributes:
        x: metric of the x axis.
        y: metric of the y axis.
        part: `validation` or `holdout`.
        baselines: whether the plot reaches out to all baselines.
    """

    x: str
    y: str
    part: Part
    baselines: bool


def sweep_or_search() -> Sequence[Any]:
    """Draw the two tabs and return their containers; the URL holds which one is open."""
    key = state.bound_field(state.WAY)
    sweep, search = "Single ratios", "Search"
    state.hold(key, search if state.selected(state.WAY) == state.SEARCH else sweep)

    def write() -> None:
        state.select(state.WAY, state.SEARCH if st.session_state[key] == search else None)

    return st.tabs([sweep, search], key=key, on_change=write)


def choose_sharing(base: RunConfig) -> None:
    """Draw the choice of the fronts, if the architecture has any."""
    if base.sharing is None:
        return
    if state.selected(state.SHARING) == EACH:
        state.select(state.SHARING, ",".join(SHARING))
    elif not chosen_several(state.SHARING, SHARING, USUAL_SHARING):
        state.select(state.SHARING, None)  # nothing to show: back to the usual ones
    choices(
        state.SHARING,
        SHARING,
        lambda **options: st.pills(
            words.label("sharing"),
            selection_mode="multi",
            wrap=True,
            format_func=sharing_name,
            help=words.explain("sharing"),
            **options,
        ),
        USUAL_SHARING,
    )


def chosen_sharing(base: RunConfig) -> list[Sharing | None]:
    """Return the ways of sharing that the URL holds; the usual ones if it holds none."""
    if base.sharing is None:
        return [None]
    if state.selected(state.SHARING) == EACH:
        return list(SHARING)
    found = chosen_several(state.SHARING, SHARING, USUAL_SHARING) or USUAL_SHARING
    return [one for one in SHARING if one in found]


def choose_sweep() -> None:
    """Draw how many ratios a sweep has, and how many seeds."""
    with st.container(horizontal=True):
        choice(
            state.POINTS,
            POINT_CHOICES,
            POINTS,
            lambda **options: st.segmented_control(
                "Ratios",
                help="Number of ratios, from retrieval alone to rating alone. In between they go "
                "from about 30 : 1 to 1 : 30 in equal steps of the logarithm.",
                **options,
            ),
        )
        choice(
            state.SEEDS,
            SEED_CHOICES,
            1,
            lambda **options: st.segmented_control(
                "Seeds",
                help="Runs of each ratio. Several seeds show how much of a difference is chance.",
                **options,
            ),
        )


def chosen_sweep(base: RunConfig) -> list[RunConfig]:
    """Return the configs of the sweep that the URL holds, in the order to train them."""
    points = chosen(state.POINTS, POINT_CHOICES, POINTS)
    seeds = chosen(state.SEEDS, SEED_CHOICES, 1)
    return sweep_configs(base, points, seeds, chosen_sharing(base))


def chosen_lines(base: RunConfig) -> list[RunConfig]:
    """Return the configs that train all ratios at once, one for each front."""
    return line_configs(base, [one for one in chosen_sharing(base) if one is not None])


def choose_view(base: RunConfig) -> PlotView:
    """Draw the choice of what the plot shows."""
    parts = ["validation", "holdout"] if base.validation else ["holdout"]
    part = choice(
        state.PART,
        parts,
        parts[0],
        lambda **options: st.segmented_control(
            "Measured on",
            format_func=str.capitalize,
            help="Choose weights on validation. Use the holdout only for the final result.",
            **options,
        ),
    )
    y = _metric(state.Y, "Y axis", RETRIEVAL_METRIC)
    x = _metric(state.X, "X axis", RATING_METRIC)
    baselines = switch(
        state.BASELINES,
        False,
        lambda **options: st.toggle(
            "Show all baselines",
            help="Those outside the range of the points would squeeze them.",
            **options,
        ),
    )
    return PlotView(x, y, part, baselines)


def chosen_metrics() -> tuple[str, str]:
    """Return the metrics of the two axes, x and y, that the URL holds."""
    return chosen(state.X, AXES, RATING_METRIC), chosen(state.Y, AXES, RETRIEVAL_METRIC)


def _metric(name: str, label: str, default: str) -> str:
    metric: str = choice(
        name,
        AXES,
        default,
        lambda **options: st.selectbox(label, format_func=words.label, **options),
    )
    return metric
