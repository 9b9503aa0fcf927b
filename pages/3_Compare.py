"""Compare: runs side by side."""

import streamlit as st

from pages.ui import cache, layout, state
from pages.ui.compare import actions, charts_panel, details, metrics_panel, share, table
from pages.ui.compare.charts.curves import unit_colours
from pages.ui.compare.choices import read_choices
from pages.ui.compare.measures import Measures
from pages.ui.compare.selection import Selection, make_selection
from pages.ui.compare.units import make_units, unit_of
from pages.ui.names import as_typed
from recsys.home import runs_folder
from recsys.runs.names import run_name

layout.header(
    "Compare",
    "Select runs in the table; everything below shows the selected runs. The selection is part of "
    "the URL, so you can share it as a link.",
)


def draw_damaged(damaged: list[tuple[str, str]]) -> None:
    """Name the runs that were set aside."""
    reasons = [reason if name in reason else f"{name}: {reason}" for name, reason in damaged]
    if reasons:
        st.warning(
            f"Damaged runs, not shown: {'; '.join(map(as_typed, reasons))}.",
            icon=":material/healing:",
        )


def draw_notes(selection: Selection, pin: str | None) -> None:
    """Say which ids in the link cannot be shown."""
    if selection.unknown:
        names = ", ".join(f"**{as_typed(name)}**" for name in selection.unknown)
        st.warning(
            f"Not found in the run store (deleted, or from another lab): {names}",
            icon=":material/link_off:",
        )
    if selection.elsewhere:
        names = ", ".join(f"**{as_typed(run_name(run))}**" for run in selection.elsewhere)
        st.warning(
            f"Not shown, because they were measured on other data or another split: {names}. "
            "Choose that data and split above the table to see them.",
            icon=":material/difference:",
        )
    if pin and selection.pinned is None:
        st.warning(
            f"The pinned run **{as_typed(pin)}** was not found, or was measured on other data or "
            "another split. Pin another run below the table.",
            icon=":material/keep_off:",
        )


def asked_runs() -> str | None:
    """Return the ids in the URL; None if they are only the default selection, or none."""
    asked = state.selected(state.RUNS)
    # The default selection follows the newest runs, also those that end while the page is open.
    return None if asked == st.session_state.get(state.COMPARE_DEFAULT) else asked


def read_selection(pin: str | None) -> Selection:
    """Return the selection that the URL asks for, and write it back to the URL."""
    asked = asked_runs()
    where = state.selected(state.WHERE)
    selection = make_selection(runs, asked, state.selected(state.TESTBED), pin=pin, where=where)
    if asked is None:
        st.session_state[state.COMPARE_DEFAULT] = selection.ids
    state.select(state.RUNS, selection.ids)
    several = len(selection.testbeds) > 1
    state.select(state.TESTBED, selection.testbed.key if several else None)
    return selection


with layout.errors():
    runs = cache.runs()
    draw_damaged(cache.store().damaged())
    if not runs:
        layout.no_run_yet("When the first training ends, its run stands here beside the baselines.")
        share.bring()
        config = cache.default_config(state.app_data())
        table.baselines_table(cache.baseline_metrics(config))
        st.stop()
    pin = state.selected(state.PIN)
    selection = read_selection(pin)
    choices = read_choices(selection)
    draw_notes(selection, pin)
    measures = Measures(str(runs_folder()), selection.testbed, choices.part)
    measured_on = measures.basis(counts=choices.counts)
    table.testbed_input(selection, measured_on)
    table.filter_input(selection)
    units = make_units(selection.compared(), grouped=choices.grouped)
    colours = unit_colours(selection.entries, units)
    dots = {entry.entry_id: colours[unit.label] for unit in units for entry in unit.members}
    table.runs_table(selection, choices.part, dots)
    actions.actions(selection)
    if not units:
        st.info("No run is selected. Tick runs in the table to compare them.")
        st.stop()
    units = measures.completed_units(units)
    pinned = unit_of(units, selection.pinned.entry_id) if selection.pinned else None
    metrics_panel.metrics_panel(selection, choices, measures, measured_on, units, pinned)
    charts_panel.charts_panel(selection, choices, measures, units, pinned, colours)
    details.details_panel(selection)
