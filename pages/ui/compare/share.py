"""Share: take the selected runs away as a file, a report or Python code, and bring runs in."""

import streamlit as st

from pages.ui import cache, layout, state
from pages.ui.compare.rows import Entry
from pages.ui.names import as_typed
from recsys.data.library import available_datasets
from recsys.errors import DuetError
from recsys.export.html_report import run_report
from recsys.export.python_code import python_code
from recsys.line import KNOTS
from recsys.runs.bundle import MAX_RUNS, import_bundle, pack_bundle
from recsys.runs.records import Run


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
    first = f"**{as_typed(chosen[0].label)}**"
    of = f"The report is of {first}. These lines train it again:" if several else ""
    st.caption(of or "These lines train the run again:")
    st.code(python_code(runs[0]), language="python")


def report(run: Run) -> str:
    """Return the report of a run as HTML; of one of all ratios, at equal weights.

    Raises:
        DuetError: its data are not there or have changed.
    """
    middle = KNOTS["middle"]
    model = cache.scorer_at(run.run_id, middle)
    data, split = cache.dataset(run.dataset), cache.split(run.config)
    if data.fingerprint != run.fingerprint:
        raise DuetError(f"run {run.run_id} was trained on other data than today's {run.dataset}")
    return run_report(run, model, data, split, middle if run.config.all_ratios else None)


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
