"""What the Trade-off page shows of a sweep: the sentence, the plot, the chosen run, the table."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import cache, layout, state, words
from pages.ui.charts import tradeoff as charts
from pages.ui.tradeoff_inputs import X_METRIC, Y_METRIC, PlotView
from pages.ui.tradeoff_rows import Ratio, plot_rows
from pages.ui.view import learns
from recsys.metrics import METRICS
from recsys.tradeoff import sentence


def say(found: Sequence[Ratio], view: PlotView) -> None:
    """Say what the ratio of the weights does, a sentence for each front."""
    retrieval, rating = _tasks(view)
    fronts = sorted({ratio.sharing or "" for ratio in found}, key=list(charts.SHARING).index)
    for sharing in fronts or [""]:
        own = [ratio for ratio in found if (ratio.sharing or "") == sharing]
        points = cache.trade_off_points(own, view.part, retrieval, rating)
        text = sentence(points, words.label(retrieval), words.label(rating))
        name = f"**{charts.SHARING[sharing].capitalize()}.** " if len(fronts) > 1 else ""
        st.markdown(f"{name}{text}" if name else f"#### {text}")


def _tasks(view: PlotView) -> tuple[str, str]:
    """Return the retrieval and the rating metric of the plot, or the usual one of a task."""
    by_task = {METRICS[metric].task: metric for metric in (view.x, view.y)}
    return by_task.get("retrieval", Y_METRIC), by_task.get("rating", X_METRIC)


def plot(found: Sequence[Ratio], view: PlotView) -> None:
    """Draw the ratios and their front; a click on a point selects its run on every page."""
    rows = plot_rows(found, view.part, view.x, view.y)
    if not rows:
        layout.empty_state(
            "No ratio is trained yet. Train the sweep: each run appears here when it is done."
        )
        return
    selected = state.selected(state.RUN)
    baselines = _baselines(found, view)
    key = f"{state.TRADEOFF_PLOT}.{selected}"  # anew for each: a second click is a click as well
    options: dict[str, Any] = {}
    if any("x" in row and "y" in row for row in rows):
        options = {"on_select": lambda: _select(key), "selection_mode": charts.PICK}
    layout.chart(
        key,
        str((rows, baselines, view, selected)),
        lambda: charts.tradeoff_chart(
            rows, baselines if view.baselines else [], view.x, view.y, selected
        ),
        alt_text=f"Scatter plot of {len(rows)} ratios of the weights: {words.label(view.x)} "
        f"against {words.label(view.y)}, better is up and right, with the Pareto front",
        **options,
    )
    st.caption(_legend(rows, baselines, view))


def _select(key: str) -> None:
    for point in st.session_state[key]["selection"].get(charts.PICK, []):
        state.select(state.RUN, point["run_id"])


def _legend(rows: list[dict[str, Any]], baselines: list[dict[str, Any]], view: PlotView) -> str:
    told = [
        "A point is one ratio, retrieval : rating. On the line: the Pareto front, which no other "
        "ratio beats in both; faded: beaten. Click a point to take its run to every page."
    ]
    if any(row["seeds"] > 1 for row in rows):
        told.append("Bars: one standard deviation over the seeds.")
    if baselines and not view.baselines:
        far = [
            f"{row['label']} {words.label(view.x if 'x' in row else view.y)} "
            f"{row.get('x', row.get('y')):.3f}"
            for row in baselines
        ]
        told.append(f"Outside the plot: {', '.join(far)}.")
    return " ".join(told)


def _baselines(found: Sequence[Ratio], view: PlotView) -> list[dict[str, Any]]:
    """Return `{label, x}` or `{label, y}` of each baseline that has one of the metrics."""
    run = found[0].runs[0]
    return [
        {"label": words.label(name).lower(), axis: metrics[view.part][metric]}
        for name, metrics in run.baselines.items()
        for axis, metric in (("x", view.x), ("y", view.y))
        if metric in metrics.get(view.part, {})
    ]


def chosen_run(found: Sequence[Ratio], view: PlotView) -> None:
    """Show the run that was clicked, and the ways to it on the other pages."""
    runs = {run.run_id: run for ratio in found for run in ratio.runs}
    run = runs.get(state.selected(state.RUN) or "")
    if run is None:
        return
    st.subheader(layout.run_name(run), anchor=False)
    values = run.metrics.get(view.part, {})
    learnt = [term for term in words.HEADLINE_METRICS if learns(run, METRICS[term].task)]
    layout.metric_row([layout.Metric(term, values.get(term)) for term in learnt])
    with st.container(horizontal=True, gap="large"):
        params = state.link_params(run=run.run_id)
        st.page_link("pages/1_Train.py", label="Its curves and settings", query_params=params)
        st.page_link("pages/4_Recommend.py", label="Its recommendations", query_params=params)
        front = [
            row["run_id"]
            for row in plot_rows(found, view.part, view.x, view.y)
            if row["front"] or row["run_id"] == run.run_id
        ]
        st.page_link(
            "pages/3_Compare.py",
            label="Compare the front",
            query_params=state.link_params(run=run.run_id, runs=",".join(front)),
        )


def table(found: Sequence[Ratio], view: PlotView) -> None:
    """List the ratios with their figures."""
    if not found:
        return
    metrics = list(dict.fromkeys([view.y, view.x, *words.HEADLINE_METRICS]))
    rows = []
    for ratio in found:
        row: dict[str, Any] = {
            "retrieval : rating": ratio.weights,
            "shared": charts.SHARING[ratio.sharing or ""],
            "seeds": len(ratio.runs),
        }
        for metric in metrics:
            row[words.label(metric)] = ratio.mean(view.part, metric)
        rows.append(row)
    with st.expander("All ratios as a table"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                words.label(metric): st.column_config.NumberColumn(format="%.4f")
                for metric in metrics
            },
            alt="The ratios of the sweep with their figures",
        )
        st.caption(f"On the {view.part}; means over the seeds. Empty: the task was not trained.")
