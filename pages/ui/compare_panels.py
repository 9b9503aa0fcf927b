"""What the Compare page shows of the selected runs; its rows are made in `compare_rows`."""

import streamlit as st

from pages.ui import compare_rows, layout, state, words
from pages.ui.charts import compare as charts
from pages.ui.charts import scatter, theme
from pages.ui.compare_rows import Entry
from pages.ui.compare_table import direction, name_width
from pages.ui.compare_view import NONE, Comparison
from recsys.config import RunConfig
from recsys.metrics import METRICS

MAX_CURVES = 10  # runs with a colour of their own
X_AXES = {"epoch": "By epoch", "seconds": "By time"}


def metrics_panel(view: Comparison, part: str) -> None:
    """Draw the metrics of what is selected, better and worse marked the right way round."""
    chosen = view.chosen()
    st.subheader("Metrics", anchor=False)
    reference, names = _metric_choices(chosen)
    rows = compare_rows.metric_rows(chosen, part, names, reference)
    if rows.empty:
        st.info(f"None of these has metrics on the {part}.")
        return
    text, verdicts = compare_rows.metric_table(rows)
    st.dataframe(
        text.style.apply(lambda _: verdicts.map(VERDICT_STYLES.get), axis=None),
        column_config={
            "_index": st.column_config.TextColumn("Run", width=name_width(text.index)),
            **{
                name: st.column_config.TextColumn(direction(name), help=words.explain(name))
                for name in text
            },
        },
        alt="Metrics of the selected runs and baselines, with differences",
    )
    if note := compare_rows.untrained_note(chosen):
        st.caption(note)
    if len(chosen) == 1:
        return
    marks = "▲ better, ▼ worse." if reference else "In brackets: the distance to the best."
    st.caption(
        f"{marks} ↑ higher is better, ↓ lower is better. Differences are between single "
        "trainings: small ones may be chance."
    )


def _metric_choices(chosen: list[Entry]) -> tuple[str | None, list[str]]:
    """Draw the choice of the reference and of the metrics; return its id (None: best) and them."""
    labels = {entry.entry_id: entry.label for entry in chosen}
    with st.container(horizontal=True, vertical_alignment="center"):
        reference = st.selectbox(
            "Differences to",
            ["", *labels],
            format_func=lambda one: f"Compared with {labels[one] if one else 'the best'}",
            help="Which figures the others are measured against.",
            key=state.COMPARE_REFERENCE,
            persist_state="session",
            label_visibility="collapsed",
            width=360,
        )
        everything = st.toggle(
            "All metrics", key=state.COMPARE_ALL_METRICS, persist_state="session"
        )
    names = list(METRICS if everything else compare_rows.MAIN_METRICS)
    return reference or None, names


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
    rows = scatter.scatter_rows(view.entries, part, view.selected, colours)
    # A new key for every selection: a second click on the same point must count as a click.
    key = f"{state.COMPARE_SCATTER}.{hash(tuple(view.selected))}"
    layout.chart(
        key,
        str(rows),
        lambda: scatter.scatter_chart(rows),
        alt_text=f"Scatter plot of {len(rows)} runs and baselines: RMSE, reversed, against top-100 "
        "accuracy; better is up and right",
        on_select=lambda: _toggle(key, view.selected),
        selection_mode=scatter.PICK,
    )
    st.caption(
        "One dot a run: click to select or deselect it. Circles: duet, diamonds: tutorial. "
        "Dashed lines: what has only one of the two figures, like the baselines."
    )


def _toggle(key: str, selected: list[str]) -> None:
    for point in st.session_state[key]["selection"].get(scatter.PICK, []):
        id_ = point["entry_id"]
        kept = [one for one in selected if one != id_]
        chosen = kept if id_ in selected else [*selected, id_]
        state.select(state.RUNS, ",".join(chosen) or NONE)


def differences_panel(view: Comparison) -> None:
    """Draw the config fields that differ among the selected runs."""
    runs = [entry for entry in view.chosen() if entry.run]
    st.subheader("Settings" if len(runs) == 1 else "What differs", anchor=False)
    if not runs:
        st.caption("Select a run to see its settings.")
    elif len(runs) == 1 and runs[0].run:
        st.caption("Of the selected run. Select another to see only what differs.")
        titles = {name: name.capitalize() for name in ("field", "value", "meaning")}
        st.dataframe(
            compare_rows.config_rows(runs[0].run),
            hide_index=True,
            column_config=titles,
            alt="Settings of the run",
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
                "_index": st.column_config.TextColumn("Run", width=name_width(table.index)),
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
    curves, x = _curve_choices()
    shown = runs[:MAX_CURVES]
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
        pair = curves[start : start + 2]
        for column, curve in zip(st.columns(2, gap="large"), pair, strict=False):
            with column:
                _curve(curve, shown, colours, x, version)


def _curve_choices() -> tuple[list[str], str]:
    """Draw the choice of curves and of what they run over; return both."""
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
    return curves, x or "epoch"


def _curve(
    curve: str,
    runs: list[Entry],
    colours: dict[str, str],
    x: str,
    version: tuple[tuple[str, ...], ...],
) -> None:
    rows = charts.curve_rows(runs, curve)
    cut = (
        f" · cut off above {charts.LOSS_CUT:g}; 1 is trivial" if charts.is_cut(rows, curve) else ""
    )
    st.markdown(f"**{words.label(curve)}**:small[:gray[{cut}]]", help=words.explain(curve))
    if not rows:
        st.caption("None of the selected runs measured this on a validation part.")
        return
    layout.chart(
        state.curve_chart(curve),
        (version, x),
        lambda: charts.curve_chart(rows, curve, colours, x),
        alt_text=f"Line chart: {words.label(curve)} of {len(runs)} runs over {x}",
    )
