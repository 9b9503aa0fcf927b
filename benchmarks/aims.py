"""Targets for Duet on the five splits, and whether it meets them."""

from typing import Any, NamedTuple

from benchmarks.systems import DUET
from recsys.evaluation.metrics import METRICS

Row = dict[str, Any]


class Aim(NamedTuple):
    """A required and a desired bound of a figure, as "≤ number" or "≥ number"."""

    label: str
    key: str
    must: str
    goal: str


AIMS = (
    Aim("RMSE, stars", "rmse", "≤ 0.900", "≤ 0.885"),
    Aim("NDCG@20", "ndcg@20", "≥ 0.440", "≥ 0.455"),
    Aim("Recall@20", "recall@20", "≥ 0.362", "≥ 0.372"),
    Aim("Top-100 accuracy", "top_k_accuracy@100", "≥ 0.630", "≥ 0.650"),
)


def judged(bound: str, value: float | str) -> str:
    """Return the bound and "met" or "missed". A value that is not a number misses it."""
    sign, number = bound.split()
    met = not isinstance(value, str) and (
        value <= float(number) if sign == "≤" else value >= float(number)
    )
    return f"{bound}: {'met' if met else 'missed'}"


def aim_rows(rows: list[Row], differences: list[Row]) -> list[Row]:
    """Return for each target Duet's figure, whether it is met, and the best other system.

    The best other system has the best mean of all systems but Duet and its single-task variants.

    Args:
        rows: the figures of each system.
        differences: Duet minus each other system, with intervals.
    """
    figures = {row["system"]: row for row in rows}
    return [_aim_row(aim, figures, differences) for aim in AIMS if DUET in figures]


def difference_to(other: str, metric: str, differences: list[Row]) -> str | None:
    """Return Duet minus the other system as "difference [low, high]", None if not measured."""
    for row in differences:
        if row["other"] == other and row["metric"] == metric:
            return f"{row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]"
    return None


def _aim_row(aim: Aim, figures: dict[str, Row], differences: list[Row]) -> Row:
    value = figures[DUET][aim.key]
    row = {
        "figure": aim.label,
        "duet": value,
        "must": judged(aim.must, value),
        "goal": judged(aim.goal, value),
    }
    best = best_other(aim.key, figures)
    if best:
        row["other"] = f"{best} {figures[best][aim.key]:.4f}"
        row["difference"] = difference_to(best, aim.key, differences)
    return row


def best_other(metric: str, figures: dict[str, Row]) -> str | None:
    """Return the system with the best figure, of all but Duet and its variants."""
    others = {
        name: row[metric]
        for name, row in figures.items()
        if not name.startswith(DUET) and metric in row
    }
    choose = max if METRICS[metric].higher_is_better else min
    return choose(others, key=lambda name: others[name], default=None)
