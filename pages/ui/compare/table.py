"""The table in which runs are selected, and the inputs above it: testbed, part and filter."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import state, words
from pages.ui.compare.choices import part_input, select
from pages.ui.compare.rows import baseline_entries, table_rows
from pages.ui.compare.selection import Selection, write_filter
from pages.ui.names import as_typed, label_testbeds, setting_text
from pages.ui.tables import direction, mark_best, name_width
from recsys.config import RunConfig
from recsys.counted import counted

DOT = "⬤"
TABLE_ROWS = 12  # rows shown before the table scrolls
UNTRAINED = f"{words.NOTHING}: that task was not trained, so its figures would be chance."
ROW, HEAD = 35, 38  # pixels


def testbed_input(selection: Selection, measured_on: str) -> None:
    """Draw the choice of the testbed and of the part, and say what the figures are measured on."""
    labels = label_testbeds(selection.testbeds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(selection.testbeds) > 1:
            st.selectbox(
                "Data and split",
                selection.testbeds,
                index=selection.testbeds.index(selection.testbed),
                format_func=labels.__getitem__,
                help="Only runs measured on the same ratings can be compared. The lab has runs "
                f"on {len(selection.testbeds)} combinations of data and split.",
                key=state.COMPARE_TESTBED,
                on_change=_switch_testbed,
                width=460,
            )
        else:
            label = as_typed(labels[selection.testbed])
            st.markdown(f":material/database: {label}", width="content")
        part_input(selection)
        st.caption(f"On {measured_on}", width="content")


def _switch_testbed() -> None:
    state.select(state.TESTBED, st.session_state[state.COMPARE_TESTBED].key)
    for name in (state.RUNS, state.PIN, state.WHERE):
        state.select(name, None)


def filter_input(selection: Selection) -> None:
    """Draw the filter, and say what it hides."""
    if not selection.options:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        n = len(selection.chosen_values)
        title = "Filter" if not n else f"Filter: {counted(n, 'setting')}"
        with st.popover(title, icon=":material/filter_alt:", width="content"):
            st.caption("The settings in which runs differ. Choose nothing to show all values.")
            for field, values in selection.options.items():
                key = state.filter_field(field)
                st.session_state[key] = list(selection.chosen_values.get(field, []))
                st.multiselect(
                    words.field_label(field),
                    values,
                    key=key,
                    format_func=partial(_value, field),
                    help=RunConfig.model_fields[field].description,
                    placeholder="all",
                    on_change=_filter,
                )
        if n:
            _filter_note(selection)


def _filter_note(selection: Selection) -> None:
    """Say which values are shown and how many runs are hidden; offer to show all."""
    values = "; ".join(
        f"{words.field_label(field)} {' or '.join(as_typed(_value(field, one)) for one in chosen)}"
        for field, chosen in selection.chosen_values.items()
    )
    count = f"{counted(selection.filtered, 'run is', 'runs are')} hidden"
    st.caption(f"{values}: {count}.")
    st.button(
        "Show all",
        key=state.COMPARE_CLEAR_FILTER,
        type="tertiary",
        on_click=state.select,
        args=(state.WHERE, None),
    )


def _value(field: str, text: str) -> str:
    """Return the value of a filter as the page shows it."""
    return setting_text(field, {"True": True, "False": False}.get(text, text))


def _filter() -> None:
    # Every field whose input is drawn at the click, not those of an earlier drawing.
    keys = {field: state.filter_field(field) for field in RunConfig.model_fields}
    chosen = {
        field: st.session_state[key] for field, key in keys.items() if key in st.session_state
    }
    state.select(state.WHERE, write_filter(chosen))


def runs_table(selection: Selection, part: str, colours: Mapping[str, str]) -> None:
    """Draw all runs and baselines of the testbed; ticking rows selects them.

    Args:
        selection: What is shown.
        part: `holdout` or `validation`.
        colours: The colour of each compared entry, by id.
    """
    rows = table_rows(selection.entries, part)
    dots = [colours.get(entry.entry_id) for entry in selection.entries]
    rows.insert(0, "dot", [DOT if dot else "" for dot in dots])
    styled = rows.style.apply(
        lambda _: [f"color: {dot}" if dot else "" for dot in dots], subset=["dot"]
    )
    styled = styled.apply(mark_best, subset=list(words.HEADLINE_METRICS))
    ids = [entry.entry_id for entry in selection.entries]
    st.session_state[state.COMPARE_ORDER] = ids
    st.session_state[state.COMPARE_HIDDEN] = selection.hidden
    _show_selection([ids.index(one) for one in selection.selected])
    st.dataframe(
        styled,
        hide_index=True,
        column_config=_table_columns(part, name_width(rows["name"])),
        height="content" if len(rows) <= TABLE_ROWS else HEAD + ROW * TABLE_ROWS,
        key=state.COMPARE_TABLE,
        on_select=_select_rows,
        selection_mode="multi-row",
        placeholder=words.NOTHING,
        alt="Runs and baselines with their settings and metrics",
    )


def baselines_table(metrics: dict[str, dict[str, dict[str, float]]]) -> None:
    """Draw the baselines alone (`{baseline: {part: metrics}}`), before there is any run."""
    rows = table_rows(baseline_entries(metrics), "holdout")
    st.dataframe(
        rows,
        hide_index=True,
        column_order=["name", *words.HEADLINE_METRICS],
        column_config=_table_columns("holdout", name_width(rows["name"])),
        placeholder=words.NOTHING,
        alt="Baselines with their metrics",
    )


def _show_selection(positions: list[int]) -> None:
    # The URL decides: positions shift when a run arrives or goes, ids do not.
    now = st.session_state.get(state.COMPARE_TABLE)
    if now is None or sorted(now["selection"]["rows"]) != sorted(positions):
        st.session_state[state.COMPARE_TABLE] = {
            "selection": {"rows": positions, "columns": [], "cells": []}
        }


def _select_rows() -> None:
    ids = st.session_state[state.COMPARE_ORDER]
    rows = st.session_state[state.COMPARE_TABLE]["selection"]["rows"]
    select([ids[row] for row in sorted(rows)] + st.session_state[state.COMPARE_HIDDEN])


def _table_columns(part: str, width: int) -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "dot": text("", width=30, help="The run's colour in the charts."),
        "name": text("Run", help=words.explain("run"), width=width),
        "weights": text(
            "Weights",
            help="Retrieval weight : rating weight. The figures of all ratios are those at 1 : 1.",
        ),
        "architecture": text(
            "Architecture", help=RunConfig.model_fields["architecture"].description
        ),
        "status": text(
            "Status", help="A stopped run keeps what it had learnt when it was stopped.", width=125
        ),
        "created": st.column_config.DatetimeColumn(
            "When", format="distance", help="When the run ended."
        ),
        "seconds": number("Time (s)", help=words.explain("seconds"), format="%.1f"),
    }
    for name in words.HEADLINE_METRICS:
        columns[name] = number(
            direction(name), help=f"{words.explain(name)} On the {part}. {UNTRAINED}", format="%.3f"
        )
    return columns
