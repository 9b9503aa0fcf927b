"""The point that was clicked: its ratio, its figures, and links to its run on the other pages."""

import streamlit as st

from pages.ui import layout, names, state, words
from pages.ui.basis import basis
from pages.ui.tradeoff.inputs import PlotView
from pages.ui.tradeoff.panels import chosen_point
from pages.ui.tradeoff.shown import Shown
from pages.ui.tradeoff.trials import changed_settings
from recsys.evaluation.metrics import METRICS
from recsys.ratio import position_name, ratio_name
from recsys.runs.names import SHARING_NAMES, run_name
from recsys.runs.records import LinePoint, Run
from recsys.tradeoff.result import Ratio


def show(shown: Shown, view: PlotView) -> None:
    """Show the chosen point, or how to choose one."""
    chosen = chosen_point()
    run = {run.run_id: run for run in shown.runs}.get(chosen.run_id) if chosen else None
    if chosen is None or run is None:
        if shown.runs:
            st.caption("Click a ratio in the plot: its figures appear here.")
        return
    place = _place(run, chosen.at)
    sharing = SHARING_NAMES[run.config.sharing or ""]
    ratio = position_name(place.position) if place else ratio_name(run.config)
    st.markdown(f"**{ratio}**, {sharing}  \n:small[{_origin(run, shown)}]")
    values = (place.metrics if place else run.metrics).get(view.part, {})
    st.caption(f"On {basis(shown.base, view.part)}.")
    terms = dict.fromkeys([view.y, view.x, *words.HEADLINE_METRICS])
    known = [term for term in terms if run.learns(METRICS[term].task) and term in values]
    with st.container(gap="small"):
        layout.metric_row([layout.Metric(term, values[term]) for term in known[:2]], border=False)
    others = [f"{words.label(term)} {words.number(term, values[term])}" for term in known[2:4]]
    alone = [
        f"{words.label(term)} {words.number(term, value)}"
        for term in known[:2]
        if (value := _alone(shown, run, view, term)) is not None
    ]
    if others:
        st.caption(" · ".join(others))
    if alone and len(known) > 1:
        st.caption(f"Trained alone: {' · '.join(alone)}")
    _links(run, shown, at=f"{place.position:g}" if place else None)


def _place(run: Run, at: str) -> LinePoint | None:
    """Return the place of a line that the URL names; that of equal weights if it names none."""
    asked = {f"{point.position:g}": point for point in run.line}
    return asked.get(at) or asked.get("0.5")


def _origin(run: Run, shown: Shown) -> str:
    """Say how the point was trained."""
    if run.line:
        return "one training for all ratios"
    if run in shown.trials:
        return (
            f"trial with {', '.join(map(names.as_typed, changed_settings(run.config, shown.base)))}"
        )
    ratio = next(one for one in shown.found if run in one.members)
    n = len(ratio.members)
    seeds = f"; seed {run.config.seed} of {n} seeds" if n > 1 else ""
    return f"{names.as_typed(run_name(run))}, a single training{seeds}"


def _alone(shown: Shown, run: Run, view: PlotView, metric: str) -> float | None:
    """Return a metric of its task trained alone, with the same sharing; None if not known."""

    def is_alone(one: Ratio) -> bool:
        learnt = [task for task in ("retrieval", "rating") if one.learns(task)]
        return one.sharing == (run.config.sharing or "") and learnt == [METRICS[metric].task]

    end = next((one for one in shown.found if is_alone(one)), None)
    return end.trained_mean(view.part, metric) if end else None


def _links(run: Run, shown: Shown, at: str | None) -> None:
    params = state.link_params(run=run.run_id)
    front = [row["run_id"] for row in shown.rows if row["front"] or row["run_id"] == run.run_id]
    with st.container(horizontal=True, gap="small"):
        st.page_link(
            "pages/1_Train.py",
            label="Curves",
            icon=":material/tune:",
            query_params=params | state.link_params(at=at),
        )
        st.page_link(
            "pages/4_Recommend.py",
            label="Recommendations",
            icon=":material/movie:",
            query_params=params | state.link_params(at=at),
        )
        if len(front) > 1 and not run.line:
            st.page_link(
                "pages/3_Compare.py",
                label="Compare the front",
                icon=":material/compare_arrows:",
                query_params=state.link_params(run=run.run_id, runs=",".join(front)),
            )
        if run in shown.trials:
            st.page_link(
                "pages/2_Trade-off.py",
                label="Sweep these settings",
                icon=":material/balance:",
                query_params=state.link_params(
                    run=run.run_id, base=run.run_id, sharing=run.config.sharing
                ),
            )
