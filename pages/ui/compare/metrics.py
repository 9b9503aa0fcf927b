"""The rows of the metrics on the Compare page: figures, differences and verdicts."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pages.ui import words
from pages.ui.compare.units import Unit
from pages.ui.names import as_typed
from pages.ui.tables import best_value, shown_value
from recsys.comparison import BETTER, NOT_DISTINGUISHABLE, WORSE, Compared

Comparisons = Mapping[tuple[str, str], Compared]  # (unit id, metric) -> how it stands to the pinned
MARKS = {BETTER: "▲", WORSE: "▼", NOT_DISTINGUISHABLE: "≈"}
CHANCE = "chance"  # a figure of a task that was not trained
VERDICTS = {BETTER: "Better", WORSE: "Worse", NOT_DISTINGUISHABLE: "Not distinguishable"}


def metric_rows(
    units: Sequence[Unit],
    part: str,
    names: Sequence[str],
    pinned: Unit | None = None,
    compared: Comparisons | None = None,
) -> pd.DataFrame:
    """Return every metric of every unit, and how it stands to the pinned one.

    Args:
        units: What is compared.
        part: `holdout` or `validation`.
        names: Metrics, as in `recsys.metrics.METRICS`.
        pinned: What differences are taken to; None: the best of each metric.
        compared: How the others stand to the pinned one.

    Returns:
        One row for each metric (that any unit has) and unit: `metric`, `unit_id`, `label`, `value`
        and `spread` (over seeds, else NaN), `difference` (as shown; NaN where one is missing) and
        `verdict`: `better`, `worse` or `not distinguishable` than the pinned one, or, where
        nothing is pinned, `best` and `behind`; `chance` where the metric's task was not trained;
        "" where there is nothing to say.
    """
    rows = []
    for name in names:
        values = {unit.unit_id: unit.mean(part, name) for unit in units}
        # What was not trained has figures of chance: it may be novel, and is not the best.
        trained = [values[unit.unit_id] for unit in units if unit.is_trained_for(name)]
        best = best_value(name, [value for value in trained if value is not None])
        if all(value is None for value in values.values()):
            continue
        against = pinned.mean(part, name) if pinned else best
        alone = sum(value is not None for value in trained) == 1
        for unit in units:
            value = values[unit.unit_id]
            difference, verdict = math.nan, ""
            counts = (
                value is not None
                and against is not None
                and unit.is_trained_for(name)
                and not alone
            )
            if counts and value is not None and against is not None:
                difference = shown_value(name, value) - shown_value(name, against)
                verdict = "behind" if round(difference, 9) else "best"
            if counts and pinned:
                found = (compared or {}).get((unit.unit_id, name))
                verdict = found.verdict if found else ""
            if value is not None and not unit.is_trained_for(name):
                verdict = CHANCE
            spread = unit.deviation(part, name)
            rows.append(
                {
                    "metric": name,
                    "unit_id": unit.unit_id,
                    "label": unit.label,
                    "value": math.nan if value is None else value,
                    "spread": math.nan if spread is None else spread,
                    "difference": difference,
                    "verdict": verdict,
                }
            )
    columns = ["metric", "unit_id", "label", "value", "spread", "difference", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def metric_table(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (text, verdicts): `metric_rows` as tables of unit x metric, for the page."""
    texts = rows.assign(text=[_metric_text(row) for row in rows.to_dict("records")])
    names, labels = (list(dict.fromkeys(rows[column])) for column in ("metric", "label"))
    text, verdicts = (
        texts.pivot(index="label", columns="metric", values=values).loc[labels, names]
        for values in ("text", "verdict")
    )
    return text, verdicts


def _metric_text(row: dict[str, Any]) -> str:
    decimals = words.word(row["metric"]).decimals
    if math.isnan(row["value"]):
        return words.NOTHING
    text = f"{row['value']:.{decimals}f}"
    if not math.isnan(row["spread"]):
        text += f" ± {row['spread']:.{decimals}f}"
    if row["verdict"] == "best":
        return f"{text}  (best)"
    if row["verdict"] not in ("", CHANCE):
        mark = MARKS.get(row["verdict"], "")
        text += f"  ({row['difference']:+.{decimals}f}{f' {mark}' if mark else ''})"
    return text.replace("-", "−")


def verdict_rows(
    units: Sequence[Unit], pinned: Unit, names: Sequence[str], compared: Comparisons
) -> pd.DataFrame:
    """Return one row a unit: in which metrics it is better, worse and not distinguishable."""
    rows = []
    for unit in units:
        if unit.unit_id == pinned.unit_id:
            continue
        found = {name: compared.get((unit.unit_id, name)) for name in names}
        told = {
            title: ", ".join(
                words.label(n) for n, one in found.items() if one and one.verdict == verdict
            )
            for verdict, title in VERDICTS.items()
        }
        if any(told.values()):
            rows.append(
                {"Run": as_typed(unit.label)}
                | {title: text or words.NOTHING for title, text in told.items()}
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
            "difference": found.difference.difference,
            "low": found.difference.low,
            "high": found.difference.high,
            "verdict": found.verdict,
        }
        for name in names
        for unit in units
        if (found := compared.get((unit.unit_id, name)))
    ]
