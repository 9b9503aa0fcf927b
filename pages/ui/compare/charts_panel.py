"""The charts of the Compare page: their rows, and the chart that they are drawn in."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import layout, near, state, words
from pages.ui.basis import part_words
from pages.ui.charts.theme import Rows
from pages.ui.compare.charts import scatter
from pages.ui.compare.charts.curves import curve_rows
from pages.ui.compare.charts.panels import GROUPINGS, ChartRows, make_board
from pages.ui.compare.choices import Choices, charts_input, read_choices, select, selected_now
from pages.ui.compare.measures import Measures
from pages.ui.compare.metrics import difference_rows
from pages.ui.compare.rows import METRIC_SETS
from pages.ui.compare.selection import Selection
from pages.ui.compare.units import Unit
from pages.ui.names import as_typed

MAX_UNITS = 10  # with a colour of their own
BEYOND = "beyond accuracy"
HEIGHT = 1500  # pixels that the charts take, about


@st.fragment  # curves are chosen one after the other: the tables above need not be drawn again
def charts_panel(
    selection: Selection,
    given: Choices,
    measures: Measures,
    units: Sequence[Unit],
    pinned: Unit | None,
    colours: Mapping[str, str],
) -> None:
    """Draw the charts; a click on a point of the scatter selects or deselects a run.

    Args:
        selection: What is shown.
        given: How, when the whole page was drawn.
        measures: What can be measured.
        units: What is compared.
        pinned: What the others are compared with.
        colours: The colour of each unit, by label.
    """
    choices = read_choices(selection)
    if state.selected(state.RUNS) != selection.ids or choices.counts != given.counts:
        st.rerun()  # what stands above the charts changes too
    st.subheader("Charts", anchor=False)
    charts_input(selection)

    def draw() -> None:
        with layout.errors():
            _board(selection, choices, measures, units, pinned, colours)

    near.section(state.COMPARE_CHARTS, HEIGHT, draw)


def _board(
    selection: Selection,
    choices: Choices,
    measures: Measures,
    units: Sequence[Unit],
    pinned: Unit | None,
    colours: Mapping[str, str],
) -> None:
    shown = [unit for unit in units if unit.members[0].run][:MAX_UNITS]
    shown += [unit for unit in units if not unit.members[0].run]
    users = choices.users and measures.can_measure()
    st.caption(_notes(units, choices, pinned, users))
    rows = ChartRows(
        scatter=_scatter_rows(selection, choices.part, units, colours),
        differences=_difference_rows(choices, measures, shown, pinned),
        curves={one: curve_rows(shown, one, colours) for one in choices.curves},
        calibration=_calibration_rows(measures, shown, colours) if users else [],
        groups=_group_rows(measures, shown, pinned, colours) if users else {},
    )
    shown_colours = {unit.label: colours[unit.label] for unit in shown}
    key = _board_key(selection)
    layout.chart(
        key,
        str((rows, choices.over, shown_colours, pinned and pinned.label)),
        lambda: make_board(rows, choices.over, shown_colours, pinned is not None),
        alt_text=f"Charts of {len(shown)} runs and baselines: RMSE against top-100 accuracy, "
        "training curves, differences to the pinned run, predicted against given stars, and "
        "errors by user and movie",
        on_select=lambda: _toggle(key),
        selection_mode=scatter.PICK,
    )


def _notes(units: Sequence[Unit], choices: Choices, pinned: Unit | None, users: bool) -> str:
    sentences = [
        "Point at a run to highlight it in every chart. Click a point of the first chart to select "
        f"or deselect its run. All figures are on {part_words(choices.part)}"
        f"{', but for the curves' if choices.curves else ''}."
    ]
    if choices.curves:
        sentences.append(
            "Curves: solid is validation, dashed is train, a ring marks the best epoch. "
            "A task of weight 0 has no curve."
        )
    n = sum(1 for unit in units if unit.members[0].run)
    if n > MAX_UNITS:
        sentences.append(f"Only the first {MAX_UNITS} of the {n} selected runs are drawn.")
    if "total_loss" in choices.curves:
        sentences.append("Total losses of runs with different weights cannot be compared.")
    if users and not pinned:
        sentences.append("Pin a run to see which users and movies gain or lose against it.")
    if pinned and pinned.members[0].run:
        sentences.append(
            f"Differences are to {as_typed(pinned.label)}, with 95 % intervals. Baselines are left "
            "out: they are far away and would squeeze the other points."
        )
    return " ".join(sentences)


def _scatter_rows(
    selection: Selection, part: str, units: Sequence[Unit], colours: Mapping[str, str]
) -> Rows:
    labels = {entry.entry_id: unit.label for unit in units for entry in unit.members}
    shown = {entry.entry_id for entry in selection.entries}
    hidden = [entry for entry in selection.compared() if entry.entry_id not in shown]
    entries = [
        entry
        for entry in [*hidden, *selection.entries]
        # A stopped run can be far away from the others: it is drawn only if it is selected.
        if entry.entry_id in labels or not entry.run or entry.run.status == "finished"
    ]
    return scatter.scatter_rows(entries, part, list(labels), colours, labels)


def _difference_rows(
    choices: Choices, measures: Measures, units: Sequence[Unit], pinned: Unit | None
) -> Rows:
    if pinned is None or not measures.can_measure():
        return []
    # The table above has all metrics; the charts have room for one row of them.
    names = METRIC_SETS[BEYOND] if choices.metric_set == BEYOND else words.HEADLINE_METRICS
    near = _without_baselines(units, pinned)
    return difference_rows(near, names, measures.comparisons(near, pinned, names))


def _without_baselines(units: Sequence[Unit], pinned: Unit) -> list[Unit]:
    """Return the units without baselines, unless a baseline is pinned.

    Baselines are far away and would squeeze the other points.
    """
    return [unit for unit in units if unit.members[0].run or not pinned.members[0].run]


def _calibration_rows(
    measures: Measures, units: Sequence[Unit], colours: Mapping[str, str]
) -> Rows:
    return [
        {
            "unit": unit.label,
            "label": entry.label,
            "colour": colours[unit.label],
            **group._asdict(),
        }
        for unit in units
        if unit.is_trained_for("rmse")
        for entry in unit.members
        if measures.knows(entry)
        for group in measures.calibration(entry.entry_id)
    ]


def _group_rows(
    measures: Measures, units: Sequence[Unit], pinned: Unit | None, colours: Mapping[str, str]
) -> dict[tuple[str, str], Rows]:
    """Return, by (grouping, metric), the values or the differences to the pinned unit."""
    return {
        (grouping, metric): [
            {"unit": unit.label, "place": place, "colour": colours[unit.label], **row}
            for place, unit in enumerate(_without_baselines(units, pinned) if pinned else units)
            if measures.knows(unit.members[0])
            for row in measures.group_figures(unit, pinned, metric, grouping)
        ]
        for grouping, look in GROUPINGS.items()
        for metric in look.metrics
    }


def _board_key(selection: Selection) -> str:
    """Return the key of the board: a new one for every selection, so that each click counts.

    None is used again: what was clicked on an earlier board may still be under way.
    """
    drawn, times = st.session_state.get(state.COMPARE_DRAWN, (None, 0))
    if drawn != selection.selected:
        drawn, times = selection.selected, times + 1
        st.session_state[state.COMPARE_DRAWN] = drawn, times
    return f"{state.COMPARE_BOARD}.{times}"


def _toggle(key: str) -> None:
    """Select the run that was clicked, or deselect it."""
    clicked = [p["entry_id"] for p in st.session_state[key]["selection"].get(scatter.PICK, [])]
    # Until the browser has the next board, it sends the click on this one with each request.
    if st.session_state.get(state.COMPARE_CLICKED) == (key, clicked):
        return
    st.session_state[state.COMPARE_CLICKED] = key, clicked
    for id_ in clicked:
        ids = selected_now()
        select([one for one in ids if one != id_] if id_ in ids else [*ids, id_])
