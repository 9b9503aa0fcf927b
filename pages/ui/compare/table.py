"""The table of all runs on the Compare page, where runs are selected."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui import state, url_inputs, words
from pages.ui.compare import rows as compare_rows
from pages.ui.compare.filter import write_filter
from pages.ui.compare.selection import NONE, Comparison
from pages.ui.names import label_testbeds
from pages.ui.tables import direction, mark_best, name_width
from recsys.config import RunConfig

DOT = "⬤"
TABLE_ROWS = 12  # rows shown before the table scrolls
ROW, HEAD = 35, 38  # pixels
PARTS = {"holdout": "Holdout", "validation": "Validation"}


def choose_testbed(view: Comparison) -> str:
    """Draw the choice of data and split, and of the part; return the part."""
    labels = label_testbeds(view.testbeds)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(view.testbeds) > 1:
            st.selectbox(
                "Data and split",
                view.testbeds,
                index=view.testbeds.index(view.testbed),
                format_func=lambda one: labels[one],
                help="Only runs measured on the same ratings can be compared; the lab has runs "
                f"on {len(view.testbeds)} different ones.",
                key=state.COMPARE_TESTBED,
                on_change=_switch_testbed,
                width=460,
            )
        else:
            st.markdown(f":material/database: {labels[view.testbed]}", width="content")
        parts = compare_rows.parts(view.entries) or ["holdout"]
        part: str = url_inputs.choice(
            state.PART,
            parts,
            parts[0],
            lambda **options: st.segmented_control(
                "Metrics on",
                format_func=PARTS.__getitem__,
                required=True,
                help=" ".join(words.explain(part) for part in parts),
                label_visibility="visible" if len(view.testbeds) > 1 else "collapsed",
                **options,
            ),
        )
    return part


def _switch_testbed() -> None:
    state.select(state.TESTBED, st.session_state[state.COMPARE_TESTBED].key)
    for name in (state.RUNS, state.PIN, state.WHERE):
        state.select(name, None)


def choose_filter(view: Comparison) -> None:
    """Draw the choice of values that runs are filtered by, and say what it hides."""
    if not view.options:
        return
    n = len(view.chosen_values)
    with st.container(horizontal=True, vertical_alignment="center"):
        title = "Filter" if not n else f"Filter: {n} {'setting' if n == 1 else 'settings'}"
        with st.popover(title, icon=":material/filter_alt:", width="content"):
            st.caption(
                "Only settings in which runs differ. Without a choice, all values are shown."
            )
            for name, values in view.options.items():
                key = state.filter_field(name)
                st.session_state[key] = list(view.chosen_values.get(name, []))
                st.multiselect(
                    words.field_label(name),
                    values,
                    key=key,
                    help=RunConfig.model_fields[name].description,
                    placeholder="all",
                    on_change=_filter,
                    args=(list(view.options),),
                )
        if n:
            told = "; ".join(
                f"{words.field_label(name)} {' or '.join(values)}"
                for name, values in view.chosen_values.items()
            )
            count = f"{view.filtered} {'run is' if view.filtered == 1 else 'runs are'} hidden"
            st.caption(f"{told}: {count}.")
            st.button(
                "Show all",
                key=state.COMPARE_CLEAR_FILTER,
                type="tertiary",
                on_click=state.select,
                args=(state.WHERE, None),
            )


def _filter(names: list[str]) -> None:
    chosen = {name: st.session_state[state.filter_field(name)] for name in names}
    state.select(state.WHERE, write_filter(chosen))


def runs_table(view: Comparison, part: str, colours: Mapping[str, str]) -> None:
    """Draw all runs and baselines of the setting; ticking rows selects them.

    Args:
        view: What is shown.
        part: `holdout` or `validation`.
        colours: Of what is compared, by id.
    """
    rows = compare_rows.table_rows(view.entries, part)
    dots = [colours.get(entry.entry_id) for entry in view.entries]
    rows.insert(0, "dot", [DOT if dot else "" for dot in dots])
    styled = rows.style.apply(
        lambda _: [f"color: {dot}" if dot else "" for dot in dots], subset=["dot"]
    )
    styled = styled.apply(mark_best, subset=list(words.HEADLINE_METRICS))
    ids = [entry.entry_id for entry in view.entries]
    st.session_state[state.COMPARE_ORDER] = ids
    st.session_state[state.COMPARE_HIDDEN] = view.hidden
    _show_selection([ids.index(one) for one in view.selected])
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
    rows = compare_rows.table_rows(compare_rows.baseline_entries(metrics), "holdout")
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
    chosen = [ids[row] for row in sorted(rows)] + st.session_state[state.COMPARE_HIDDEN]
    state.select(state.RUNS, ",".join(chosen) or NONE)


def _table_columns(part: str, width: int) -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "dot": text("", width=30, help="The run's colour in the charts."),
        "name": text("Run", help=words.explain("run"), width=width),
        "weights": text("Weights", help="Retrieval weight : rating weight."),
        "architecture": text(
            "Architecture", help=RunConfig.model_fields["architecture"].description
        ),
        "status": text(
            "Status", help="A stopped run keeps what it had learnt until then.", width=125
        ),
        "created": st.column_config.DatetimeColumn(
            "When", format="distance", help="End of the run."
        ),
        "seconds": number("Time (s)", help=words.explain("seconds"), format="%.1f"),
    }
    for name in words.HEADLINE_METRICS:
        columns[name] = number(
            direction(name), help=f"{words.explain(name)} On the {part}.", format="%.3f"
        )
    return columns
