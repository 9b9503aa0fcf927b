"""What one can do with the selected runs: rename, delete, download, see their recommendations."""

import streamlit as st

from pages.ui import cache, layout, state
from pages.ui.compare_rows import Entry, csv_table
from pages.ui.compare_view import Comparison
from recsys.runs import RunNotFoundError

MAX_NAME = 80  # characters, as in the store


def actions(view: Comparison) -> None:
    """Draw the buttons under the table."""
    chosen = [entry for entry in view.chosen() if entry.run]
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
            help="Delete the selected runs, after a question.",
        ):
            _delete(chosen)
        st.download_button(
            "Download CSV",
            csv_table(view.entries),
            file_name=f"duet-runs-{view.setting.key}.csv",
            mime="text/csv",
            key=state.COMPARE_DOWNLOAD,
            icon=":material/download:",
            on_click="ignore",
            help="All runs of this table with every config field and metric, and the baselines.",
        )
        if chosen:
            st.page_link(
                "pages/3_Recommend.py",
                label=f"What **{chosen[0].label}** recommends",
                icon=":material/arrow_forward:",
                query_params=state.link_params(run=chosen[0].entry_id),
            )


@st.dialog("Rename", icon=":material/edit:")
def _rename(entries: list[Entry]) -> None:
    with st.form(state.COMPARE_RENAME_FORM, border=False):
        names = {
            entry.entry_id: st.text_input(
                layout.config_name(entry.run.config) + f" · {entry.entry_id[:6]}",
                entry.run.name,
                max_chars=MAX_NAME,
                placeholder="a name of your own; empty for none",
                key=state.rename_field(entry.entry_id),
            )
            for entry in entries
            if entry.run
        }
        saved = st.form_submit_button("Save", type="primary")
    if saved:
        with layout.errors():
            for run_id, name in names.items():
                cache.store().rename(run_id, name)
        st.rerun()


@st.dialog("Delete for good?", icon=":material/delete:")
def _delete(entries: list[Entry]) -> None:
    st.markdown("\n".join(f"- **{entry.label}** `{entry.entry_id}`" for entry in entries))
    st.caption(
        "What they learnt and their curves are lost. Training the same again brings it back."
    )
    with st.container(horizontal=True):
        confirmed = st.button(
            f"Delete {len(entries)} run{'s' if len(entries) > 1 else ''}",
            type="primary",
            key=state.COMPARE_DELETE_CONFIRM,
        )
        if st.button("Keep", key=state.COMPARE_DELETE_KEEP):
            st.rerun()
    if confirmed:
        with layout.errors():
            for entry in entries:
                _delete_one(entry.entry_id)
        state.select(state.RUNS, None)
        st.rerun()


def _delete_one(run_id: str) -> None:
    try:
        cache.store().delete(run_id)
    except RunNotFoundError:
        pass  # somebody else was faster
    if state.selected(state.RUN) == run_id:
        state.select(state.RUN, None)
