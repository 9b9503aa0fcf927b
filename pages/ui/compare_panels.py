"""The panels of the Compare page; the rows they show are made in `compare_rows`."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import compare_rows, layout, state, words
from pages.ui.charts import compare as charts
from pages.ui.charts import theme
from pages.ui.comparable import setting_labels
from pages.ui.compare_view import NONE, Comparison
from recsys.config import RunConfig
from recsys.metrics import METRICS

MAX_CURVES = 10  # runs with a colour of their own
DOT = "⬤"
TABLE_ROWS = 12  # rows the table of runs shows before it scrolls
ROW, HEAD = 35, 38  # pixels
PARTS = {"holdout": "Holdout", "validation": "Validation"}
X_AXES = {"epoch": "By epoch", "seconds": "By time"}


def choose_setting(view: Comparison) -> str:
    """Draw the choice of data and split, and of the part; return the part."""
    labels = setting_labels(view.settings)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(view.settings) > 1:
            st.selectbox(
                "Data and split",
                view.settings,
                index=view.settings.index(view.setting),
                format_func=lambda one: labels[one],
                help="Only runs measured on the same ratings can be compared; the lab has runs "
                f"on {len(view.settings)} different ones.",
                key=state.COMPARE_SETTING,
                on_change=_switch_setting,
                width=460,
            )
        else:
            st.markdown(f":material/database: {labels[view.setting]}", width="content")
        parts = compare_rows.parts(view.entries) or ["holdout"]
        part = st.segmented_control(
            "Metrics on",
            parts,
            format_func=PARTS.__getitem__,
            default=parts[0],
            required=True,
            help=" ".join(words.explain(part) for part in parts),
            key=state.COMPARE_PART,
            persist_state="session",
            label_visibility="visible" if len(view.settings) > 1 else "collapsed",
        )
    return part if part in parts else parts[0]


def _switch_setting() -> None:
    state.select(state.SETTING, st.session_state[state.COMPARE_SETTING].key)
    state.select(state.RUNS, None)


def runs_table(view: Comparison, part: str) -> None:
    """Draw all runs and baselines of the setting; ticking rows selects them."""
    rows = compare_rows.table_rows(view.entries, part)
    colours = charts.run_colours(view.entries, view.selected)
    dots = [colours.get(entry.label) for entry in view.entries]
    rows.insert(0, "dot", [DOT if dot else "" for dot in dots])
    styled = rows.style.apply(
        lambda _: [f"color: {dot}" if dot else "" for dot in dots], subset=["dot"]
    )
    styled = styled.apply(_mark_best, subset=list(words.HEADLINE_METRICS))
    ids = [entry.entry_id for entry in view.entries]
    st.session_state[state.COMPARE_ORDER] = ids
    _show_selection([ids.index(one) for one in view.selected])
    st.dataframe(
        styled,
        hide_index=True,
        column_config=_table_columns(part),
        height="content" if len(rows) <= TABLE_ROWS else HEAD + ROW * TABLE_ROWS,
        key=state.COMPARE_TABLE,
        on_select=_select_rows,
        selection_mode="multi-row",
        placeholder=words.NOTHING,
        alt="Runs and baselines with their settings and metrics",
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
    state.select(state.RUNS, ",".join(ids[row] for row in sorted(rows)) or NONE)


def _table_columns(part: str) -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "dot": text("", width=30, help="The run's colour in the charts."),
        "name": text("Run", help=words.explain("run"), width=250),
        "weights": text("Weights", help="Retrieval weight : rating weight."),
        "architecture": text(
            "Architecture", help=RunConfig.model_fields["architecture"].description
        ),
        "status": text("Status", help="A stopped run keeps what it had learnt until then."),
        "created": st.column_config.DatetimeColumn(
            "When", format="distance", help="End of the run."
        ),
        "seconds": number("Time (s)", help=words.explain("seconds"), format="%.1f"),
    }
    for name in words.HEADLINE_METRICS:
        columns[name] = number(
            _direction(name), help=f"{words.explain(name)} On the {part}.", format="%.3f"
        )
    return columns


def _direction(metric: str) -> str:
    entry = words.word(metric)
    unit = f" ({entry.unit})" if entry.unit else ""
    return f"{entry.label}{unit} {'↑' if METRICS[metric].higher_is_better else '↓'}"


def _mark_best(column: "pd.Series[float]") -> list[str]:
    higher = METRICS[str(column.name)].higher_is_better
    best = column.max() if higher else column.min()
    return [f"color: {theme.GOOD}; font-weight: bold" if value == best else "" for value in column]


def metrics_panel(view: Comparison, part: str) -> None:
    """Draw the metrics of what is selected, better and worse marked the right way round."""
    chosen = view.chosen()
    labels = {entry.entry_id: entry.label for entry in chosen}
    st.subheader("Metrics", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        reference = st.selectbox(
            "Differences to",
            ["", *labels],
            format_func=lambda one: (
                f"Compared with {labels[one]}" if one else "Compared with the best"
            ),
            help="Which figures the others are measured against.",
            key=state.COMPARE_REFERENCE,
            persist_state="session",
            label_visibility="collapsed",
            width=360,
        )
        everything = st.toggle(
            "All metrics", key=state.COMPARE_ALL_METRICS, persist_state="session"
        )
    names = list(METRICS) if everything else list(compare_rows.MAIN_METRICS)
    rows = compare_rows.metric_rows(chosen, part, names, reference or None)
    if rows.empty:
        st.info(f"None of these has metrics on the {part}.")
        return
    text, verdicts = compare_rows.metric_table(rows)
    st.dataframe(
        text.style.apply(lambda _: verdicts.map(VERDICT_STYLES.get), axis=None),
        column_config={
            "_index": st.column_config.TextColumn("Run", width="medium"),
            **{
                name: st.column_config.TextColumn(_direction(name), help=words.explain(name))
                for name in text
            },
        },
        alt="Metrics of the selected runs and baselines, with differences",
    )
    marks = "In brackets: the distance to the best. " if not reference else "▲ better, ▼ worse. "
    st.caption(
        f"{marks}↑ higher is better, ↓ lower is better. Differences are between single trainings: "
        "small ones may be chance."
    )


VERDICT_STYLES = {
    "best": f"color: {theme.GOOD}; font-weight: bold",
    "better": f"color: {theme.GOOD}",
    "worse": f"color: {theme.BAD}",
    "behind": "",
    "same": "",
    "": "",
}


def scatter_panel(view: Comparison, part: str) -> None:
    """Draw the two tasks against each other; a click selects or deselects a run."""
    st.subheader("Both tasks at once", anchor=False)
    colours = charts.run_colours(view.entries, view.selected)
    rows = charts.scatter_rows(view.entries, part, view.selected, colours)
    # A new key for every selection: a second click on the same point must count as a click.
    key = f"{state.COMPARE_SCATTER}.{hash(tuple(view.selected))}"
    layout.chart(
        key,
        str(rows),
        lambda: charts.scatter_chart(rows),
        alt_text=f"Scatter plot of {len(rows)} runs and baselines: RMSE, reversed, against top-100 "
        "accuracy; better is up and right",
        on_select=lambda: _toggle(key, view.selected),
        selection_mode=charts.PICK,
    )
    st.caption(
        "One dot a run: click to select or deselect it. Circles: duet, diamonds: tutorial. "
        "Dashed lines: what has only one of the two figures, like the baselines."
    )


def _toggle(key: str, selected: list[str]) -> None:
    for point in st.session_state[key]["selection"].get(charts.PICK, []):
        id_ = point["entry_id"]
        kept = [one for one in selected if one != id_]
        chosen = kept if id_ in selected else [*selected, id_]
        state.select(state.RUNS, ",".join(chosen) or NONE)


def differences_panel(view: Comparison) -> None:
    """Draw the config fields that differ among the selected runs."""
    st.subheader("What differs", anchor=False)
    runs = [entry for entry in view.chosen() if entry.run]
    if not runs:
        st.caption("Select a run to see its settings.")
    elif len(runs) == 1 and runs[0].run:
        st.caption("All settings of the selected run. Select another to see only what differs.")
        st.dataframe(
            compare_rows.config_rows(runs[0].run), hide_index=True, alt="Settings of the run"
        )
    else:
        table = compare_rows.config_differences(runs)
        if table.empty:
            st.caption("The selected runs have the same settings.")
            return
        about = {name: item.description for name, item in RunConfig.model_fields.items()}
        st.dataframe(
            table,
            column_config={
                "_index": st.column_config.TextColumn("Run", width=150),
                **{
                    name: st.column_config.TextColumn(words.field_label(name), help=about[name])
                    for name in table
                },
            },
            alt="The settings that differ among the selected runs",
        )
        same = len(RunConfig.model_fields) - table.shape[1]
        st.caption(f"The other {same} settings are the same in all of them.")


def curves_panel(view: Comparison) -> None:
    """Draw the curves of the selected runs over each other."""
    runs = [entry for entry in view.chosen() if entry.run]
    if not runs:
        return
    st.subheader("Curves", anchor=False)
    shown = runs[:MAX_CURVES]
    with st.container(horizontal=True, vertical_alignment="center"):
        curves = st.pills(
            "Curves",
            [*compare_rows.METRIC_CURVES, *compare_rows.LOSS_CURVES],
            selection_mode="multi",
            default=["rmse", "top_k_accuracy@100", "rating_loss", "retrieval_loss"],
            format_func=words.label,
            key=state.COMPARE_CURVES,
            persist_state="session",
            label_visibility="collapsed",
        )
        x = st.segmented_control(
            "Over",
            list(X_AXES),
            default="epoch",
            required=True,
            format_func=X_AXES.__getitem__,
            key=state.COMPARE_X,
            persist_state="session",
            label_visibility="collapsed",
        )
    notes = ["Solid: validation, dashed: train."]
    if len(runs) > MAX_CURVES:
        notes.append(f"Curves of the first {MAX_CURVES} of the {len(runs)} selected runs.")
    if "total_loss" in curves:
        notes.append("Total losses of different weights cannot be compared.")
    st.caption(" ".join(notes))
    colours = charts.run_colours(view.entries, [entry.entry_id for entry in shown])
    version = tuple((entry.entry_id, entry.label, colours[entry.label]) for entry in shown)
    layout.chart(
        state.COMPARE_LEGEND,
        version,
        lambda: charts.legend_chart(colours),
        alt_text="Legend: the colours of the selected runs",
    )
    for start in range(0, len(curves), 2):
        for column, curve in zip(
            st.columns(2, gap="large"), curves[start : start + 2], strict=False
        ):
            with column:
                _curve(curve, shown, colours, x or "epoch", version)


def _curve(
    curve: str,
    runs: list[compare_rows.Entry],
    colours: dict[str, str],
    x: str,
    version: tuple[tuple[str, ...], ...],
) -> None:
    st.markdown(f"**{words.label(curve)}**", help=words.explain(curve))
    rows = charts.curve_rows(runs, curve)
    if not rows:
        st.caption("None of the selected runs measured this on a validation part.")
        return
    layout.chart(
        state.curve_chart(curve),
        (version, x),
        lambda: charts.curve_chart(rows, curve, colours, x),
        alt_text=f"Line chart: {words.label(curve)} of {len(runs)} runs over {x}",
    )
    if charts.is_cut(rows, curve):
        st.caption(f"Cut off above {charts.LOSS_CUT:g}; 1 is trivial.")
