"""The frame of every page: header, navigation, worker status, metric rows, charts, errors."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from pages.ui import history, lab, link_check, live, names, presets, server_log, state, words
from pages.ui.charts import specs, theme
from pages.ui.view import active_jobs, is_active
from recsys.counted import counted
from recsys.errors import DuetError
from recsys.jobs.board import Job
from recsys.jobs.queue import WorkerState
from recsys.runs.names import config_name

# (file, label, icon) in the order of the navigation.
PAGES = (
    ("app.py", "Home", ":material/home:"),
    ("pages/1_Train.py", "Train", ":material/tune:"),
    ("pages/2_Trade-off.py", "Trade-off", ":material/balance:"),
    ("pages/3_Compare.py", "Compare", ":material/compare_arrows:"),
    ("pages/4_Recommend.py", "Recommend", ":material/movie:"),
    ("pages/5_New_user.py", "New user", ":material/person_add:"),
    ("pages/6_Movie_map.py", "Movie map", ":material/scatter_plot:"),
)
LOGO = Path(__file__).with_name("logo.svg")
MARK = Path(__file__).with_name("mark.svg")  # a Material icon would be fetched from the network
WAYS_IN_A_ROW = 3
WAYS_ON = (
    (*PAGES[1], "Choose the loss weights, start a training and watch the curves."),
    (*PAGES[2], "Train at several ratios of the weights: see what each task gains and loses."),
    (*PAGES[3], "Put runs side by side: metrics, curves and settings, with significance tests."),
    (*PAGES[4], "Choose a user: see what they rated and what a run recommends to them."),
    (*PAGES[5], "Rate a few movies: see at once what a run would recommend to you."),
    (*PAGES[6], "See all movies as a model does, and which ones it takes for alike."),
)
TALL_CARD = 114  # pixels: a metric with its difference
SIDEBAR_WEIGHT = 3.0  # it reruns a third as often as what a page is open for, under load
SIDEBAR_SECONDS = 1.5  # between two reruns, without load
SIDEBAR_JOBS = 2  # with their progress: six would reach beyond a laptop's window
MOST_QUEUED = 20  # of those that come later, named one by one; a sweep can have dozens


def header(title: str, lead: str) -> None:
    """Start a page: call this first. Sets up the page, the navigation and the worker's status.

    On the first start of a lab it also submits the three presets, whichever page opens first.
    """
    server_log.leave_out_closed_pages()
    lab.leave_out_of_garbage_collection()
    live.forget_fragments()
    state.enter(title)
    link_check.start()
    st.set_page_config(
        page_title="Duet" if title == "Duet" else f"{title} · Duet",
        page_icon=MARK,
        layout="wide",
    )
    problem: DuetError | None = None
    try:
        presets.train_presets_once(state.app_data())
    except DuetError as error:
        problem = error
    lab.jobs().hold_back()
    st.logo(LOGO, size="large", icon_image=MARK)
    _sidebar()
    st.title(title, anchor=False)
    st.markdown(lead)
    if problem is not None:
        show_error(problem)
        st.stop()


def show_error(message: object) -> None:
    """Show an error exactly as it is: it may quote what a file or a link holds."""
    st.error(names.as_typed(str(message)), icon=":material/error:")


@contextmanager
def errors() -> Iterator[None]:
    """Show an error that the user can fix (bad data, config or run) in one line; stop the page."""
    try:
        with live.asked():
            yield
    except DuetError as error:
        show_error(error)
        st.stop()


@contextmanager
def callback_errors() -> Iterator[None]:
    """Show an error of a callback in one line at the top of the page, which is still drawn."""
    try:
        yield
    except DuetError as error:
        show_error(error)


@dataclass(frozen=True)
class Metric:
    """One number of a metric row. `reference` is what the difference is taken to.

    `certain` says whether the difference is more than chance.
    """

    term: str
    value: float | None
    reference: float | None = None
    reference_name: str = ""
    certain: bool = True


def metric_row(metrics: Sequence[Metric], *, border: bool = True) -> None:
    """Show numbers side by side, each with its unit, its tooltip and its difference.

    On a narrow screen they wrap, several to a line.
    """
    # Not "stretch": cards that wrap would then cover what follows them.
    compared = any(metric.reference is not None for metric in metrics)
    height: Literal["content"] | int = TALL_CARD if border and compared else "content"
    with st.container(horizontal=True):
        for metric in metrics:
            _metric(metric, border, height)


def _metric(metric: Metric, border: bool, height: Literal["content"] | int) -> None:
    entry = words.word(metric.term)
    difference = None
    if metric.value is not None and metric.reference is not None:
        difference = round(metric.value - metric.reference, entry.decimals)
    colour: Literal["normal", "inverse", "off"] = "off"
    if entry.higher_is_better is not None:
        colour = "normal" if entry.higher_is_better else "inverse"
    delta: str | int | None = None
    if difference is not None:
        delta = f"{difference:+,.{entry.decimals}f}" if difference else 0
        if not metric.certain:
            delta, colour = f"≈ {delta}", "off"
    st.metric(
        entry.label,
        words.number(metric.term, metric.value),
        delta,
        delta_color=colour,
        delta_arrow="auto" if metric.certain else "off",
        delta_description=metric.reference_name if difference is not None else None,
        help=entry.sentence,
        border=border,
        height=height,
    )


def chart(
    key: str,
    version: Hashable,
    build: Callable[[], specs.Drawing],
    *,
    alt_text: str,
    rows: theme.Rows | None = None,
    domain: tuple[float, float] | None = None,
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
        domain: the ends of the y axis where the chart leaves them open. They need no new version
            either.
        options: for `st.vega_lite_chart`.
    """
    spec = specs.built(key, version, build)
    if domain is not None:
        theme.set_domain(spec, domain)
    if rows is not None:
        # Arrow tables pass through as they are; lists of rows would become data frames first.
        spec["datasets"] = {theme.DATA: pa.Table.from_pylist(rows)}
    return st.vega_lite_chart(spec=spec, key=key, alt=alt_text, width="stretch", **options)


