"""The rows of the metrics on the Compare page: figures, differences and verdicts."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pages.ui import words
from pages.ui.compare.units import Unit
from pages.ui.names import as_typed
from pages.ui.tables import best_value, shown_value
from recsys.evaluation.comparison import BETTER, NOT_DISTINGUISHABLE, WORSE, Compared

Comparisons = Mapping[tuple[str, str], Compared]  # (unit id, metric) -> compared with the pinned
MARKS = {BETTER: "▲", WORSE: "▼", NOT_DISTINGUISHABLE: "≈"}
VERDICTS = {BETTER: "Better", WORSE: "Worse", NOT_DISTINGUISHABLE: "Not distinguishable"}
# Verdicts where no run is pinned.
BEST, BEHIND = "best", "behind"
NO_VERDICT = ""
COLUMNS = ["metric", "unit_id", "label", "value", "spread", "difference", "verdict"]


def metric_rows(
    units: Sequence[Unit],
    part: str,
    names: Sequence[str],
    pinned: Unit | None = None,
    compared: Comparisons | None = None,
) -> pd.DataFrame:
    """Return every metric of every unit, with its difference to the pinned unit or to the best.

    Args:
        units: What is compared.
        part: `holdout` or `validation`.
        names: Metrics, as in `recsys.evaluation.metrics.METRICS`.
        pinned: The unit that differences are taken to; None: the best unit of each metric.
        compared: The comparisons of the others with the pinned unit.

    Returns:
        One row for each unit and each metric that any unit was trained for and has: `metric`,
        `unit_id`, `label`, `value`, `spread` (standard deviation over seeds, else NaN),
        `difference` (of the values as shown; NaN where there is nothing to compare with) and
        `verdict`: `better`, `worse` or `not distinguishable` where a unit is pinned, else `best` or
        `behind`; "" for none. A unit that was not trained for a metric has no value of it.
    """
    rows = [
        row
        for name in names
        if any(unit.trained_values(part, name) for unit in units)
        for row in _rows_of_metric(units, part, name, pinned, compared or {})
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows_of_metric(
    units: Sequence[Unit], part: str, name: str, pinned: Unit | None, compared: Comparisons
) -> list[dict[str, Any]]:
    reference = _reference(units, part, name, pinned)
    rows = []
    for unit in units:
        value = unit.trained_mean(part, name)
        difference = _difference(unit, part, name, reference)
        rows.append(
            {
                "metric": name,
                "unit_id": unit.unit_id,
                "label": unit.label,
                "value": _or_nan(value),
                "spread": _or_nan(unit.deviation(part, name) if value is not None else None),
                "difference": difference,
                "verdict": _verdict(difference, pinned, compared.get((unit.unit_id, name))),
            }
        )
    return rows


def _reference(units: Sequence[Unit], part: str, name: str, pinned: Unit | None) -> float | None:
    """Return the value that differences are taken to; None if there is nothing to compare."""
    means = [unit.trained_mean(part, name) for unit in units]
    values = [value for value in means if value is not None]
    if len(values) < 2:
        return None
    return pinned.trained_mean(part, name) if pinned else best_value(name, values)


def _difference(unit: Unit, part: str, name: str, reference: float | None) -> float:
    value = unit.trained_mean(part, name)
    if value is None or reference is None:
        return math.nan
    # Of the values as shown, and without the noise of subtracting decimals.
    return round(shown_value(name, value) - shown_value(name, reference), 9)


def _verdict(
    difference: float,
    pinned: Unit | None,
    compared: Compared | None,
) -> str:
    if math.isnan(difference):
        return NO_VERDICT
    if pinned:
        return compared.verdict if compared else NO_VERDICT
    return BEHIND if difference else BEST


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def metric_table(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (texts, verdicts) of `metric_rows`: two tables of unit x metric, for the page."""
    texts = rows.assign(text=[_metric_text(row) for row in rows.to_dict("records")])
    names, labels = (list(dict.fromkeys(rows[column])) for column in ("metric", "label"))
    text, verdicts = (
        texts.pivot(index="label", columns="metric", values=values).loc[labels, names]
        for values in ("text", "verdict")
    )
    return text, verdicts


def _metric_text(row: Mapping[Any, Any]) -> str:
    decimals = words.word(row["metric"]).decimals
    if math.isnan(row["value"]):
        return words.NOTHING
    text = f"{row['value']:.{decimals}f}"
    if not math.isnan(row["spread"]):
        text += f" ± {row['spread']:.{decimals}f}"
    if row["verdict"] == BEST:
        return f"{text}  (best)"
    if row["verdict"] != NO_VERDICT:
        mark = MARKS.get(row["verdict"], "")
        text += f"  ({words.signed(row['difference'], decimals)}{f' {mark}' if mark else ''})"
    return text.replace("-", "−")


def verdict_rows(
    units: Sequence[Unit], pinned: Unit, names: Sequence[str], compared: Comparisons
) -> pd.DataFrame:
    """Return one row a unit: in which metrics it is better, worse and not distinguishable.

    The cells are Markdown.
    """
    rows = []
    for unit in units:
        if unit.unit_id == pinned.unit_id:
            continue
        verdicts = {
            n: compared[unit.unit_id, n].verdict for n in names if (unit.unit_id, n) in compared
        }
        if verdicts:
            cells = {
                title: ", ".join(words.label(n) for n, own in verdicts.items() if own == verdict)
                for verdict, title in VERDICTS.items()
            }
            rows.append(
                {"Run": as_typed(unit.label)}
                | {title: text or words.NOTHING for title, text in cells.items()}
            )
    return pd.DataFrame(rows, columns=["Run", *VERDICTS.values()])


def difference_rows(
    units: Sequence[Unit], names: Sequence[str], compared: Comparisons
) -> list[dict[str, Any]]:
    """Return every difference with its interval: one row a metric and unit, for charts and files.

    Rows hold `metric`, `unit_id`, `unit` (label), `difference`, `low`, `high` and `verdict`.
    """
    return [
        {
            "metric": name,
            "unit_id": unit.unit_id,
            "unit": unit.label,
            "difference": comparison.difference.difference,
            "low": comparison.difference.low,
            "high": comparison.difference.high,
            "verdict": comparison.verdict,
        }
        for name in names
        for unit in units
        if (comparison := compared.get((unit.unit_id, name)))
    ]
