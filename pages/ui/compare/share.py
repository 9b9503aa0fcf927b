"""Share: take the selected runs away as a file, a report or Python code, and bring runs in."""

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import cache, lab, layout, state
from pages.ui.compare.rows import Entry
from pages.ui.names import as_typed
from recsys.data.library import available_datasets
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.export.html_report import run_report
from recsys.export.python_code import python_code
from recsys.export.recommendations import write_recommendations
from recsys.line import KNOTS
from recsys.runs.bundle import MAX_RUNS, import_bundle, pack_bundle
from recsys.runs.records import Run
from recsys.scorer import TwoTowerScorer

TOP = 20  # movies per user in the downloads
LISTS = {  # ending of the file: its name and type
    ".parquet": ("Parquet", "application/vnd.apache.parquet"),
    ".csv": ("CSV", "text/csv"),
}


def share(chosen: list[Entry]) -> None:
    """Draw the button that opens the ways to share the selected runs."""
    with st.popover("Share", icon=":material/ios_share:", key=state.COMPARE_SHARE):
        _take(chosen)
        _bring()


def bring() -> None:
    """Draw the import alone, for a lab without runs."""
    with st.popover("Import runs", icon=":material/upload:", key=state.COMPARE_SHARE):
        _bring()


def _take(chosen: list[Entry]) -> None:
    runs = [entry.run for entry in chosen if entry.run]
    if not runs:
        st.caption("Select a run to take it away.")
        return
    ids = [run.run_id for run in runs[:MAX_RUNS]]
    several = len(ids) > 1
    store = cache.store()
    with st.container(horizontal=True):
        st.download_button(
            f"Bundle of {len(ids)} runs" if several else "Bundle",
            lambda: pack_bundle(store, ids),
            file_name=f"duet-{len(ids)}-runs.zip" if several else f"duet-{ids[0]}.zip",
            mime="application/zip",
            key=state.COMPARE_BUNDLE,
            icon=":material/folder_zip:",
            on_click="ignore",
            help="The selected runs with their models, to import in another lab. The data set is "
            "not in it.",
        )
        st.download_button(
            "Report",
            lambda: report(runs[0]),
            file_name=f"duet-{ids[0]}.html",
            mime="text/html",
            key=state.COMPARE_REPORT,
            icon=":material/article:",
            on_click="ignore",
            disabled=runs[0].dataset not in available_datasets(),
            help="One HTML file: settings, figures with intervals, curves, example lists. It needs "
            "the data set of the run.",
        )
    _take_model(runs[0])
    first = f"**{as_typed(chosen[0].label)}**"
    of = f"All but the bundle are of {first}. These lines train it again:" if several else ""
    st.caption(of or "These lines train the run again:")
    st.code(python_code(runs[0]), language="python")


def _take_model(run: Run) -> None:
    """Draw the downloads that other programs read."""
    absent = run.dataset not in available_datasets()
    at = ", the model at equal weights" if run.config.all_ratios else ""
    with st.container(horizontal=True):
        for ending, (kind, mime) in LISTS.items():
            st.download_button(
                f"Everyone's top {TOP} ({kind})",
                partial(everyones_lists, run, ending),
                file_name=f"duet-{run.run_id}-top{TOP}{ending}",
                mime=mime,
                key=state.compare_lists(ending),
                icon=":material/table:",
                on_click="ignore",
                disabled=absent,
                help=f"What the run recommends to every user, one row a movie{at}.",
            )
        st.download_button(
            "SavedModel",
            partial(saved_model, run),
            file_name=f"duet-{run.run_id}-model.zip",
            mime="application/zip",
            key=state.COMPARE_MODEL,
            icon=":material/deployed_code:",
            on_click="ignore",
            disabled=absent,
            help=f"A TensorFlow SavedModel that recommends the top {TOP} and rates{at}. The worker "
            "makes it, in a few seconds.",
        )


def everyones_lists(run: Run, ending: str) -> bytes:
    """Return the top movies of every user as a file; of a run of all ratios, at equal weights.

    Raises:
        DuetError: the data set of the run is not there or has changed.
    """
    data, split, model = _model(run)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"lists{ending}"
        write_recommendations(file, model, run.learnt, data, split, TOP)
        return file.read_bytes()


def saved_model(run: Run) -> bytes:
    """Return a run as a zipped SavedModel; of a run of all ratios, at equal weights.

    Raises:
        DuetError: the data set of the run is not there, or the worker fails.
    """
    _, split, model = _model(run)
    content: bytes = lab.computed(
        "recsys.model.saved_model:zipped_model", model, run.learnt, split, TOP
    )
    return content


def _model(run: Run) -> tuple[Dataset, Split, TwoTowerScorer]:
    data = cache.dataset(run.dataset)
    if data.fingerprint != run.fingerprint:
        raise DuetError(f"run {run.run_id} was trained on other data than today's {run.dataset}")
    return data, cache.split(run.config), cache.scorer_at(run.run_id, KNOTS["middle"])


def report(run: Run) -> str:
    """Return the report of a run as HTML; of one of all ratios, at equal weights.

    Raises:
        DuetError: its data are not there or have changed.
    """
    data, split, model = _model(run)
    return run_report(run, model, data, split, KNOTS["middle"] if run.config.all_ratios else None)


def _bring() -> None:
    st.file_uploader(
        "Import a bundle of another lab", "zip", key=state.COMPARE_UPLOAD, on_change=_import
    )


def _import() -> None:
    file = st.session_state[state.COMPARE_UPLOAD]
    if file is None:  # it was taken out again
        return
    with layout.callback_errors():
        found = import_bundle(cache.store(), file.getvalue())
        state.select(state.RUNS, ",".join(run.run_id for run, _ in found))
        new = sum(is_new for _, is_new in found)
        there = f", {len(found) - new} already here" if new < len(found) else ""
        st.toast(f"{new} imported{there}", icon=":material/check:")
