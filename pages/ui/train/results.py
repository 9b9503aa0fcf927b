"""One training on the page, running or stored: its progress, its curves, its results."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import cache, lab, layout, live, names, state, words
from pages.ui.charts.theme import TASKS
from pages.ui.panels import Panel, draw_panels
from pages.ui.train import charts, why
from pages.ui.view import active_jobs, is_active, previous_run
from recsys.config import RunConfig
from recsys.jobs.board import Job
from recsys.runs.records import EpochRecord, Run

Baselines = Mapping[str, Mapping[str, Mapping[str, float]]]
# The curves, left to right and top to bottom: retrieval stands on the left, rating on the right.
CURVES = ("retrieval_loss", "rating_loss", "top_k_accuracy@100", "rmse", "recall@20", "ndcg@20")
ALT = {
    "retrieval_loss": "Line chart: retrieval loss per epoch on train and validation; 1 is trivial",
    "rating_loss": "Line chart: rating loss per epoch on train and validation; 1 is trivial",
    "top_k_accuracy@100": "Line chart: top-100 accuracy per epoch and the popularity baseline",
    "rmse": "Line chart: RMSE in stars per epoch and the bias baseline",
    "recall@20": "Line chart: recall at 20 per epoch and the popularity baseline",
    "ndcg@20": "Line chart: NDCG at 20 per epoch and the popularity baseline",
}


def show_job(job: Job) -> None:
    """Draw a job under way: progress, Stop, the queue behind it, and its curves so far."""
    st.session_state[state.TRAIN_SHOWN] = len(job.records)
    live.periodic(_progress)(job.run_id)
    live.on_demand(_live_curves, state.TRAIN_CURVES)(job.run_id)


def _progress(run_id: str) -> None:
    """Draw how far a job is. Its curves are drawn again after a new epoch, the page at the end."""
    job = lab.jobs().job(run_id)
    if job is None or not is_active(job):
        st.rerun()
    name, button = st.columns([4, 1], vertical_alignment="center")
    name.subheader(names.config_name(job.config), anchor=False)
    button.button(
        "Stop",
        key=state.TRAIN_STOP,
        icon=":material/stop:",
        width="stretch",
        disabled=job.stopping,
        on_click=lab.jobs().stop,
        args=(job.run_id,),
        help="Ends the training. The model so far is kept as a stopped run.",
    )
    queue = lab.jobs()
    worker = names.worker_words(queue.worker(), queue.problem)
    st.progress(names.progress(job), text=f"{names.job_words(job).capitalize()} · {worker}")
    _queue(job)
    live.refresh(state.TRAIN_CURVES, st.session_state[state.TRAIN_SHOWN], len(job.records))


def _live_curves(run_id: str) -> None:
    """Draw the curves of a job so far."""
    job = lab.jobs().job(run_id)
    if job is None:  # the progress view is about to run the page again
        return
    st.session_state[state.TRAIN_SHOWN] = len(job.records)
    with layout.errors():
        curves(job.config, job.records, cache.baseline_metrics(job.config))


def _queue(shown: Job) -> None:
    """List the other jobs that run or wait, each with its place in the queue."""
    others = [job for job in active_jobs(lab.jobs()) if job.run_id != shown.run_id]
    with st.container(horizontal=True):
        for job in others[: layout.MOST_JOBS]:
            st.page_link(
                "pages/1_Train.py",
                label=f"{names.config_name(job.config)}: {names.job_words(job)}",
                icon=":material/hourglass_empty:",
                query_params=state.link_params(run=job.run_id),
            )
    if len(others) > layout.MOST_JOBS:
        st.caption(f"and {len(others) - layout.MOST_JOBS} more in the queue")


def show_run(run: Run, runs: Sequence[Run]) -> None:
    """Draw a stored run: main metrics beside those of the run before, links, curves."""
    st.subheader(names.as_typed(names.run_name(run)), anchor=False)
    data = names.as_typed(words.dataset_label(run.dataset))
    st.caption(
        f"{data} · {len(run.history)} of {run.config.epochs} epochs · "
        f"{run.seconds['total']:.0f} s · {names.when(run.created)} · run {run.run_id}",
        help=words.explain("run"),
    )
    previous = previous_run(run, runs)
    layout.metric_row(headline(run, runs))
    st.caption(_measured_on(run.config) + _differences_to(run, runs))
    _ways_on(run, previous)
    curves(run.config, run.history, run.baselines)


def headline(run: Run, runs: Sequence[Run]) -> list[layout.Metric]:
    """Return the headline metrics on the holdout, each with that of the run before as reference.

    A task that the run does not learn has no reference: the difference would be chance.
    """
    holdout = run.metrics.get("holdout", {})
    metrics = []
    for term in words.MAIN_METRICS:
        previous = previous_run(run, runs, charts.task_of(term))
        before = previous.metrics.get("holdout", {}).get(term) if previous else None
        metrics.append(layout.Metric(term, holdout.get(term), before, "vs. previous"))
    return metrics


def _differences_to(run: Run, runs: Sequence[Run]) -> str:
    """Name the runs that the headline metrics are compared with; "" if there are none."""
    known = {task: previous_run(run, runs, task) for task in TASKS}
    found = {task: names.as_typed(names.run_name(other)) for task, other in known.items() if other}
    if not found:
        return ""
    if len(set(found.values())) == 1:
        return f" Differences are to the previous run, {next(iter(found.values()))}."
    parts = " and ".join(f"{name} ({task})" for task, name in found.items())
    return f" Differences are to the previous runs that trained the task: {parts}."


def _measured_on(config: RunConfig) -> str:
    """Say what the headline metrics are measured on, and why the curves may differ."""
    text = "Measured on the holdout: ratings that no model was trained on."
    if config.validation > 0:
        text += (
            " The curves below are measured on validation. There, only movies of the train part "
            "are excluded as seen, so retrieval metrics can differ."
        )
    for task in TASKS:
        if not config.learns(task):
            text += f" The {task} task was not trained: its metrics are due to chance."
    return text


def _ways_on(run: Run, previous: Run | None) -> None:
    """Link to what can be done with the run on other pages."""
    compared = ",".join(other.run_id for other in (run, previous) if other)
    with st.container(horizontal=True, gap="medium"):
        st.page_link(
            "pages/4_Recommend.py",
            label="Recommendations",
            icon=":material/movie:",
            query_params=state.link_params(run=run.run_id),
        )
        st.page_link(
            "pages/3_Compare.py",
            label="Compare with the previous run" if previous else "Compare",
            icon=":material/compare_arrows:",
            query_params=state.link_params(run=run.run_id, runs=compared),
        )
        st.page_link(
            "pages/2_Trade-off.py",
            label="Sweep these settings",
            icon=":material/balance:",
            query_params=state.link_params(
                run=run.run_id, base=run.run_id, sharing=run.config.sharing
            ),
        )


def shown_curves(config: RunConfig) -> tuple[str, ...]:
    """Return the curves of a run: of the tasks it learns; metrics only with a validation part."""

    def has(term: str) -> bool:
        if term.endswith("_loss"):
            return config.learns(term.removesuffix("_loss"))
        return config.validation > 0 and config.learns(charts.task_of(term))

    return tuple(term for term in CURVES if has(term))


def curves(config: RunConfig, history: Sequence[EpochRecord], baselines: Baselines) -> None:
    """Draw losses, validation metrics, and how the tasks share the training."""
    for task in TASKS:
        if not getattr(config, f"{task}_weight"):
            st.caption(f"The {task} weight is 0: the {task} task is not trained and has no curves.")
    if not config.validation:
        st.caption("There is no validation part: metrics are measured at the end of the run.")
    draw_panels("train", [curve(term, config, history, baselines) for term in shown_curves(config)])
    if config.retrieval_weight and config.rating_weight:
        why.show(config, history)


def curve(
    term: str, config: RunConfig, history: Sequence[EpochRecord], baselines: Baselines
) -> Panel:
    """Return the panel of a loss or of a validation metric."""
    if term.endswith("_loss"):
        task = term.removesuffix("_loss")
        rows = charts.loss_rows(history, task)
        return Panel(term, rows, charts.loss_chart, (task, config.epochs), ALT[term])
    reference = {name: metrics.get("validation", {}) for name, metrics in baselines.items()}
    return Panel(
        term,
        charts.metric_rows(history, term),
        charts.metric_chart,
        (term, charts.baseline_rows(reference, term), config.epochs),
        ALT[term],
        note=" on validation",
        more=f" {words.explain('validation')}",
    )
