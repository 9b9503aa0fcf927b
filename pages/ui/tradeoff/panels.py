"""What the Trade-off page shows: the sentences, the plot, the chosen run."""

from typing import Any

import streamlit as st

from pages.ui import layout, names, state, words
from pages.ui.tradeoff import charts
from pages.ui.tradeoff.inputs import PlotView
from pages.ui.tradeoff.shown import Shown, points
from pages.ui.tradeoff.trials import changed_settings, near, undominated
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import Run
from recsys.tradeoff.result import RATING_METRIC, RETRIEVAL_METRIC, SHARING_NAMES, sentences


def say(shown: Shown, view: PlotView) -> None:
    """Say what the ratio costs each task, a sentence for each front, and what a search found."""
    retrieval, rating = _tasks(view)
    by_sharing = sentences(
        shown.found, retrieval, rating, lambda own: points(own, view.part, retrieval, rating)
    )
    for sharing, text in by_sharing.items():
        if {retrieval, rating} != {view.x, view.y}:
            text = f"In {words.label(retrieval)} and {words.label(rating)}: {text}"
        several = len(by_sharing) > 1
        name = f"**{SHARING_NAMES[sharing].capitalize()}.** " if several else "#### "
        st.markdown(f"{name}{text}", help=words.explain("cost"))
    if text := _search_words(shown.rows, view):
        st.markdown(f"**Search.** {text}")


def _search_words(rows: list[dict[str, Any]], view: PlotView) -> str:
    """Say what a search found, and how it compares with the sweep; "" without trials."""
    by_kind: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for row in rows:
        if "x" in row and "y" in row:
            by_kind[row["kind"] == charts.SEARCH].append(row)
    tried, swept = by_kind[True], by_kind[False]
    if not tried:
        return ""
    text = f"{len(tried)} {'trial' if len(tried) == 1 else 'trials'}"
    swept = swept if len(swept) > 1 else []  # a single ratio is no sweep
    if swept:
        text += _undominated_words(undominated(rows, view.x, view.y), len(tried))
    bests = []
    for metric, axis in {view.y: "y", view.x: "x"}.items():  # once, if they are the same
        best = METRICS[metric].best
        value = f"{words.label(metric)} {best(row[axis] for row in tried):.3f}"
        if swept:
            value += f" (sweep {best(row[axis] for row in swept):.3f})"
        bests.append(value)
    text += f". Best {' and '.join(bests)}."
    if view.part == "validation":
        text += (
            " These were chosen on validation, so they are optimistic: check them on the holdout."
        )
    return text


def _undominated_words(n: int, trials: int) -> str:
    """Say how many of the trials no ratio of the sweep dominates."""
    if n == 0:
        return ", each of them dominated by a ratio of the sweep or equal to one"
    if n == trials:
        return ", none of them dominated by a ratio of the sweep"
    return f", {n} of them not dominated by any ratio of the sweep"


def _tasks(view: PlotView) -> tuple[str, str]:
    """Return the retrieval and the rating metric of the plot, or the usual one of a task."""
    by_task = {METRICS[metric].task: metric for metric in (view.x, view.y)}
    return by_task.get("retrieval", RETRIEVAL_METRIC), by_task.get("rating", RATING_METRIC)


def plot(shown: Shown, view: PlotView) -> None:
    """Draw the points and their Pareto fronts; a click on a point selects its run on every page."""
    selected = state.selected(state.RUN)
    rows = near(shown.rows, selected)
    if not rows:
        layout.empty_state(
            "No ratio is trained yet. Train the sweep: each run appears here as soon as it is done."
        )
        return
    baselines = _baselines(shown.runs[0], view)
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
        alt_text=f"Scatter plot of {len(rows)} settings of the weights: {words.label(view.x)} "
        f"against {words.label(view.y)}, better is up and right, with the Pareto front",
        **options,
    )
    far = len(shown.rows) - len(rows)
    st.caption(_legend(rows, baselines, view, far), help=words.explain("front"))


def _select(key: str) -> None:
    for point in st.session_state[key]["selection"].get(charts.PICK, []):
        state.select(state.RUN, point["run_id"])


def _legend(
    rows: list[dict[str, Any]], baselines: list[dict[str, Any]], view: PlotView, far: int
) -> str:
    notes = [
        "Each point is one ratio, retrieval : rating. Line: the Pareto front. Faded: dominated by "
        "another ratio. Click a point to see its run."
    ]
    if any(row["seeds"] > 1 for row in rows):
        notes.append("Bars: one standard deviation over the seeds.")
    else:
        notes.append("One seed cannot show how much is chance: choose more seeds for error bars.")
    if any(row["kind"] == charts.SEARCH for row in rows):
        notes.append("Crosses: trials with other settings, with a Pareto front of their own.")
    outside = [f"{far} dominated {'trial' if far == 1 else 'trials'}"] if far else []
    if baselines and not view.baselines:
        outside += [
            f"{row['label']} {words.label(view.x if 'x' in row else view.y)} "
            f"{row.get('x', row.get('y')):.3f}"
            for row in baselines
        ]
    if outside:
        notes.append(f"Outside the plot: {', '.join(outside)}.")
    return " ".join(notes)


def _baselines(run: Run, view: PlotView) -> list[dict[str, Any]]:
    """Return `{label, x}` or `{label, y}` of each baseline that has one of the metrics."""
    return [
        {"label": words.label(name).lower(), axis: metrics[view.part][metric]}
        for name, metrics in run.baselines.items()
        for axis, metric in (("x", view.x), ("y", view.y))
        if metric in metrics.get(view.part, {})
    ]


def chosen_run(shown: Shown, view: PlotView) -> None:
    """Show the run that was clicked, with links to it on the other pages."""
    run = {run.run_id: run for run in shown.runs}.get(state.selected(state.RUN) or "")
    if run is None:
        return
    st.subheader(names.as_typed(names.run_name(run)), anchor=False)
    is_trial = run in shown.trials
    if is_trial:
        st.caption(f"Its settings: {', '.join(changed_settings(run.config, shown.base))}.")
    st.caption(f"Measured on the {view.part} part.")
    values = run.metrics.get(view.part, {})
    learnt = [term for term in words.HEADLINE_METRICS if run.learns(METRICS[term].task)]
    layout.metric_row([layout.Metric(term, values.get(term)) for term in learnt])
    with st.container(horizontal=True, gap="medium"):
        params = state.link_params(run=run.run_id)
        st.page_link(
            "pages/1_Train.py", label="Curves", icon=":material/tune:", query_params=params
        )
        st.page_link(
            "pages/4_Recommend.py",
            label="Recommendations",
            icon=":material/movie:",
            query_params=params,
        )
        front = [row["run_id"] for row in shown.rows if row["front"] or row["run_id"] == run.run_id]
        st.page_link(
            "pages/3_Compare.py",
            label="Compare the Pareto front",
            icon=":material/compare_arrows:",
            query_params=state.link_params(run=run.run_id, runs=",".join(front)),
        )

        if is_trial:
            st.page_link(
                "pages/2_Trade-off.py",
                label="Sweep these settings",
                icon=":material/balance:",
                query_params=state.link_params(
                    run=run.run_id, base=run.run_id, sharing=run.config.sharing
                ),
            )
