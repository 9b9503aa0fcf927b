"""Compare: runs side by side."""

import streamlit as st

from pages.ui import (
    cache,
    layout,
    state,
    url_inputs,
)
from pages.ui.compare import actions, charts_panel, details, metrics_panel, table
from pages.ui.compare.charts import curves as charts
from pages.ui.compare.measures import Measures
from pages.ui.compare.selection import NONE, Comparison, make_comparison
from pages.ui.names import as_typed, run_name

layout.header(
    "Compare",
    "Select runs in the table; everything below shows what is selected. The address of this page "
    "holds the selection, so a link shows others the same.",
)


def draw_damaged(damaged: list[tuple[str, str]]) -> None:
    """Name the runs that were set aside."""
    reasons = [reason if name in reason else f"{name}: {reason}" for name, reason in damaged]
    if reasons:
        st.warning(f"Set aside as damaged: {'; '.join(reasons)}.", icon=":material/healing:")


def draw_notes(view: Comparison) -> None:
    """Say what the link asked for and cannot be shown here."""
    if view.unknown:
        names = ", ".join(f"`{name}`" for name in view.unknown)
        st.warning(
            f"Not in the run store (deleted, or never here): {names}", icon=":material/link_off:"
        )
    if view.elsewhere:
        names = ", ".join(f"**{as_typed(run_name(run))}**" for run in view.elsewhere)
        st.warning(
            f"Measured on other data or another split, so not comparable with these: {names}. "
            "Choose that data and split above the table to see them.",
            icon=":material/difference:",
        )
    pin = state.selected(state.PIN)
    if pin and view.pinned is None:
        st.warning(
            f"The pinned `{pin}` is not in the run store, or measured on other data or another "
            "split: pin another one below the table.",
            icon=":material/keep_off:",
        )


def asked_runs() -> str | None:
    """Return the ids in the URL; None where the default selection stands, or nothing."""
    asked = state.selected(state.RUNS)
    # Whoever has chosen nothing sees the newest runs, also those that end while the page is open.
    return None if asked == st.session_state.get(state.COMPARE_DEFAULT) else asked


with layout.errors():
    runs = cache.store().list()
    draw_damaged(cache.store().damaged())
    if not runs:
        layout.empty_state(
            "There is no run yet. As soon as the first training ends, it appears here beside the "
            "baselines.",
            "pages/1_Train.py",
            "Train a run",
        )
        config = cache.default_config(state.app_data())
        table.baselines_table(cache.baseline_metrics(config))
        st.stop()
    view = make_comparison(
        runs,
        asked_runs(),
        state.selected(state.TESTBED),
        pin=state.selected(state.PIN),
        where=state.selected(state.WHERE),
    )
    selection = ",".join([*view.selected, *view.hidden]) or NONE
    if asked_runs() is None:
        st.session_state[state.COMPARE_DEFAULT] = selection
    state.select(state.RUNS, selection)
    state.select(state.TESTBED, view.testbed.key if len(view.testbeds) > 1 else None)
    draw_notes(view)
    part = table.choose_testbed(view)
    table.choose_filter(view)
    units = view.units(grouped=url_inputs.is_on(state.GROUP, True))
    colours = charts.unit_colours(view.entries, units)
    dots = {entry.entry_id: colours[unit.label] for unit in units for entry in unit.members}
    table.runs_table(view, part, dots)
    actions.actions(view)
    if units:
        measures = Measures(view.config, view.testbed.fingerprint, part)
        units = measures.completed_units(units)
        metrics_panel.metrics_panel(view, measures, units)
        charts_panel.charts_panel(view, measures, units, colours)
        details.epochs_panel(view)
        details.differences_panel(view)
    else:
        st.info("Nothing is selected. Tick runs in the table to compare them.")
