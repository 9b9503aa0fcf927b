"""Share and Import: take runs away as a file, a report or Python code, and bring runs in."""

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import cache, lab, layout, state
from pages.ui.compare.rows import Entry
from pages.ui.names import as_typed
from recsys.counted import counted
from recsys.data.library import available_datasets
from recsys.data.splits import Split
from recsys.data.tables import TITLE, Dataset
from recsys.errors import DuetError
from recsys.export.html_report import run_report
from recsys.export.python_code import FILE, python_code
from recsys.export.recommendations import write_recommendations
from recsys.line import KNOTS
from recsys.runs.bundle import MAX_RUNS, Imported, import_bundle, pack_bundle
from recsys.runs.names import run_name
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


def bring() -> None:
    """Draw the button that opens the import of runs."""
    with st.popover("Import", icon=":material/upload:", key=state.compare_import("popover")):
        key = state.compare_import("file")
        st.file_uploader(
            "Import a bundle of another lab", "zip", key=key, on_change=_import, args=(key,)
        )
        st.caption(
            "A bundle is what *Share* gives: runs with their models. The data set is not in it; "
            "without the same one here, they have their figures and curves, but no lists."
        )


def _take(chosen: list[Entry]) -> None:
    entries = {entry.entry_id: entry for entry in chosen if entry.run}
    if not entries:
        st.caption("Select a run in the table to share it.")
        return
    ids = list(entries)
    if len(ids) > 1:
        packed = ids[:MAX_RUNS]
        _bundle(f"Bundle of {counted(len(packed), 'selected run')}", packed)
    entry = entries[_chosen_run(entries)]
    if entry.run is None:
        return
    run, label = entry.run, as_typed(entry.label)
    with st.container(horizontal=True):
        if len(ids) == 1:
            _bundle("Bundle", ids)
        st.download_button(
            "Report",
            lambda: report(run, entry.label),
            file_name=f"duet-{run.run_id}.html",
            mime="text/html",
            key=state.COMPARE_REPORT,
            icon=":material/article:",
            on_click="ignore",
            disabled=_no_data(run),
            help="One HTML file: figures with intervals, curves, example lists, settings. It needs "
            "the data set of the run.",
        )
    _take_model(run)
    st.caption(
        f"Python that trains {label} again, or reads it from the store. Save it in Duet's "
        f"folder and run it there, in Duet's environment: `python {FILE}`"
    )
    st.code(python_code(run), language="python")


def _chosen_run(entries: Mapping[str, Entry]) -> str:
    """Draw the choice of the run that is shared; of a single one, its name. Return its id."""
    first = next(iter(entries))
    if len(entries) == 1:
        st.markdown(f"**{as_typed(entries[first].label)}**")
        return first
    if st.session_state.get(state.COMPARE_SHARED) not in entries:  # it is not selected any more
        st.session_state[state.COMPARE_SHARED] = first
    chosen: str = st.selectbox(
        "Share one of them",
        list(entries),
        format_func=lambda id_: entries[id_].label,
        key=state.COMPARE_SHARED,
    )
    return chosen


def _bundle(label: str, ids: list[str]) -> None:
    several = len(ids) > 1
    store = cache.store()
    st.download_button(
        label,
        lambda: pack_bundle(store, ids),
        file_name=f"duet-{len(ids)}-runs.zip" if several else f"duet-{ids[0]}.zip",
        mime="application/zip",
        key=state.COMPARE_BUNDLE,
        icon=":material/folder_zip:",
        on_click="ignore",
        help="Runs with their models, to import in another lab. The data set is not in it.",
    )


def _take_model(run: Run) -> None:
    """Draw the downloads that other programs read."""
    absent = _no_data(run)
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
    data, split, model = _model(run)
    titles = data.movies[TITLE].to_numpy(dtype=object)
    content: bytes = lab.computed(
        "recsys.model.saved_model:zipped_model", model, run.learnt, split, titles, TOP
    )
    return content


def _model(run: Run) -> tuple[Dataset, Split, TwoTowerScorer]:
    data = cache.dataset(run.dataset)
    if data.fingerprint != run.fingerprint:
        raise DuetError(f"run {run.run_id} was trained on other data than today's {run.dataset}")
    return data, cache.split(run.config), cache.scorer_at(run.run_id, KNOTS["middle"])


def report(run: Run, name: str) -> str:
    """Return the report of a run as HTML; of one of all ratios, at equal weights.

    Args:
        run: the run.
        name: what it is called on the page.

    Raises:
        DuetError: its data are not there or have changed.
    """
    data, split, model = _model(run)
    position = KNOTS["middle"] if run.config.all_ratios else None
    return run_report(run, model, data, split, position, name)


def _no_data(run: Run) -> bool:
    return run.dataset not in available_datasets()


def _import(key: str) -> None:
    """Store the runs of a bundle and select them; a file that is none stays beside the reason."""
    file = st.session_state.get(key)
    if file is None:  # it was taken out again
        return
    with layout.callback_errors():
        found = import_bundle(cache.store(), file.getvalue())
        state.select(state.RUNS, ",".join(run.run_id for run, _ in found))
        state.select(state.WHERE, None)  # a filter would hide them
        st.session_state[state.COMPARE_IMPORTS] = st.session_state.get(state.COMPARE_IMPORTS, 0) + 1
        st.toast(_imported(found), icon=":material/check:", duration="long")


def _imported(found: list[Imported]) -> str:
    """Say which runs of a bundle are new, and where they are."""
    new = ", ".join(f"**{as_typed(run_name(run))}**" for run, is_new in found if is_new)
    known = ", ".join(f"**{as_typed(run_name(run))}**" for run, is_new in found if not is_new)
    imported = f"Imported: {new}. " if new else ""
    there = f"Already here: {known}. " if known else ""
    return f"{imported}{there}Selected in the table."
