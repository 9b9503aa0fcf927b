"""How the two tasks share the training, over a whole sweep: losses and gradients by the ratio."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

import streamlit as st

from pages.ui.charts.gradients import powers, reach
from pages.ui.charts.theme import TASKS, Rows
from pages.ui.panels import Panel, draw_panels
from pages.ui.tradeoff import ratio_charts
from pages.ui.tradeoff.ratio_scale import ends_of, place
from pages.ui.tradeoff.shown import Shown
from recsys.ratio import position_name
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import Run
from recsys.tradeoff.result import Ratio


def show_cosine(shown: Shown) -> None:
    """Draw the cosine of the gradients by the ratio: why a task pays for the other, or does not."""
    if panel := cosine_panel(shown.found, shown.lines):
        draw_panels("tradeoff", [panel], columns=1)


def show(ratios: Sequence[Ratio]) -> None:
    """Draw the shares of the loss and the gradient norms of single trainings, by the ratio."""
    shown = panels(ratios)
    if not shown:
        return
    st.subheader("How the tasks share the training", anchor=False)
    draw_panels("tradeoff", shown, columns=len(shown))
    st.caption("Averaged over epochs and seeds. For the curves of a run, click its point above.")


def cosine_panel(ratios: Sequence[Ratio], lines: Sequence[Run] = ()) -> Panel | None:
    """Return the chart of the cosines, None if there are none."""
    rows, ends = _placed(cosine_rows(ratios, lines))
    if not rows:
        return None
    return Panel(
        "gradient_cosine",
        rows,
        ratio_charts.cosine_chart,
        (ends, ratio_charts.ways(rows), reach(rows)),
        "Line chart: cosine of the tasks' gradients, by the ratio of the weights",
    )


def panels(ratios: Sequence[Ratio]) -> list[Panel]:
    """Return the other charts that have something to show."""
    (shares, share_ends), (norms, norm_ends) = (
        _placed(rows) for rows in (share_rows(ratios), norm_rows(ratios))
    )
    possible = [
        Panel(
            "loss_share",
            shares,
            ratio_charts.share_chart,
            (share_ends, ratio_charts.ways(shares)),
            "Line chart: each task's share of the total loss, by the ratio of the weights",
        ),
        Panel(
            "gradient_norm",
            norms,
            ratio_charts.norm_chart,
            (norm_ends, ratio_charts.ways(norms), powers(norms)),
            "Line chart: each task's gradient norm on the shared embeddings, by the ratio of the "
            "weights",
        ),
    ]
    return [panel for panel in possible if panel.rows]


def share_rows(ratios: Sequence[Ratio]) -> Rows:
    """Return a row for each task of each ratio that trains both: its share of the loss, 0-1.

    Rows of this and the next two hold `position`, `weights`, `sharing` (in words) and `value`, a
    mean over epochs and seeds; those by task hold `task`.
    """
    rows = []
    for ratio in ratios:
        both = ratio.learns("retrieval") and ratio.learns("rating")
        if both and (shares := _values(ratio, "retrieval_share")):
            share = mean(shares)
            rows += [
                _row(ratio, value, task=task)
                for task, value in (("retrieval", share), ("rating", 1 - share))
            ]
    return rows


def norm_rows(ratios: Sequence[Ratio]) -> Rows:
    """Return a row for each task of each ratio: its gradient norm on the shared embeddings."""
    return [
        _row(ratio, mean(norms), task=task)
        for ratio in ratios
        for task in TASKS
        if (norms := _values(ratio, f"{task}_gradient_norm"))
    ]


def cosine_rows(ratios: Sequence[Ratio], lines: Sequence[Run] = ()) -> Rows:
    """Return a row for each ratio: the cosine of the two gradients.

    It is that of the line, where the way of sharing has one. Of single trainings it is the mean
    over the second half of the epochs: in the first steps, when little is learnt, the gradients of
    all models agree.
    """
    rows: Rows = [
        {
            "position": point.position,
            "weights": position_name(point.position),
            "sharing": SHARING_NAMES[line.config.sharing or ""],
            "value": point.gradient_cosine,
        }
        for line in lines
        for point in line.line
        if point.gradient_cosine is not None
    ]
    known = {row["sharing"] for row in rows}
    return rows + [
        _row(ratio, mean(cosines))
        for ratio in ratios
        if SHARING_NAMES[ratio.sharing] not in known
        and (cosines := _values(ratio, "gradient_cosine", late=True))
    ]


def _row(ratio: Ratio, value: float, **more: str) -> dict[str, Any]:
    common = {
        "position": ratio.position,
        "weights": ratio.name,
        "sharing": SHARING_NAMES[ratio.sharing],
    }
    return {**common, "value": value, **more}


def _values(ratio: Ratio, field: str, *, late: bool = False) -> list[float]:
    values = []
    for run in ratio.members:
        records = run.history[len(run.history) // 2 :] if late else run.history
        values += [getattr(record, field) for record in records]
    return [value for value in values if value is not None]


def _placed(rows: Rows) -> tuple[Rows, tuple[float, float]]:
    """Return the rows with `place`, where the ratio stands on the axis; and the axis's two ends."""
    ends = ends_of(row["position"] for row in rows)
    placed = [
        {name: value for name, value in row.items() if name != "position"}
        | {"place": place(row["position"], ends)}
        for row in rows
    ]
    return placed, ends