def expander(label: str, key: str, draw: Callable[[], None], **options: Any) -> None:
    """Draw a closed expander; what is in it is drawn once it is opened.

    A page is there sooner without what nobody looks at.

    Args:
        label: what is in it; always the same one: Streamlit closes an expander whose label changes.
        key: of the expander.
        draw: draws what is in it.
        options: for `st.expander`.
    """
    place = st.expander(label, key=key, on_change="rerun", **options)
    if place.open:
        with place:
            draw()


def empty_state(message: str, page: str | None = None, label: str = "") -> None:
    """Say why there is nothing to see, and link to where that changes."""
    with st.container(border=True):
        st.markdown(message)
        if page:
            st.page_link(page, label=label, icon=":material/arrow_forward:")


def no_run_yet(sentence: str) -> None:
    """Say that there is no run yet, and which ones are on their way; link to where that changes.

    When the first training has ended, the sidebar runs the page again.

    Args:
        sentence: what there is to see once there is a run.
    """
    jobs = active_jobs(lab.jobs())
    if not jobs:
        empty_state(f"There is no run yet. {sentence}", PAGES[1][0], "Train a run")
        return
    first, later = f"**{names.as_typed(config_name(jobs[0].config))}**", len(jobs) - 1
    more = f", and {later} more after it" if later else ""
    with st.container(border=True):
        st.markdown(
            f"There is no finished run yet. {sentence} In training or next: {first}{more}. This "
            "page fills by itself when it has ended."
        )
        st.page_link(
            PAGES[1][0],
            label="Watch the training",
            icon=":material/arrow_forward:",
            query_params=state.link_params(run=jobs[0].run_id),
        )


def _sidebar() -> None:
    run = state.selected(state.RUN)
    with st.sidebar:
        for file, label, icon in PAGES:
            st.page_link(file, label=label, icon=icon, query_params=state.link_params(run=run))
        st.divider()
        watched = _ended_jobs()
        # Between two trials of a search there is no job for a moment.
        busy = bool(active_jobs(lab.jobs()) or lab.searches().active())
        active = busy or lab.jobs().worker() is WorkerState.STARTING
        status = live.periodic(
            _status, active=active, weight=SIDEBAR_WEIGHT, shortest=SIDEBAR_SECONDS
        )
        status(watched)
        history.draw()


def _ended_jobs() -> frozenset[str]:
    return frozenset(job.run_id for job in lab.jobs().jobs() if not is_active(job))


def _status(watched: frozenset[str]) -> None:
    """Show the worker and its jobs; when one has ended, run the whole page again, once.

    With many pages open, those whose run it is not are run one after another.
    """
    if changed := _ended_jobs() ^ watched:
        own = {job.run_id for job in lab.jobs().jobs() if lab.is_own(job)}
        if changed & {*own, state.selected(state.RUN)}:
            st.rerun()
        live.run_page_for_news()
    queue = lab.jobs()
    worker = names.worker_words(queue.worker(), queue.problem)
    st.markdown(f":small[{worker.capitalize()}]", help=words.explain("worker"))
    for search in lab.searches().active():
        done = len(search.done) + search.lost
        label = f"Search: {done} of {counted(search.trials, 'trial')}"
        params = state.link_params(way=state.SEARCH)
        st.page_link(
            "pages/2_Trade-off.py", label=label, icon=":material/search:", query_params=params
        )
    jobs = active_jobs(queue)
    for job in jobs[:SIDEBAR_JOBS]:
        _job_link(job)
        st.progress(names.progress(job), text=names.job_words(job))
    if later := jobs[SIDEBAR_JOBS:]:
        # The key keeps it open while the number falls.
        with st.expander(f"and {len(later)} more", key=state.QUEUE):
            for job in later[:MOST_QUEUED]:
                _job_link(job)
            if len(later) > MOST_QUEUED:
                st.caption(f"and {len(later) - MOST_QUEUED} more in the queue")


def _job_link(job: Job) -> None:
    params = state.link_params(run=job.run_id)
    st.page_link("pages/1_Train.py", label=config_name(job.config), query_params=params)


def ways_on() -> None:
    """Link to the other pages, each with a sentence on what it is for."""
    for start in range(0, len(WAYS_ON), WAYS_IN_A_ROW):
        row = WAYS_ON[start : start + WAYS_IN_A_ROW]
        for column, (file, label, icon, sentence) in zip(st.columns(len(row)), row, strict=True):
            with column, st.container(border=True, height="stretch"):
                st.page_link(file, label=f"**{label}**", icon=icon)
                st.caption(sentence)
