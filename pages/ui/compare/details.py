"""What differs among the selected runs on the Compare page, and their best epochs."""

import streamlit as st

from pages.ui import state, words
from pages.ui.compare import epochs as compare_epochs
from pages.ui.compare import rows as compare_rows
from pages.ui.compare.selection import Comparison
from pages.ui.tables import direction, name_width
from recsys.config import RunConfig


def differences_panel(view: Comparison) -> None:
    """Draw the config fields that differ among the selected runs."""
    runs = [entry for entry in view.compared() if entry.run]
    st.subheader("Settings" if len(runs) == 1 else "What differs", anchor=False)
    if not runs:
        st.caption("Select a run to see its settings.")
        return
    if len(runs) == 1 and runs[0].run:
        st.caption("Of the selected run. Select another to see only what differs.")
        st.dataframe(
            compare_rows.config_rows(runs[0].run),
            hide_index=True,
            column_config={name: name.capitalize() for name in ("field", "value", "meaning")},
            alt="Settings of the run",
        )
        return
    table = compare_rows.config_differences(runs)
    if table.empty:
        st.caption("The selected runs have the same settings.")
        return
    fields = list(table)
    if len(fields) > 1:
        chosen = st.pills(
            "Settings shown",
            fields,
            selection_mode="multi",
            format_func=words.field_label,
            key=state.COMPARE_FIELDS,
            persist_state="session",
            help="None chosen: all that differ.",
        )
        fields = [name for name in fields if name in chosen] or fields
    about = {name: item.description for name, item in RunConfig.model_fields.items()}
    st.dataframe(
        table[fields],
        column_config={
            "_index": st.column_config.TextColumn("Run", width=name_width(table.index)),
            **{
                name: st.column_config.TextColumn(words.field_label(name), help=about[name])
                for name in fields
            },
        },
        alt="The settings that differ among the selected runs",
    )
    same = len(RunConfig.model_fields) - table.shape[1]
    st.caption(f"The other {same} settings are the same. The filter above the runs uses these too.")


def epochs_panel(view: Comparison) -> None:
    """Draw the best epoch of each run against its last, on validation."""
    rows = compare_epochs.epoch_rows(view.compared(), words.HEADLINE_METRICS)
    if rows.empty:
        return
    st.subheader("Best epoch and last", anchor=False)
    table = compare_epochs.epoch_table(rows)
    st.dataframe(
        table,
        column_config={
            "_index": st.column_config.TextColumn("Run", width=name_width(table.index)),
            **{
                name: st.column_config.TextColumn(direction(name), help=words.explain(name))
                for name in table
            },
        },
        placeholder=words.NOTHING,
        alt="The best epoch and the last of each run, on validation",
    )
    st.caption(
        "On validation, after every epoch: the best figure with its epoch, and the last. A run "
        "keeps what it had learnt after its last epoch; where the best lies much earlier, fewer "
        "epochs would do. The rings in the curves mark the best."
    )
