"""Below the charts: the best epoch of each run against its last, and the settings that differ."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import near, state, words
from pages.ui.compare.charts.curves import best_epoch
from pages.ui.compare.rows import Entry, config_differences, config_rows
from pages.ui.compare.selection import Selection
from pages.ui.compare.units import learns_curve
from pages.ui.tables import direction, draw_once, name_width
from recsys.config import RunConfig
from recsys.counted import counted

EPOCH_COLUMNS = ["label", "metric", "best", "last", "best_epoch", "last_epoch", "lost"]
HEIGHT = 600  # pixels that both tables take, about


@st.fragment
def details_panel(selection: Selection) -> None:
    """Draw the best epoch of each run against its last, and the settings that differ."""

    def draw() -> None:
        epochs_panel(selection)
        settings_panel(selection)

    near.section(state.COMPARE_DETAILS, HEIGHT, draw)


def epochs_panel(selection: Selection) -> None:
    """Draw the best epoch of each run against its last, on validation."""
    rows = epoch_rows(selection.compared(), words.HEADLINE_METRICS)
    if rows.empty:
        return
    st.subheader("Best and last epoch", anchor=False)
    draw_once("epochs", rows.to_dict("records"), lambda: _epochs_table(rows))
    st.caption(
        "On validation: the best value with its epoch, and the value of the last epoch. A run "
        "keeps the model of its last epoch. If the best one is much earlier, train fewer epochs."
    )


def _epochs_table(rows: pd.DataFrame) -> None:
    table = epoch_table(rows)
    st.dataframe(
        table,
        column_config={
            "_index": st.column_config.TextColumn("Run", width=name_width(table.index)),
            **{
                name: st.column_config.TextColumn(direction(name), help=words.explain(name))
                for name in map(str, table)
            },
        },
        placeholder=words.NOTHING,
        alt="The best epoch and the last of each run, on validation",
    )


def epoch_rows(entries: Sequence[Entry], metrics: Sequence[str]) -> pd.DataFrame:
    """Return one row for each run and each metric that it learnt and measured on validation.

    The columns are `label`, `metric`, `best` and `last` (values), `best_epoch`, `last_epoch` and
    `lost`: how much worse the last value is than the best, in the metric's unit; 0 if it is best.
    """
    rows = []
    for entry in entries:
        history = entry.run.history if entry.run else ()
        for metric in metrics:
            values = {
                record.epoch: record.validation_metrics[metric]
                for record in history
                if metric in record.validation_metrics
            }
            best = best_epoch(history, metric)
            if best is None or not learns_curve(entry, metric):
                continue
            last = max(values)
            rows.append(
                {
                    "label": entry.label,
                    "metric": metric,
                    "best": values[best],
                    "last": values[last],
                    "best_epoch": best,
                    "last_epoch": last,
                    "lost": abs(values[last] - values[best]),
                }
            )
    return pd.DataFrame(rows, columns=EPOCH_COLUMNS)


def epoch_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return `epoch_rows` as text for the page: a row a run, a column a metric."""
    texts = rows.assign(text=[_epoch_text(row) for row in rows.to_dict("records")])
    names, labels = (list(dict.fromkeys(rows[column])) for column in ("metric", "label"))
    table = texts.pivot(index="label", columns="metric", values="text").loc[labels, names]
    return table.fillna(words.NOTHING)


def _epoch_text(row: Mapping[Any, Any]) -> str:
    decimals = words.word(row["metric"]).decimals
    best, last = (f"{row[name]:.{decimals}f}" for name in ("best", "last"))
    if row["best_epoch"] == row["last_epoch"]:
        return f"{last} at {row['last_epoch']:.0f}"
    if best == last:
        return f"{best} at {row['best_epoch']:.0f} and {row['last_epoch']:.0f}"
    return f"{best} at {row['best_epoch']:.0f}, {last} at {row['last_epoch']:.0f}"


def settings_panel(selection: Selection) -> None:
    """Draw the settings in which the selected runs differ; of a single run, all settings."""
    runs = [entry for entry in selection.compared() if entry.run]
    st.subheader("Settings" if len(runs) == 1 else "Settings that differ", anchor=False)
    if not runs:
        st.caption("Select a run to see its settings.")
    elif len(runs) == 1:
        _all_settings(runs[0])
    else:
        _differences(config_differences(runs))


def _all_settings(entry: Entry) -> None:
    if entry.run is None:
        return
    st.caption("Select another run to see only the settings that differ.")
    st.dataframe(
        config_rows(entry.run),
        hide_index=True,
        column_config={name: name.capitalize() for name in ("field", "value", "meaning")},
        alt="Settings of the run",
    )


def _differences(table: pd.DataFrame) -> None:
    if table.empty:
        st.caption("The selected runs have the same settings.")
        return
    fields = _chosen_fields([str(name) for name in table])
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
    st.caption(f"{counted(same, 'other setting is', 'other settings are')} the same.")


def _chosen_fields(fields: list[str]) -> list[str]:
    """Draw the choice of the fields to show, if there are several; return them."""
    if len(fields) < 2:
        return fields
    chosen = st.pills(
        "Settings shown",
        fields,
        selection_mode="multi",
        format_func=words.field_label,
        key=state.COMPARE_FIELDS,
        persist_state="session",
        help="Choose none to see all that differ.",
    )
    return [name for name in fields if name in chosen] or fields
