"""The two buttons that train what is missing: all ratios in one training, or each ratio by itself.

While something trains, progress and Stop stand below the button.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import cache, lab, layout, live, names, state
from pages.ui.tradeoff.inputs import chosen_lines, chosen_sweep
from pages.ui.tradeoff.settings import chosen_base
from pages.ui.tradeoff.time_left import time_left
from pages.ui.view import active_jobs
from recsys.config import RunConfig
from recsys.counted import counted
from recsys.jobs.board import Job

Configs = Callable[[RunConfig], list[RunConfig]]  # the chosen ones, of these settings


def lines_button(configs: Sequence[RunConfig]) -> None:
    """Draw the button that trains all ratios at once, a training for each way of sharing."""
    n, under_way = len(missing(configs)), _under_way(configs)
    if n or not under_way:
        runs = "1 training is" if n == 1 else f"{n} trainings are"
        st.button(
            "Train all ratios" if n else "All ratios are trained",
            key=state.TRADEOFF_LINES,
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=not n,
            on_click=_start,
            args=(chosen_lines,),
            help="One training learns a model for every ratio. Each choice of vectors needs one: "
            f"{runs if n else '0 trainings are'} missing.",
        )
    if under_way:
        live.periodic(_lines_progress)(configs)


def sweep_button(configs: Sequence[RunConfig]) -> None:
    """Draw the button that trains each ratio by itself."""
    n, under_way = len(missing(configs)), _under_way(configs)
    if n or not under_way:
        st.button(
            f"Train {counted(n, 'run')}" if n else "All runs are trained",
            key=state.TRADEOFF_START,
            icon=":material/play_arrow:",
            width="stretch",
            disabled=not n,
            on_click=_start,
            args=(chosen_sweep,),
        )
    if under_way:
        live.periodic(_sweep_progress)(configs)
    elif n:
        st.caption(_already(len(configs) - n, len(configs)))


def _already(done: int, of: int) -> str:
    text = "Each ratio by itself, to compare with the line and with each task trained alone."
    if not done:
        return text
    return f"{text} {done} of {counted(of, 'run')} {'is' if done == 1 else 'are'} already trained."


def missing(configs: Sequence[RunConfig]) -> list[RunConfig]:
    """Return the configs that are neither trained nor in training."""
    active = {job.run_id for job in _under_way(configs)}
    return [c for c in untrained(configs) if cache.config_run_id(c) not in active]


def untrained(configs: Sequence[RunConfig]) -> list[RunConfig]:
    """Return the configs that are not trained."""
    stored = cache.store()
    return [config for config in configs if cache.config_run_id(config) not in stored]


def is_under_way(configs: Sequence[RunConfig]) -> bool:
    """Return whether any of the configs is in training or waits for it."""
    return bool(_under_way(configs))


def _under_way(configs: Sequence[RunConfig]) -> list[Job]:
    ids = {cache.config_run_id(config) for config in configs}
    return [job for job in active_jobs(lab.jobs()) if job.run_id in ids]


def _start(chosen: Configs) -> None:
    # The inputs may have changed since the button was drawn: what they hold at the click counts.
    with layout.callback_errors():
        for config in missing(chosen(chosen_base())):
            lab.submit(config, cache.dataset(config.data))


def _stop(configs: Sequence[RunConfig]) -> None:
    # The last ones first, or the next would begin as soon as the one before has ended.
    for job in reversed(_under_way(configs)):
        lab.jobs().stop(job.run_id)


def _lines_progress(configs: Sequence[RunConfig]) -> None:
    _progress(configs, "Stop", f"{state.TRADEOFF_LINES}.stop")


def _sweep_progress(configs: Sequence[RunConfig]) -> None:
    _progress(configs, "Stop the sweep", state.TRADEOFF_STOP)


def _progress(configs: Sequence[RunConfig], stop: str, key: str) -> None:
    left = untrained(configs)
    done = [cache.config_run_id(config) for config in configs if config not in left]
    under_way = _under_way(configs)
    part = sum(names.progress(job) for job in under_way)
    text = f"{len(done)} of {counted(len(configs), 'run')} trained"
    text += time_left(done, len(under_way) - part)
    st.progress(min((len(done) + part) / len(configs), 1.0), text=text)
    st.button(
        stop,
        key=key,
        icon=":material/stop:",
        width="stretch",
        on_click=_stop,
        args=(configs,),
        help="Finished runs are kept. The current run is kept as a stopped run; waiting runs are "
        "cancelled.",
    )
