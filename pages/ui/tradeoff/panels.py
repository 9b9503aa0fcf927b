"""What the Trade-off page shows first: the sentence on the result, and the plot."""

from typing import Any

import streamlit as st

from pages.ui import layout, names, state, words
from pages.ui.basis import basis
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff import charts
from pages.ui.tradeoff.charts import Chosen
from pages.ui.tradeoff.inputs import PlotView
from pages.ui.tradeoff.shown import Shown, fronts, task_metrics
from pages.ui.tradeoff.trials import near, undominated
from recsys.counted import counted
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import Run
from recsys.tradeoff.sentence import details, headline


def say(shown: Shown, view: PlotView) -> None:
    """Say what the ratio gains and costs each task, in a sentence over all ways of sharing."""
    text = headline(fronts(shown, view))
    metrics = task_metrics(view)
    if set(metrics) != {view.x, view.y}:
        text = f"In {words.label(metrics[0])} and {words.label(metrics[1])}: {text}"
    st.markdown(f"#### {text}", help=words.explain("cost"))


def say_more(shown: Shown, view: PlotView) -> None:
    """Say it with its ratios and figures for each way of sharing, and what a search found."""
    known = [front for front in fronts(shown, view) if front.points]
    texts = [f"**{front.name.capitalize()}.** {details(front)}" for front in known]
    if text := _search_words(shown.rows, view):
        texts.append(f"**Search.** {text}")
    if texts:
        with st.expander("Where each task gains and loses", expanded=True):
            for text in texts:
                st.markdown(text)


def _search_words(rows: Rows, view: PlotView) -> str:
    """Say what a search found, and how it compares with the sweep; "" without trials."""
    by_kind: dict[bool, Rows] = {True: [], False: []}
    for row in rows:
        if "x" in row and "y" in row:
            by_kind[row["kind"] == charts.SEARCH].append(row)
    tried, swept = by_kind[True], by_kind[False]
    if not tried:
        return ""
    text = counted(len(tried), "trial")
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


def chosen_point() -> Chosen | None:
    """Return the point that the URL holds."""
    run = state.selected(state.RUN)
    return Chosen(run, state.selected(state.AT) or "") if run else None


def plot(shown: Shown, view: PlotView) -> None:
    """Draw the lines and points; a click on one selects its run on every page."""
    chosen = chosen_point()
    rows = near(shown.rows, chosen.run_id if chosen else None)
    if not rows and not shown.line_rows:
        layout.empty_state(
            "No ratio is trained yet. *Train all ratios* shows the whole front after one training "
            "for each way of sharing."
        )
        return
    baselines = _baselines(shown.runs[0], view)
    drawn = baselines if view.baselines else _within(baselines, [*rows, *shown.line_rows])
    key = f"{state.TRADEOFF_PLOT}.{chosen}"  # anew for each: a second click is a click as well
    options: dict[str, Any] = {}
    if shown.line_rows or any("x" in row and "y" in row for row in rows):
        options = {"on_select": lambda: _select(key), "selection_mode": charts.PICK}
    st.caption(
        f"**{names.as_typed(words.dataset_label(shown.base.data))}**, on "
        f"{basis(shown.base, view.part)}. "
        f"{_legend(rows, shown, view)}",
        help=words.explain("front"),
    )
    layout.chart(
        key,
        str((rows, shown.line_rows, drawn, view, chosen)),
        lambda: charts.tradeoff_chart(rows, drawn, view.x, view.y, chosen, shown.line_rows),
        alt_text=f"Scatter plot of {counted(len(rows) + len(shown.line_rows), 'ratio')}: "
        f"{words.label(view.x)} against {words.label(view.y)}, better is up and right",
        **options,
    )
    if notes := _outside([row for row in baselines if row not in drawn], view, shown, rows):
        st.caption(notes)


def _select(key: str) -> None:
    for point in st.session_state[key]["selection"].get(charts.PICK, []):
        state.select(state.RUN, point["run_id"])
        state.select(state.AT, point.get("at") or None)


def _legend(rows: Rows, shown: Shown, view: PlotView) -> str:
    points = any("x" in row and "y" in row for row in rows)
    notes = []
    if shown.line_rows:
        notes.append("Line: one training for all ratios.")
    elif shown.lines:
        metrics = ", ".join(words.label(m) for m in shown.lines[0].line[0].metrics[view.part])
        notes.append(f"Lines are measured only in {metrics}.")
    if points:
        notes.append("Large points: one training for each ratio; faded if another one dominates.")
    if any(row["seeds"] > 1 for row in rows):
        notes.append("Bars: one standard deviation over the seeds.")
    if any(row["kind"] == charts.SEARCH for row in rows):
        notes.append("Crosses: trials with other settings.")
    return " ".join([*notes, "Click a ratio to see its figures."])


def _outside(baselines: Rows, view: PlotView, shown: Shown, rows: Rows) -> str:
    far = len(shown.rows) - len(rows)
    outside = [counted(far, "dominated trial")] if far else []
    outside += [
        f"{row['label']} {words.label(view.x if 'x' in row else view.y)} "
        f"{row.get('x', row.get('y')):.3f}"
        for row in baselines
    ]
    return f"Outside the plot: {', '.join(outside)}." if outside else ""


def _within(baselines: Rows, rows: Rows) -> Rows:
    """Return the baselines that lie in the range of the points."""
    both = [row for row in rows if "x" in row and "y" in row]
    found = []
    for row in baselines:
        axis = "x" if "x" in row else "y"
        values = [one[axis] for one in both]
        if values and min(values) <= row[axis] <= max(values):
            found.append(row)
    return found


def _baselines(run: Run, view: PlotView) -> Rows:
    """Return `{label, x}` or `{label, y}` of each baseline that has one of the metrics."""
    return [
        {"label": words.label(name).lower(), axis: metrics[view.part][metric]}
        for name, metrics in run.baselines.items()
        for axis, metric in (("x", view.x), ("y", view.y))
        if metric in metrics.get(view.part, {})
    ]
