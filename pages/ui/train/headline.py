"""The main metrics of a run, each beside that of the run it is compared with."""

import streamlit as st

from pages.ui import cache, layout, names, words
from pages.ui.charts.theme import TASKS
from pages.ui.train import charts
from recsys.config import RunConfig
from recsys.data.library import available_datasets
from recsys.evaluation.comparison import NOT_DISTINGUISHABLE, Measured, compare, measure
from recsys.evaluation.evaluate import Part
from recsys.runs.names import run_name
from recsys.runs.records import Run

PART: Part = "holdout"


def headline(run: Run, other: Run | None, *, previous: bool) -> list[layout.Metric]:
    """Return the main metrics on the holdout; the other run's are the reference.

    A task that one of the two does not learn has no reference: the difference would be chance. A
    difference counts as one if its 95 % interval says so.

    Args:
        run: the run.
        other: what it is compared with.
        previous: whether that is the run before it.
    """
    metrics = []
    for term in words.MAIN_METRICS:
        task = charts.task_of(term)
        both = other is not None and run.learns(task) and other.learns(task)
        reference = other.metrics.get(PART, {}).get(term) if other and both else None
        value = run.metrics.get(PART, {}).get(term)
        certain = bool(other and reference is not None and is_certain(run, other, term))
        name = "vs. previous" if previous else "vs. compared run"
        metrics.append(layout.Metric(term, value, reference, name, certain))
    return metrics


def is_certain(run: Run, other: Run, metric: str) -> bool:
    """Return whether two runs differ in a metric, as Compare decides it.

    They count as equal if that cannot be measured here, e.g. because the data have changed.
    """
    for one in (run, other):
        known = one.config.data in available_datasets()
        if not known or cache.dataset(one.config.data).fingerprint != one.fingerprint:
            return False
    own, reference = _measured(run), _measured(other)
    if metric not in own.seeds or metric not in reference.seeds:
        return False
    return compare(own, reference, metric).verdict != NOT_DISTINGUISHABLE


def _measured(run: Run) -> Measured:
    return _measured_of(run.run_id, str(cache.store().folder), _run=run)


@st.cache_resource(max_entries=200, show_spinner="Comparing user by user …")
def _measured_of(run_id: str, folder: str, _run: Run) -> Measured:
    return measure([cache.user_metrics(_run, PART)])


def explained(run: Run, other: Run | None, *, previous: bool) -> str:
    """Say what the metrics are measured on, what the differences are to, what was not trained."""
    text = "Measured on the holdout: ratings that no model was trained on."
    if other is not None and any(run.learns(task) and other.learns(task) for task in TASKS):
        kind = "the previous run, " if previous else ""
        text += (
            f" Differences are to {kind}{names.as_typed(run_name(other))}; ≈ is not "
            "distinguishable."
        )
    for task in TASKS:
        if not run.learns(task):
            text += f" The {task} task was not trained: its metrics are due to chance."
    return text


def details(config: RunConfig) -> str:
    """Say when a difference counts, and why the curves may differ, for a tooltip."""
    text = (
        "A difference counts if its 95 % interval (paired bootstrap over users) excludes 0, as on "
        "Compare."
    )
    if config.validation > 0:
        text += (
            " The curves below are measured on validation. There, only movies of the train part "
            "are excluded as seen, so retrieval metrics can differ."
        )
    return text
