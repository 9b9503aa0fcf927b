"""Buttons for the selected runs: rename, delete, download, share, import, see their lists."""

import contextlib

import streamlit as st

from pages.ui import cache, layout, state
from pages.ui.compare import share
from pages.ui.compare.rows import Entry, csv_table
from pages.ui.compare.selection import Selection
from pages.ui.names import as_typed
from recsys.counted import counted
from recsys.runs.files import RunNotFoundError
from recsys.runs.names import config_name

MAX_NAME = 80  # characters, as in the store


def actions(selection: Selection) -> None:
    """Draw the buttons under the table."""
    chosen = [entry for entry in selection.chosen() if entry.run]
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Rename",
            key=state.COMPARE_RENAME,
            icon=":material/edit:",
            disabled=not chosen,
            help="Give the selected runs names of your own.",
        ):
            _rename(chosen)
        if st.button(
            "Delete",
            key=state.COMPARE_DELETE,
            icon=":material/delete:",
            disabled=not chosen,
            help="Delete the selected runs. You are asked to confirm.",
        ):
            _delete(chosen)
        st.download_button(
            "Download CSV",
            lambda: csv_table(selection.entries),
            file_name=f"duet-runs-{selection.testbed.key}.csv",
            mime="text/csv",
            key=state.COMPARE_DOWNLOAD,
            icon=":material/download:",
            on_click="ignore",
            help="All runs and baselines of this table, with every setting and metric.",
        )
        share.share(chosen)
        share.bring()
        if chosen:
            st.page_link(
                "pages/4_Recommend.py",
                label=f"Recommendations of **{as_typed(chosen[0].label)}**",
                icon=":material/arrow_forward:",
                query_params=state.link_params(run=chosen[0].entry_id),
            )


@st.dialog("Rename", icon=":material/edit:")
def _rename(entries: list[Entry]) -> None:
    # The runs that this dialog shows, whatever is selected by the time it is saved.
    ids = [entry.entry_id for entry in entries]
    with st.form(state.COMPARE_RENAME_FORM, border=False):
        for entry in entries:
            if entry.run:
                st.text_input(
                    as_typed(f"{config_name(entry.run.config)} · {entry.entry_id[:6]}"),
                    entry.run.name,
                    max_chars=MAX_NAME,
                    placeholder="a name of your own (optional)",
                    key=state.rename_field(entry.entry_id),
                )
        if st.form_submit_button("Save", type="primary", on_click=_rename_now, args=(ids,)):
            st.rerun()


def _rename_now(ids: list[str]) -> None:
    with layout.callback_errors():
        for id_ in ids:
            cache.store().rename(id_, st.session_state[state.rename_field(id_)])


@st.dialog("Delete for good?", icon=":material/delete:")
def _delete(entries: list[Entry]) -> None:
    st.markdown(
        "\n".join(
            f"- **{as_typed(entry.label)}** · {as_typed(entry.entry_id)}" for entry in entries
        )
    )
    st.caption("The curves and the trained models are deleted. To get them back, train again.")
    with st.container(horizontal=True):
        deleted = st.button(
            f"Delete {counted(len(entries), 'run')}",
            type="primary",
            key=state.COMPARE_DELETE_CONFIRM,
            on_click=_delete_now,
            # The runs that this dialog names, whatever is selected by the time it is confirmed.
            args=([entry.entry_id for entry in entries],),
        )
        kept = st.button("Keep", key=state.COMPARE_DELETE_KEEP)
    if deleted or kept:
        st.rerun()


def _delete_now(ids: list[str]) -> None:
    with layout.callback_errors():
        for id_ in ids:
            with contextlib.suppress(RunNotFoundError):  # somebody else was faster
                cache.store().delete(id_)
            if state.selected(state.RUN) == id_:
                state.select(state.RUN, None)
    state.select(state.RUNS, None)
