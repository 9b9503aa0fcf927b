"""The frame of every page: header, navigation, worker status, metric rows, charts, errors."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import streamlit as st

from pages.ui import cache, live, presets, state, words
from pages.ui.charts import theme
from pages.ui.view import active_jobs, is_active
from recsys.config import RunConfig
from recsys.errors import DuetError
from recsys.jobs import Job, JobState, WorkerState
from recsys.records import Run

# (file, label, icon) in the order of the navigation.
PAGES = (
    ("app.py", "Home", ":material/home:"),
    ("pages/1_Train.py", "Train", ":material/tune:"),
    ("pages/2_Trade-off.py", "Trade-off", ":material/balance:"),
    ("pages/3_Compare.py", "Compare", ":material/compare_arrows:"),
    ("pages/4_Recommend.py", "Recommend", ":material/movie:"),
)
LOGO = Path(__file__).with_name("logo.svg")
MARK = Path(__file__).with_name("mark.svg")  # a Material icon would be fetched from the network
WAYS_ON = (
    (*PAGES[1], "Choose the loss weights, start a training, watch the curves, stop it."),
    (*PAGES[2], "Sweep the ratio of the weights: what each task gains, and what it pays."),
    (*PAGES[3], "Put runs side by side: what differs, what got better, what got worse."),
    (*PAGES[4], "Pick a user: what they liked, and what a run would show them next."),
)
MOST_JOBS = 4  # listed one by one; a sweep can have dozens
WORKER_WORDS = {
    WorkerState.STARTING: "is starting (some seconds) …",
    WorkerState.READY: "is ready",
    WorkerState.BUSY: "is training",
}


def header(title: str, lead: str) -> None:
    """Start a page: call this first. Sets up the page, the navigation and the worker's status.

    On the first start of a lab it also submits the three presets, whichever page opens first.
    """
    state.enter(title)
    st.set_page_config(
        page_title="Duet" if title == "Duet" else f"{title} · Duet",
        page_icon=MARK,
        layout="wide",
    )
    problem = None
    try:
        presets.train_presets_once(state.app_data())
    except DuetError as error:
        problem = str(error)
    st.logo(LOGO, size="large", icon_image=MARK)
    _sidebar()
    st.title(title, anchor=False)
    st.markdown(lead)
    if problem is not None:
        st.error(problem, icon=":material/error:")
        st.stop()


@contextmanager
def errors() -> Iterator[None]:
    """Show what the lab refuses (bad data, config or run) as one line, and stop the page there."""
    try:
        yield
    except DuetError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


@dataclass(frozen=True)
class Metric:
    """One number of a metric row. `reference` is what the difference is taken to."""

    term: str
    value: float | None
    reference: float | None = None
    reference_name: str = ""


def metric_row(metrics: Sequence[Metric], *, border: bool = True) -> None:
    """Show numbers side by side, each with its unit, its tooltip and its difference."""
    for column, metric in zip(st.columns(len(metrics)), metrics, strict=True):
        with column:
            _metric(metric, border)


def _metric(metric: Metric, border: bool) -> None:
    entry = words.word(metric.term)
    difference = None
    if metric.value is not None and metric.reference is not None:
        difference = round(metric.value - metric.reference, entry.decimals)
    colours = {True: "normal", False: "inverse", None: "off"}
    st.metric(
        entry.label,
        words.number(metric.term, metric.value),
        None if difference is None else f"{difference:+,.{entry.decimals}f}" if difference else 0,
        delta_color=colours[entry.higher_is_better],  # type: ignore[arg-type]
        delta_description=metric.reference_name if difference is not None else None,
        help=entry.sentence,
        border=border,
        height="stretch",
    )


def chart(
    key: str,
    version: Hashable,
    build: Callable[[], cache.Drawing],
    *,
    alt_text: str,
    rows: theme.Rows | None = None,
    **options: Any,
) -> Any:
    """Draw a chart. Returns the selection, if asked for.

    Args:
        key: of the chart on its page.
        version: changes with all that `build` depends on.
        build: makes the chart; called once per (key, version).
        alt_text: what there is to see.
        rows: the data, where the chart refers to it as `theme.ROWS`. New rows need no new version,
            and the browser keeps the chart.
        options: for `st.vega_lite_chart`.
    """
    spec = cache.spec(key, version, build)
    if rows is not None:
        # Arrow tables pass through as they are; lists of rows would become data frames first.
        spec["datasets"] = {theme.DATA: pa.Table.from_pylist(rows)}
    return st.vega_lite_chart(spec=spec, key=key, alt=alt_text, width="stretch", **options)


def empty_state(message: str, page: str | None = None, label: str = "") -> None:
    """Say why there is nothing to see, and link to where that changes."""
    with st.container(border=True):
        st.markdown(message)
        if page:
            st.page_link(page, label=label, icon=":material/arrow_forward:")


def _sidebar() -> None:
    run = state.selected(state.RUN)
    with st.sidebar:
        for file, label, icon in PAGES:
            st.page_link(file, label=label, icon=icon, query_params=state.link_params(run=run))
        st.divider()
        watched = _ended_jobs()
        # Between two trials of a search there is no job for a moment.
        busy = bool(active_jobs(cache.jobs()) or cache.searches().active())
        active = busy or cache.jobs().worker() is WorkerState.STARTING
        live.periodic(_status, active=active)(watched)


def _ended_jobs() -> frozenset[str]:
    return frozenset(job.run_id for job in cache.jobs().jobs() if not is_active(job))


def _status(watched: frozenset[str]) -> None:
    """Show the worker and its jobs; when one has ended, run the whole page again, once."""
    if _ended_jobs() != watched:
        st.rerun()
    st.markdown(f":small[{worker_words().capitalize()}]", help=words.explain("worker"))
    for search in cache.searches().active():
        done = len(search.done) + search.lost
        label = f"Search: {done} of {search.trials} trials"
        params = state.link_params(way=state.SEARCH)
        st.page_link(
            "pages/2_Trade-off.py", label=label, icon=":material/search:", query_params=params
        )
    jobs = active_jobs(cache.jobs())
    for job in jobs[:MOST_JOBS]:
        params = state.link_params(run=job.run_id)
        st.page_link("pages/1_Train.py", label=config_name(job.config), query_params=params)
        st.progress(progress(job), text=job_words(job))
    if len(jobs) > MOST_JOBS:
        st.caption(f"and {len(jobs) - MOST_JOBS} more in the queue")


def worker_words() -> str:
    """Say what the worker does: `worker is ready`."""
    queue = cache.jobs()
    worker = queue.worker()
    if worker is WorkerState.LOST:
        return f"worker is lost: {queue.problem}"
    return f"worker {WORKER_WORDS[worker]}"


def progress(job: Job) -> float:
    """Return the share of the epochs done, 0–1."""
    return min(len(job.records) / job.config.epochs, 1.0)


def job_words(job: Job) -> str:
    """Say in a few words how far a job is: `epoch 3 of 15 · 4 s left`."""
    if job.stopping and not job.state.done:
        return "stopping …"
    if job.state is JobState.WAITING:
        return job.phase or f"number {max(job.position, 1)} in the queue"
    if job.state is JobState.TRAINING and job.records:
        # The first epoch includes compiling the model: it says little about those to come.
        known = job.seconds_left is not None and len(job.records) > 1
        left = f" · {job.seconds_left:.0f} s left" if known else ""
        return f"epoch {len(job.records)} of {job.config.epochs}{left}"
    if job.state is JobState.TRAINING:
        return "loading the data" if job.phase == "loading" else "in the first epoch"
    return str(job.state)


def config_name(config: RunConfig) -> str:
    """Name a config for people: its preset or two weights, and what else is not as usual."""
    name = (
        config.preset
        or f"retrieval {config.retrieval_weight:.3g} : rating {config.rating_weight:.3g}"
    )
    unusual = [config.architecture] * (config.architecture != "duet")
    unusual += [config.balancing] * (config.balancing != "fixed")
    return f"{name} ({', '.join(unusual)})" if unusual else name


def run_name(run: Run) -> str:
    """Name a run for people: its own name, or its config's; a stopped run says so."""
    name = run.name or config_name(run.config)
    if run.status == "finished":
        return name
    done = len(run.history)
    return f"{name} · stopped {f'after epoch {done}' if done else 'in its first epoch'}"


def when(created: str) -> str:
    """Write an ISO time as `22 Nov 2026, 02:31 UTC`."""
    return datetime.fromisoformat(created).astimezone(UTC).strftime("%-d %b %Y, %H:%M UTC")


def ways_on() -> None:
    """Link to the other pages, each with a sentence on what it is for."""
    for column, (file, label, icon, sentence) in zip(
        st.columns(len(WAYS_ON)), WAYS_ON, strict=True
    ):
        with column, st.container(border=True, height="stretch"):
            st.page_link(file, label=f"**{label}**", icon=icon)
            st.caption(sentence)
