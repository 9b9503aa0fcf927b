"""The inputs of the Trade-off page: which sweep, and which two metrics. The URL holds them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import cache, lab, layout, live, names, state, words
from pages.ui.tradeoff.settings import chosen_base
from pages.ui.url_inputs import choice, chosen, switch
from pages.ui.view import active_jobs
from recsys.config import SHARING, RunConfig
from recsys.evaluation.evaluate import Part
from recsys.evaluation.metrics import BEYOND_ACCURACY
from recsys.jobs.board import Job
from recsys.tradeoff.result import RATING_METRIC, RETRIEVAL_METRIC, SHARING_NAMES
from recsys.tradeoff.sweep import POINTS, sweep_configs

POINT_CHOICES = (5, POINTS, 9, 13)
SEED_CHOICES = (1, 2, 3, 5)
SHARING_CHOICES = (*SHARING, "each")
AXES = ("rmse", "mae", "ndcg@20", "recall@20", "top_k_accuracy@100", "mrr", *BEYOND_ACCURACY)


@dataclass(frozen=True)
class PlotView:
    """What the plot shows.

    Attributes:
        x: metric of the x axis.
        y: metric of the y axis.
        part: `validation` or `holdout`.
        baselines: whether the baselines are in the plot.
    """

    x: str
    y: str
    part: Part
    baselines: bool


def sweep_or_search() -> Sequence[Any]:
    """Draw the two tabs and return their containers; the URL holds which one is open."""
    key = state.bound_field(state.WAY)
    sweep, search = "Sweep", "Search"
    st.session_state[key] = search if state.selected(state.WAY) == state.SEARCH else sweep

    def write() -> None:
        state.select(state.WAY, state.SEARCH if st.session_state[key] == search else None)

    return st.tabs([sweep, search], key=key, on_change=write)


def choose_sweep(base: RunConfig) -> list[RunConfig]:
    """Draw the inputs of a sweep and return its configs, in the order to train them."""
    choice(
        state.POINTS,
        POINT_CHOICES,
        POINTS,
        lambda **options: st.segmented_control(
            "Ratios",
            help="Number of ratios, from retrieval alone to rating alone. They are evenly spaced "
            "in the rating share: rating weight / (retrieval weight + rating weight).",
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
    if base.sharing is not None:
        choice(
            state.SHARING,
            SHARING_CHOICES,
            base.sharing,
            lambda **options: st.selectbox(
                "What the tasks share",
                format_func=lambda one: SHARING_NAMES.get(one, "each of the five"),
                help=RunConfig.model_fields["sharing"].description,
                **options,
            ),
        )
    return chosen_sweep(base)


def chosen_sweep(base: RunConfig) -> list[RunConfig]:
    """Return the configs of the sweep that the URL holds, without drawing the choice."""
    points = chosen(state.POINTS, POINT_CHOICES, POINTS)
    seeds = chosen(state.SEEDS, SEED_CHOICES, 1)
    sharing = chosen(state.SHARING, SHARING_CHOICES, base.sharing)
    fronts = SHARING if sharing == "each" else (sharing,)
    return sweep_configs(base, points, seeds, fronts if base.sharing is not None else ())


def train_or_stop(configs: Sequence[RunConfig]) -> None:
    """Draw the button that trains what is missing; while something trains, progress and Stop."""
    ids = list({cache.config_run_id(config): None for config in configs})
    under_way = _under_way(ids)
    n = len(_missing(configs))
    if n or not under_way:
        st.button(
            f"Train {n} {'run' if n == 1 else 'runs'}" if n else "All runs are trained",
            key=state.TRADEOFF_START,
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=not n,
            on_click=_start,
        )
    if under_way:
        live.periodic(_progress)(ids)
    elif 0 < n < len(ids):
        st.caption(f"{len(ids) - n} of {len(ids)} runs are already trained.")


def _missing(configs: Sequence[RunConfig]) -> list[RunConfig]:
    """Return the configs that are neither trained nor in training."""
    ids = {cache.config_run_id(config): config for config in configs}
    active = {job.run_id for job in _under_way(list(ids))}
    stored = cache.store()
    return [config for id_, config in ids.items() if id_ not in stored and id_ not in active]


def _under_way(ids: Sequence[str]) -> list[Job]:
    return [job for job in active_jobs(lab.jobs()) if job.run_id in ids]


def _start() -> None:
    # The inputs may have changed since the button was drawn: what they hold at the click counts.
    with layout.callback_errors():
        for config in _missing(chosen_sweep(chosen_base())):
            lab.jobs().submit(config, cache.dataset(config.data))


def _stop(ids: Sequence[str]) -> None:
    """Stop what is still in training of the sweep whose progress stands above the button."""
    # The last ones first, or the next would begin as soon as the one before has ended.
    for job in reversed(_under_way(ids)):
        lab.jobs().stop(job.run_id)


def _progress(ids: Sequence[str]) -> None:
    stored = cache.store()
    under_way = _under_way(ids)
    done = [id_ for id_ in ids if id_ in stored]
    part = sum(names.progress(job) for job in under_way)
    text = f"{len(done)} of {len(ids)} runs trained"
    if left := _seconds_left(done, len(under_way) - part):
        text += f" · about {left:.0f} s left"
    st.progress(min((len(done) + part) / len(ids), 1.0), text=text)
    st.button(
        "Stop the sweep",
        key=state.TRADEOFF_STOP,
        icon=":material/stop:",
        width="stretch",
        on_click=_stop,
        args=(ids,),
        help="Finished runs are kept. The current run is kept as a stopped run; waiting runs are "
        "cancelled.",
    )


def _seconds_left(done: Sequence[str], runs_left: float) -> float | None:
    """Return the time for the rest, judged by the runs of the sweep that are done."""
    seconds = [cache.store().load(id_).seconds.get("total", 0.0) for id_ in done]
    return runs_left * sum(seconds) / len(seconds) if seconds else None


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
            "Show the baselines",
            help="They are far away and would squeeze the other points.",
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
