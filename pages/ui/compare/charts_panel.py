"""The charts of the Compare page, all in one, so that pointing at a run shows it in each."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui import layout, state, url_inputs, words
from pages.ui.charts import theme
from pages.ui.compare import metrics as compare_metrics
from pages.ui.compare import rows as compare_rows
from pages.ui.compare.charts import board, differences, groups, scatter
from pages.ui.compare.charts import curves as charts
from pages.ui.compare.measures import Measures
from pages.ui.compare.selection import NONE, Comparison
from pages.ui.compare.units import Unit, unit_of
from pages.ui.names import as_typed
from recsys.metrics import METRICS

CURVES = ("rmse", "top_k_accuracy@100", "rating_loss", "retrieval_loss")  # shown by default
MAX_UNITS = 10  # with a colour of their own
LARGE = ("20m", "25m")  # half a minute for each run: measured only when asked for
X_AXES = {"epoch": "By epoch", "seconds": "By time"}
# grouping -> (title of the axis, the metrics shown over it)
GROUPINGS = {
    "activity": ("train ratings of the user", ("rmse", "ndcg@20")),
    "popularity": ("train ratings of the movie", ("rmse",)),
}
Rows = list[dict[str, Any]]


def charts_panel(
    view: Comparison, measures: Measures, units: Sequence[Unit], colours: Mapping[str, str]
) -> None:
    """Draw the charts; a click on a point of the scatter selects or deselects a run."""
    st.subheader("Charts", anchor=False)
    curves, x, users = _choices(measures)
    shown = [unit for unit in units if unit.members[0].run][:MAX_UNITS]
    shown += [unit for unit in units if not unit.members[0].run]
    pinned = unit_of(units, view.pinned.entry_id) if view.pinned else None
    st.caption(_notes(units, shown, curves, pinned, users))
    rows = {
        "scatter": _scatter_rows(view, measures.part, units, colours),
        "differences": _difference_rows(measures, shown, pinned),
        "curves": {curve: charts.curve_rows(shown, curve, colours) for curve in curves},
        "calibration": _calibration_rows(measures, shown, colours) if users else [],
        "groups": _group_rows(measures, shown, pinned, colours) if users else {},
    }
    shown_colours = {unit.label: colours[unit.label] for unit in shown}
    # A new key for every selection: a second click on the same point must count as a click.
    key = f"{state.COMPARE_BOARD}.{hash(tuple(view.selected))}"
    layout.chart(
        key,
        str((rows, x, shown_colours, pinned and pinned.label)),
        lambda: _board(rows, x, shown_colours, pinned, measures.part),
        alt_text=f"Charts of {len(shown)} runs and baselines: RMSE against top-100 accuracy, "
        "curves of training, differences to the pinned run, predicted against given stars, and "
        "errors by user and movie",
        on_select=lambda: _toggle(key, [*view.selected, *view.hidden]),
        selection_mode=scatter.PICK,
    )


def _choices(measures: Measures) -> tuple[list[str], str, bool]:
    """Draw what is charted; return the curves, what they run over, and whether users are asked."""
    with st.container(horizontal=True, vertical_alignment="center"):
        curves = url_inputs.choices(
            state.CURVES,
            [*compare_rows.METRIC_CURVES, *compare_rows.LOSS_CURVES],
            lambda **options: st.pills(
                "Curves",
                selection_mode="multi",
                format_func=words.label,
                label_visibility="collapsed",
                **options,
            ),
            CURVES,
        )
        x: str = url_inputs.choice(
            state.OVER,
            list(X_AXES),
            "epoch",
            lambda **options: st.segmented_control(
                "Over",
                required=True,
                format_func=X_AXES.__getitem__,
                label_visibility="collapsed",
                **options,
            ),
        )
        users = url_inputs.switch(
            state.USERS,
            measures.config.data not in LARGE,
            lambda **options: st.toggle(
                "Stars and users",
                help="Predicted against given stars, and who gains and who loses: errors by "
                "activity of the user and popularity of the movie. Measured from what the runs "
                "learnt, once.",
                **options,
            ),
        )
    return curves, x, users and measures.can_measure()


def _notes(
    units: Sequence[Unit],
    shown: Sequence[Unit],
    curves: Sequence[str],
    pinned: Unit | None,
    users: bool,
) -> str:
    told = ["Point at a run to see it in every chart."]
    if curves:
        told.append(
            "Curves: solid is validation, dashed is train; a ring marks the best epoch. "
            "A task of weight 0 has none."
        )
    n = sum(1 for unit in units if unit.members[0].run)
    if n > MAX_UNITS:
        told.append(f"Charts of the first {MAX_UNITS} of the {n} selected runs.")
    if "total_loss" in curves:
        told.append("Total losses of different weights cannot be compared.")
    if users and not pinned:
        told.append("Pin a run to see who gains and who loses against it.")
    if pinned and pinned.members[0].run:
        told.append(
            f"Differences are to {as_typed(pinned.label)}, with 95 % intervals. Baselines are left "
            "out: they are far away."
        )
    return " ".join(told)


def _scatter_rows(
    view: Comparison, part: str, units: Sequence[Unit], colours: Mapping[str, str]
) -> Rows:
    names = {entry.entry_id: unit.label for unit in units for entry in unit.members}
    shown = {entry.entry_id for entry in view.entries}
    entries = [*(e for e in view.compared() if e.entry_id not in shown), *view.entries]
    # A stopped run can lie far off: it is only here when it is asked for.
    entries = [e for e in entries if e.entry_id in names or not e.run or e.run.status == "finished"]
    return scatter.scatter_rows(entries, part, list(names), colours, names)


def _difference_rows(measures: Measures, units: Sequence[Unit], pinned: Unit | None) -> Rows:
    if pinned is None or not measures.can_measure():
        return []
    # The table above has them all; here is room for a row.
    beyond = state.selected(state.METRICS) == "beyond accuracy"
    names = compare_rows.METRIC_SETS["beyond accuracy"] if beyond else words.HEADLINE_METRICS
    near = _without_baselines(units, pinned)
    compared = measures.comparisons(near, pinned, names)
    return compare_metrics.difference_rows(near, names, compared)


def _without_baselines(units: Sequence[Unit], pinned: Unit) -> list[Unit]:
    """Return the trained units: baselines lie so far off that all others would fall together."""
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
        for group in measures.calibration(entry)
    ]


def _group_rows(
    measures: Measures, units: Sequence[Unit], pinned: Unit | None, colours: Mapping[str, str]
) -> dict[tuple[str, str], Rows]:
    """Return the rows of each grouping and metric: figures, or differences to the pinned unit."""
    return {
        (grouping, metric): [
            {"unit": unit.label, "colour": colours[unit.label], **row}
            for unit in (_without_baselines(units, pinned) if pinned else units)
            if measures.knows(unit.members[0])
            for row in measures.group_figures(unit, pinned, metric, grouping)
        ]
        for grouping, (_, metrics) in GROUPINGS.items()
        for metric in metrics
    }


def _toggle(key: str, selected: list[str]) -> None:
    for point in st.session_state[key]["selection"].get(scatter.PICK, []):
        id_ = point["entry_id"]
        kept = [one for one in selected if one != id_]
        chosen = kept if id_ in selected else [*selected, id_]
        state.select(state.RUNS, ",".join(chosen) or NONE)


def _board(
    rows: dict[str, Any], x: str, colours: Mapping[str, str], pinned: Unit | None, part: str
) -> board.Board:
    shared = board.hover()
    half = board.width(2)
    scatter_panel = board.panel(
        scatter.scatter_chart(scatter.inside(rows["scatter"]), shared),
        theme.LARGE,
        "Both tasks at once",
        f"Top-100 accuracy (up) and RMSE, on the {part}; a click selects a run",
    )
    first = [scatter_panel]
    if rows["calibration"]:
        first.append(
            board.panel(
                groups.calibration_chart(rows["calibration"], shared, half),
                theme.LARGE,
                "Predicted and given stars",
                f"On the {part}; on the dashed line predictions are right on average",
            )
        )
    drawn = [[board.legend(colours, shared)], first]
    if pinned:
        panels = differences.difference_panels(
            rows["differences"],
            list(dict.fromkeys(row["metric"] for row in rows["differences"])),
            colours,
            shared,
        )
        drawn.append(panels)
    curves = [
        board.panel(
            charts.curve_chart(values, curve, x, shared, half),
            theme.MEDIUM,
            words.label(curve) + (" on validation" if curve in compare_rows.METRIC_CURVES else ""),
            f"cut off above {charts.LOSS_CUT:g}; 1 is trivial"
            if charts.is_cut(values, curve)
            else "",
        )
        for curve, values in rows["curves"].items()
        if values
    ]
    drawn += [curves[start : start + 2] for start in range(0, len(curves), 2)]
    drawn.append(_group_panels(rows["groups"], pinned, shared, part))
    return board.Board(drawn)


def _group_subtitle(metric: str, part: str, pinned: Unit | None) -> str:
    if pinned is None:
        return f"On the {part}"
    side = "above" if METRICS[metric].higher_is_better else "below"
    return f"Difference to the pinned: {side} 0 is better"


def _group_panels(
    rows: Mapping[tuple[str, str], Rows], pinned: Unit | None, shared: Any, part: str
) -> list[board.Panel]:
    known = {which: values for which, values in rows.items() if values}
    drawn = []
    for (grouping, metric), values in known.items():
        names = list(dict.fromkeys(row["group"] for row in values))
        who = "Active and new users" if grouping == "activity" else "Popular and rare movies"
        drawn.append(
            board.panel(
                groups.group_chart(
                    values, names, GROUPINGS[grouping][0], shared, board.width(len(known))
                ),
                theme.MEDIUM,
                f"{who}: {words.label(metric)}",
                _group_subtitle(metric, part, pinned),
            )
        )
    return drawn
