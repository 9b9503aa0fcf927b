"""The metrics of the selected runs, and their verdicts against the pinned run."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui import state, words
from pages.ui.charts import theme
from pages.ui.compare.choices import (
    Choices,
    grouped_input,
    metrics_input,
    pin_input,
    select,
    selected_now,
    unfolded_input,
)
from pages.ui.compare.measures import Measures
from pages.ui.compare.metrics import (
    BEST,
    Comparisons,
    difference_rows,
    metric_rows,
    metric_table,
    verdict_rows,
)
from pages.ui.compare.paper_table import FORMATS, paper_table
from pages.ui.compare.rows import untrained_note
from pages.ui.compare.selection import Selection
from pages.ui.compare.units import Unit, other_seeds, unfold
from pages.ui.names import as_typed
from pages.ui.tables import direction, draw_once, name_width
from recsys.counted import counted
from recsys.evaluation.comparison import BETTER, WORSE
from recsys.spreadsheet import inert_csv

VERDICT_STYLES = {
    BEST: f"color: {theme.GOOD}; font-weight: bold",
    BETTER: f"color: {theme.GOOD}",
    WORSE: f"color: {theme.BAD}",
}


def metrics_panel(
    selection: Selection,
    choices: Choices,
    measures: Measures,
    measured_on: str,
    units: Sequence[Unit],
    pinned: Unit | None,
) -> None:
    """Draw the metrics of the units; with a pinned one, also the differences and verdicts."""
    st.subheader("Metrics", anchor=False)
    _inputs(selection, choices, units)
    shown = unfold(units, choices.unfolded)
    can_compare = pinned is not None and measures.can_measure()
    compared: Comparisons = {}
    if pinned and can_compare:
        compared = measures.comparisons(shown, pinned, choices.metrics)
    rows = metric_rows(shown, choices.part, choices.metrics, pinned, compared)
    if rows.empty:
        st.info(f"None of these has metrics on the {choices.part}.")
        return
    version = rows.to_dict("records"), pinned and pinned.label
    draw_once("metrics", version, lambda: _table(rows, pinned))
    _notes(selection, measured_on, units, pinned)
    if pinned and can_compare:
        _verdicts(shown, pinned, choices.metrics, compared)
    elif pinned:
        st.info(
            "Differences have no confidence intervals: this lab does not have the data set "
            f"{as_typed(selection.testbed.data)} as these runs were measured on it."
        )


def _inputs(selection: Selection, choices: Choices, units: Sequence[Unit]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pin_input(selection)
        metrics_input()
        grouped_input()
        with st.popover("Table for a paper", icon=":material/table:"):
            _paper(units, choices.part, choices.metrics)
    unfolded_input(units)


def _paper(units: Sequence[Unit], part: str, names: Sequence[str]) -> None:
    """Draw the download of the metrics as a table for a paper."""
    kind = st.segmented_control(
        "Format",
        list(FORMATS),
        default="LaTeX",
        required=True,
        key=state.COMPARE_PAPER_FORMAT,
        persist_state="session",
    )
    ending, mime = FORMATS[kind or "LaTeX"]
    text = paper_table(units, part, names, kind or "LaTeX")
    st.download_button(
        f"Download .{ending}",
        text,
        file_name=f"duet-{part}.{ending}",
        mime=mime,
        key=state.COMPARE_PAPER,
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption(
        f"Metrics of the table, on the {part}: mean ± standard deviation over seeds. The best is "
        "bold. ↑ higher is better, ↓ lower is better. A dash: that task was not trained."
    )
    st.code(text, language={"LaTeX": "latex", "Markdown": "markdown"}.get(kind or ""))


def _table(rows: pd.DataFrame, pinned: Unit | None) -> None:
    text, verdicts = metric_table(rows)
    if pinned:
        marked = {pinned.label: f"{pinned.label} (pinned)"}
        text, verdicts = text.rename(marked), verdicts.rename(marked)
    st.dataframe(
        text.style.apply(lambda _: verdicts.map(lambda v: VERDICT_STYLES.get(v, "")), axis=None),
        column_config={
            "_index": st.column_config.TextColumn("Run", width=name_width(text.index)),
            **{
                name: st.column_config.TextColumn(direction(name), help=words.explain(name))
                for name in map(str, text)
            },
        },
        alt="Metrics of the selected runs and baselines, with differences",
    )


def _notes(
    selection: Selection, measured_on: str, units: Sequence[Unit], pinned: Unit | None
) -> None:
    """Say how to read the table, and offer the seeds that are not selected."""
    if note := untrained_note(selection.compared()):
        st.caption(note)
    sentences = [f"On {measured_on}.", "↑ higher is better, ↓ lower is better."]
    if any(entry.run and entry.run.config.all_ratios for entry in selection.compared()):
        sentences.append("Of a run with all ratios: the model at 1 : 1, equal weights.")
    if any(len(unit.members) > 1 for unit in units):
        sentences.append("±: standard deviation over the seeds.")
    if pinned:
        sentences.append(
            "In brackets: the difference to the pinned run; ▲ better, ▼ worse, "
            "≈ not distinguishable."
        )
    elif len(units) > 1:
        sentences.append(
            "In brackets: the difference to the best run. Small differences may be chance: pin a "
            "run to test them."
        )
    st.caption(" ".join(sentences))
    if more := other_seeds(selection.entries, selection.selected):
        st.button(
            "Select "
            + counted(
                len(more),
                "more run that differs only in the seed",
                "more runs that differ only in the seed",
            ),
            key=state.COMPARE_ADD_SEEDS,
            icon=":material/add:",
            type="tertiary",
            on_click=lambda: select([*selected_now(), *more]),
        )


def _verdicts(
    units: Sequence[Unit], pinned: Unit, names: Sequence[str], compared: Comparisons
) -> None:
    """Say in words in which metrics each unit is better or worse than the pinned one."""
    rows = verdict_rows(units, pinned, names, compared)
    if rows.empty:
        return
    st.markdown(f"**Compared with {as_typed(pinned.label)}**")
    st.table(rows.set_index("Run"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Better or worse: the 95 % interval of the difference (2,000 paired bootstrap "
            "resamples of the users) excludes 0. With several seeds on both sides, the "
            "difference must also be larger than the noise between seeds. About 1 in 20 equal "
            "pairs will still look different."
        )
        intervals = pd.DataFrame(difference_rows(units, names, compared))
        st.download_button(
            "Intervals as CSV",
            lambda: inert_csv(intervals),
            file_name="duet-differences.csv",
            mime="text/csv",
            key=state.COMPARE_DIFFERENCES,
            icon=":material/download:",
            on_click="ignore",
        )
