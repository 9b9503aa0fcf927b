"""One training on the page, running or stored: its progress, its results, its curves."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages.ui import cache, lab, layout, link_check, live, names, run_choice, state, words
from pages.ui.panels import draw_panels
from pages.ui.train import line
from pages.ui.train.compared import Compared, choose_compared
from pages.ui.train.curves import draw_curves
from pages.ui.train.headline import details, explained, headline
from pages.ui.view import active_jobs, is_active
from recsys.counted import counted
from recsys.jobs.board import Job
from recsys.ratio import position_name
from recsys.runs.names import config_name, run_name
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed

ONLY_EQUAL = "they are compared with another run at 1 : 1 only."
MOST_JOBS = 6  # listed one by one; a sweep can have dozens


def show_job(job: Job) -> None:
    """Draw a job under way: progress, Stop, the queue behind it, and its curves so far."""
    st.session_state[state.TRAIN_SHOWN] = len(job.records)
    live.periodic(_progress)(job.run_id)
    testbed = cache.testbed(job.config)
    compared = choose_compared(job.config, job.run_id, None, testbed, cache.runs())
    other = compared.run.run_id if compared.run else None
    live.on_demand(_live_curves, state.TRAIN_CURVES)(job.run_id, other)


def wait_for(run_id: str, problem: str) -> None:
    """Say that another server trains a run, and show the run as soon as it is stored."""
    live.periodic(_until_here)(run_id, problem)


def _until_here(run_id: str, problem: str) -> None:
    if not lab.jobs().is_elsewhere(run_id):
        st.rerun()
    st.info(problem, icon=":material/hourglass_empty:")


def _progress(run_id: str) -> None:
    """Draw how far a job is. Its curves are drawn again after a new epoch, the page at the end."""
    job = lab.jobs().job(run_id)
    if job is None or not is_active(job):
        st.rerun()
    name, button = st.columns([4, 1], vertical_alignment="center")
    name.subheader(config_name(job.config), anchor=False)
    button.button(
        "Stop",
        key=state.TRAIN_STOP,
        icon=":material/stop:",
        width="stretch",
        disabled=job.stopping,
        on_click=lab.jobs().stop,
        args=(job.run_id,),
        help="Ends the training. After the first epoch, the model so far is kept as a stopped run.",
    )
    queue = lab.jobs()
    worker = names.worker_words(queue.worker(), queue.problem)
    st.progress(names.progress(job), text=f"{names.job_words(job).capitalize()} · {worker}")
    running = sum(one.state.running for one in queue.jobs())
    if before := names.before_words(job, running, own=lab.is_own(job)):
        st.caption(before, help=words.explain("turns"))
    if job.resumed:
        st.caption("The server was restarted: this training has begun again.")
    _queue(job)
    live.refresh(state.TRAIN_CURVES, st.session_state[state.TRAIN_SHOWN], len(job.records))


def _live_curves(run_id: str, other: str | None) -> None:
    """Draw the curves of a job so far, and those of the other run."""
    job = lab.jobs().job(run_id)
    if job is None:  # the progress view is about to run the page again
        return
    st.session_state[state.TRAIN_SHOWN] = len(job.records)
    with layout.errors():
        baselines = cache.baseline_metrics(job.config)
        if job.config.all_ratios and job.config.validation:
            axes = line.while_training(baselines)
            draw_panels("train.live", [line.line_panel(line.live_rows(job.records), axes)], 1)
        compared = cache.store().load(other) if other and other in cache.store() else None
        draw_curves(job.config, job.records, baselines, compared)


def _queue(shown: Job) -> None:
    """List the other jobs that run or wait, each with its place in the queue."""
    others = [job for job in active_jobs(lab.jobs()) if job.run_id != shown.run_id]
    with st.container(horizontal=True):
        for job in others[:MOST_JOBS]:
            st.page_link(
                "pages/1_Train.py",
                label=f"{config_name(job.config)}: {names.job_words(job)}",
                icon=":material/hourglass_empty:",
                query_params=state.link_params(run=job.run_id),
            )
    if len(others) > MOST_JOBS:
        st.caption(f"and {len(others) - MOST_JOBS} more in the queue")


def show_run(run: Run, runs: Sequence[Run]) -> None:
    """Draw a stored run: main metrics beside those of another run, links, curves.

    Args:
        run: the run.
        runs: of the store, newest first.
    """
    title, other = st.columns([1.6, 1], vertical_alignment="center")
    with title:
        _title(run)
    with other:
        compared = choose_compared(run.config, run.run_id, run.created, Testbed.of_run(run), runs)
    at = run_choice.choose_place(run_choice.line_places(run))
    in_view, other_run = run_at(run, at), compared.run if at == run_choice.EQUAL else None
    unusable, place = st.container(), st.container()  # filled last: the differences take longest
    link_check.draw(unusable)
    if rows := line.line_rows(run, float(at)):
        draw_panels("train.end", [line.line_panel(rows, line.around(rows))], 1)
    draw_curves(run.config, run.history, run.baselines, compared.run)
    with place:
        layout.metric_row(headline(in_view, other_run, previous=compared.previous))
        text = explained(in_view, other_run, previous=compared.previous)
        if at != run_choice.EQUAL:
            text += f" These are the figures at {position_name(float(at))}; {ONLY_EQUAL}"
        st.caption(text, help=details(run.config))
        _ways_on(run, compared, at if run.line else None)


def _title(run: Run) -> None:
    st.subheader(names.as_typed(run_name(run)), anchor=False)
    data = names.as_typed(words.dataset_label(run.dataset))
    st.caption(
        f"{data} · {len(run.history)} of {counted(run.config.epochs, 'epoch')} · "
        f"{run.seconds['total']:.0f} s · {names.when(run.created)} · "
        f"run {names.as_typed(run.run_id)}",
        help=words.explain("run"),
    )


def run_at(run: Run, at: str) -> Run:
    """Return a run with the metrics of its model at a place of its line; few are known there."""
    point = next((one for one in run.line if f"{one.position:g}" == at), None)
    if point is None or at == run_choice.EQUAL:
        return run
    return replace(run, metrics=point.metrics)


def _ways_on(run: Run, compared: Compared, at: str | None) -> None:
    """Link to what can be done with the run on other pages; `at` is the place on its line."""
    ids = ",".join(other.run_id for other in (run, compared.run) if other)
    kind = "the previous run" if compared.previous else "the other run"
    with st.container(horizontal=True, gap="medium"):
        st.page_link(
            "pages/4_Recommend.py",
            label="Recommendations",
            icon=":material/movie:",
            query_params=state.link_params(run=run.run_id, at=at),
        )
        st.page_link(
            "pages/3_Compare.py",
            label=f"Compare with {kind}" if compared.run else "Compare",
            icon=":material/compare_arrows:",
            query_params=state.link_params(run=run.run_id, runs=ids),
        )
        st.page_link(
            "pages/2_Trade-off.py",
            label="Sweep these settings",
            icon=":material/balance:",
            query_params=state.link_params(
                run=run.run_id, base=run.run_id, sharing=run.config.sharing
            ),
        )
