"""The inputs of the Trade-off page: which sweep, and which two metrics. The URL holds them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import cache, layout, live, state, words
from pages.ui.charts.tradeoff import SHARING as SHARING_NAMES
from pages.ui.url_inputs import choice, switch
from pages.ui.view import active_jobs
from recsys.config import SHARING, RunConfig
from recsys.evaluation import Part
from recsys.jobs import Job
from recsys.metrics import BEYOND_ACCURACY
from recsys.sweep import POINTS, sweep_configs

POINT_CHOICES = (5, POINTS, 9, 13)
SEED_CHOICES = (1, 2, 3, 5)
X_METRIC, Y_METRIC = "rmse", "ndcg@20"
AXES = ("rmse", "mae", "ndcg@20", "recall@20", "top_k_accuracy@100", "mrr", *BEYOND_ACCURACY)


@dataclass(frozen=True)
class PlotView:
    """What the plot shows.

    Attributes:
        x: metric of the level axis.
        y: metric of the upright axis.
        part: what is measured on.
        baselines: whether the plot reaches out to the baselines.
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
    """Draw the choice of a sweep and return its configs, in the order to train them."""
    points = choice(
        state.POINTS,
        POINT_CHOICES,
        POINTS,
        lambda **options: st.segmented_control(
            "Ratios",
            help="Evenly spaced shares of the rating weight, both single-task ends included.",
            **options,
        ),
    )
    seeds = choice(
        state.SEEDS,
        SEED_CHOICES,
        1,
        lambda **options: st.segmented_control(
            "Seeds", help="Trainings of each ratio: they show how much is chance.", **options
        ),
    )
    sharing = base.sharing
    if base.sharing is not None:
        sharing = choice(
            state.SHARING,
            (*SHARING, "each"),
            base.sharing,
            lambda **options: st.selectbox(
                "What the tasks share",
                format_func=lambda one: SHARING_NAMES.get(one, "each of the three"),
                help=RunConfig.model_fields["sharing"].description,
                **options,
            ),
        )
    fronts = SHARING if sharing == "each" else (sharing,)
    return sweep_configs(base, points, seeds, fronts if base.sharing is not None else ())


def train_or_stop(configs: Sequence[RunConfig]) -> None:
    """Draw the button that trains what is missing; while something trains, progress and Stop."""
    ids = {cache.config_run_id(config): config for config in configs}
    stored = cache.store()
    under_way = [job.run_id for job in active_jobs(cache.jobs()) if job.run_id in ids]
    missing = [c for id_, c in ids.items() if id_ not in stored and id_ not in under_way]
    n = len(missing)
    if n or not under_way:
        st.button(
            f"Train {n} {'run' if n == 1 else 'runs'}" if n else "All of them are trained",
            key=state.TRADEOFF_START,
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=not missing,
            on_click=_start,
            args=(missing,),
        )
    if under_way:
        live.periodic(_progress)(list(ids))
    elif 0 < n < len(ids):
        st.caption(f"{len(ids) - n} of the {len(ids)} runs are there already.")


def _start(configs: Sequence[RunConfig]) -> None:
    with layout.errors():
        for config in configs:
            cache.jobs().submit(config)


def _stop(jobs: Sequence[Job]) -> None:
    # The last ones first, or the next would begin as soon as the one before has ended.
    for job in reversed(jobs):
        cache.jobs().stop(job.run_id)


def _progress(ids: Sequence[str]) -> None:
    stored = cache.store()
    under_way = [job for job in active_jobs(cache.jobs()) if job.run_id in ids]
    done = [id_ for id_ in ids if id_ in stored]
    part = sum(layout.progress(job) for job in under_way)
    text = f"{len(done)} of {len(ids)} runs"
    if left := _seconds_left(done, len(under_way) - part):
        text += f" · about {left:.0f} s left"
    st.progress(min((len(done) + part) / len(ids), 1.0), text=text)
    st.button(
        "Stop the sweep",
        key=state.TRADEOFF_STOP,
        icon=":material/stop:",
        width="stretch",
        on_click=_stop,
        args=(under_way,),
        help="What is trained stays; the run under way is kept as a stopped one.",
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
            help="Weights are chosen on validation; the holdout tells what the choice is worth.",
            **options,
        ),
    )
    y = _metric(state.Y, "Up", Y_METRIC)
    x = _metric(state.X, "To the right", X_METRIC)
    baselines = switch(
        state.BASELINES,
        False,
        lambda **options: st.toggle(
            "Show the baselines", help="They lie far off: the points move together.", **options
        ),
    )
    return PlotView(x, y, part, baselines)


def _metric(name: str, label: str, default: str) -> str:
    chosen: str = choice(
        name,
        AXES,
        default,
        lambda **options: st.selectbox(label, format_func=words.label, **options),
    )
    return chosen
