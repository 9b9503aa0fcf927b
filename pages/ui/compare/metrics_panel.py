"""The metrics of what is compared on the Compare page, and how all stand to the pinned run."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui import state, url_inputs, words
from pages.ui.charts import theme
from pages.ui.compare import metrics as compare_metrics
from pages.ui.compare import rows as compare_rows
from pages.ui.compare.measures import Measures
from pages.ui.compare.metrics import Comparisons
from pages.ui.compare.paper_table import FORMATS, paper_table
from pages.ui.compare.selection import Comparison
from pages.ui.compare.units import Unit, other_seeds, unfold, unit_of
from pages.ui.names import as_typed
from pages.ui.tables import direction, name_width
from recsys.comparison import BETTER, WORSE

VERDICT_STYLES = {
    "best": f"color: {theme.GOOD}; font-weight: bold",
    BETTER: f"color: {theme.GOOD}",
    WORSE: f"color: {theme.BAD}",
    compare_metrics.CHANCE: f"color: {theme.BASELINE}",
}


def metrics_panel(view: Comparison, measures: Measures, units: Sequence[Unit]) -> None:
    """Draw the metrics of what is compared, better and worse marked the right way round."""
    st.subheader("Metrics", anchor=False)
    names, unfolded = _inputs(view, measures.part, units)
    shown = unfold(units, unfolded)
    pinned = unit_of(units, view.pinned.entry_id) if view.pinned else None
    here = not pinned or measures.can_measure()
    compared = measures.comparisons(shown, pinned, names) if pinned and here else {}
    rows = compare_metrics.metric_rows(shown, measures.part, names, pinned, compared)
    if rows.empty:
        st.info(f"None of these has metrics on the {measures.part}.")
        return
    _table(rows, pinned)
    _notes(view, units, pinned)
    if not here:
        st.info(
            f"Whether differences are more than chance cannot be told: the data set "
            f"{measures.config.data}, as these runs were measured on it, is not in this lab."
        )
    elif pinned:
        _verdicts(shown, pinned, names, compared)


def _inputs(view: Comparison, part: str, units: Sequence[Unit]) -> tuple[list[str], list[str]]:
    """Draw what the table is made of; return the metrics and the units to unfold."""
    labels = {entry.entry_id: entry.label for entry in [*view.compared(), *view.entries]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        url_inputs.choice(
            state.PIN,
            ["", *labels],
            "",
            lambda **options: st.selectbox(
                "Pinned: all others are compared with it",
                format_func=lambda one: labels[one] if one else "nothing, show the best",
                width=250,
                **options,
            ),
        )
        chosen = url_inputs.choice(
            state.METRICS,
            list(compare_rows.METRIC_SETS),
            "accuracy",
            lambda **options: st.segmented_control(
                "Metrics", format_func=str.capitalize, **options
            ),
        )
        url_inputs.switch(
            state.GROUP,
            True,
            lambda **options: st.toggle(
                "Seeds together",
                help="Runs with the same settings but for the seed count as one: mean ± standard "
                "deviation.",
                **options,
            ),
        )
        names = list(compare_rows.METRIC_SETS[chosen])
        with st.popover("Paper table", icon=":material/table:"):
            _paper(units, part, names)
    several = {unit.unit_id: unit.label for unit in units if len(unit.members) > 1}
    unfolded: list[str] = []
    if several:
        unfolded = url_inputs.choices(
            state.UNFOLD,
            list(several),
            lambda **options: st.pills(
                "Unfold to the single runs",
                selection_mode="multi",
                format_func=several.__getitem__,
                **options,
            ),
        )
    return names, unfolded


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
        f"On the {part}. The metrics are those of the table; mean ± standard deviation over seeds; "
        "the best is bold, an arrow tells where better is. A dash: not trained for it."
    )
    st.code(text, language={"LaTeX": "latex", "Markdown": "markdown"}.get(kind or ""))


def _table(rows: pd.DataFrame, pinned: Unit | None) -> None:
    text, verdicts = compare_metrics.metric_table(rows)
    if pinned:
        marked = {pinned.label: f"{pinned.label} (pinned)"}
        text, verdicts = text.rename(marked), verdicts.rename(marked)
    st.dataframe(
        text.style.apply(lambda _: verdicts.map(lambda v: VERDICT_STYLES.get(v, "")), axis=None),
        column_config={
            "_index": st.column_config.TextColumn("Run", width=name_width(text.index)),
            **{
                name: st.column_config.TextColumn(direction(name), help=words.explain(name))
                for name in text
            },
        },
        alt="Metrics of the selected runs and baselines, with differences",
    )


def _notes(view: Comparison, units: Sequence[Unit], pinned: Unit | None) -> None:
    """Say how to read the table, and offer the seeds that are not selected."""
    if note := compare_rows.untrained_note(view.compared()):
        st.caption(note)
    told = ["↑ higher is better, ↓ lower is better."]
    if any(len(unit.members) > 1 for unit in units):
        told.append("±: standard deviation over the seeds.")
    if pinned:
        told.append(
            "In brackets: the difference to the pinned; ▲ better, ▼ worse, ≈ not distinguishable."
        )
    elif len(units) > 1:
        told.append(
            "In brackets: the distance to the best. Small differences may be chance: pin a "
            "run to see which are not."
        )
    st.caption(" ".join(told))
    if more := other_seeds(view.entries, view.selected):
        n = len(more)
        st.button(
            f"Select {n} more {'run' if n == 1 else 'runs'} that differ only in the seed",
            key=state.COMPARE_ADD_SEEDS,
            icon=":material/add:",
            type="tertiary",
            on_click=state.select,
            args=(state.RUNS, ",".join([*view.selected, *view.hidden, *more])),
        )


def _verdicts(
    units: Sequence[Unit], pinned: Unit, names: Sequence[str], compared: Comparisons
) -> None:
    """Say in words what is better, worse and not distinguishable than the pinned unit."""
    rows = compare_metrics.verdict_rows(units, pinned, names, compared)
    if rows.empty:
        return
    st.markdown(f"**Compared with {as_typed(pinned.label)}**")
    st.table(rows.set_index("Run"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Better or worse: the 95 % interval of the difference leaves out 0 (2,000 paired "
            "bootstrap resamples of the users) and, with several seeds on both sides, the "
            "difference is larger than the seeds explain. Of twenty equal pairs one would still "
            "look different."
        )
        intervals = pd.DataFrame(compare_metrics.difference_rows(units, names, compared))
        st.download_button(
            "Intervals as CSV",
            intervals.to_csv(index=False),
            file_name="duet-differences.csv",
            mime="text/csv",
            key=state.COMPARE_DIFFERENCES,
            icon=":material/download:",
            on_click="ignore",
        )
