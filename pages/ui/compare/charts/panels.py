"""Which charts of the Compare page stand on the board, in which rows, under which titles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pages.ui import words
from pages.ui.charts import theme
from pages.ui.charts.theme import Rows
from pages.ui.compare.charts import board, curves, differences, groups, scatter
from pages.ui.compare.charts.board import Board, Panel, Shared
from pages.ui.compare.rows import METRIC_CURVES
from recsys.evaluation.metrics import METRICS


class Grouping(NamedTuple):
    """Users by activity, or movies by popularity."""

    title: str
    axis: str
    metrics: tuple[str, ...]  # shown over it


GROUPINGS = {
    "activity": Grouping("user activity", "train ratings of the user", ("rmse", "ndcg@20")),
    "popularity": Grouping("movie popularity", "train ratings of the movie", ("rmse",)),
}


@dataclass(frozen=True)
class ChartRows:
    """The rows of every chart; those of a chart that is not drawn are empty.

    Attributes:
        scatter: of `scatter.scatter_rows`.
        differences: of `metrics.difference_rows`.
        curves: curve to the rows of `curves.curve_rows`.
        calibration: as `groups.calibration_chart` takes them.
        groups: (grouping, metric) to rows as `groups.group_chart` takes them.
    """

    scatter: Rows
    differences: Rows
    curves: Mapping[str, Rows]
    calibration: Rows
    groups: Mapping[tuple[str, str], Rows]


def make_board(rows: ChartRows, over: str, colours: Mapping[str, str], pinned: bool) -> Board:
    """Return all charts as one.

    What the rows say, such as which part they are of, stands in no title: other rows of the same
    runs change only the data.

    Args:
        rows: The rows of every chart.
        over: What curves run over, `epoch` or `seconds`.
        colours: The colour of each unit, by label.
        pinned: Whether the rows of differences and groups are differences to a pinned run.
    """
    shared = Shared()
    names = list(dict.fromkeys(row["metric"] for row in rows.differences))
    curve_panels = _curve_panels(rows.curves, over, shared)
    return Board(
        [
            [board.legend(colours, shared)],
            _first_row(rows, shared),
            differences.difference_panels(rows.differences, names, colours, shared),
            *(curve_panels[start : start + 2] for start in range(0, len(curve_panels), 2)),
            _group_panels(rows.groups, pinned, shared),
        ],
        shared.rows,
    )


def _first_row(rows: ChartRows, shared: Shared) -> list[Panel]:
    panels = [
        board.panel(
            scatter.scatter_chart(scatter.inside(rows.scatter), shared),
            theme.LARGE,
            "Both tasks at once",
            "Top-100 accuracy (up) and RMSE; better is up and right",
        )
    ]
    if rows.calibration:
        panels.append(
            board.panel(
                groups.calibration_chart(rows.calibration, shared, board.width(2)),
                theme.LARGE,
                "Calibration",
                "Given over predicted stars; the dashed line is ideal",
            )
        )
    return panels


def _curve_panels(rows: Mapping[str, Rows], over: str, shared: Shared) -> list[Panel]:
    panels = []
    for curve, values in rows.items():
        if values:
            title = words.label(curve) + (" on validation" if curve in METRIC_CURVES else "")
            cut = f"cut off above {curves.LOSS_CUT:g}; 1 is trivial"
            panels.append(
                board.panel(
                    curves.curve_chart(values, curve, over, shared, board.width(2)),
                    theme.MEDIUM,
                    title,
                    cut if curves.is_cut(values, curve) else "",
                )
            )
    return panels


def _group_panels(
    rows: Mapping[tuple[str, str], Rows], pinned: bool, shared: Shared
) -> list[Panel]:
    known = {which: values for which, values in rows.items() if values}
    panels = []
    for (grouping, metric), values in known.items():
        look = GROUPINGS[grouping]
        higher = METRICS[metric].higher_is_better
        subtitle = f"{'Higher' if higher else 'Lower'} is better"
        if pinned:
            side = "above" if higher else "below"
            subtitle = f"Difference to the pinned run: {side} 0 is better"
        panels.append(
            board.panel(
                groups.group_chart(values, look.axis, shared, board.width(len(known))),
                theme.MEDIUM,
                f"{words.label(metric)} by {look.title}",
                subtitle,
            )
        )
    return panels
