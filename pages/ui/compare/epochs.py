"""What stopping at the best epoch would have given, against the last epoch, which a run keeps."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pages.ui import words
from pages.ui.compare.charts.curves import best_epoch
from pages.ui.compare.rows import Entry
from pages.ui.compare.units import learns_curve


def epoch_rows(entries: Sequence[Entry], metrics: Sequence[str]) -> pd.DataFrame:
    """Return one row a run and metric that was trained for and measured on validation.

    The columns are `label`, `metric`, `best` and `last` (values), `best_epoch`, `last_epoch` and
    `lost`: by how much the last is worse, in the metric's unit, 0 where it is the best.
    """
    rows = []
    for entry in entries:
        history = entry.run.history if entry.run else ()
        for metric in metrics:
            values = {
                record.epoch: record.validation_metrics[metric]
                for record in history
                if metric in record.validation_metrics
            }
            best = best_epoch(history, metric)
            if best is None or not learns_curve(entry, metric):
                continue
            last = max(values)
            rows.append(
                {
                    "label": entry.label,
                    "metric": metric,
                    "best": values[best],
                    "last": values[last],
                    "best_epoch": best,
                    "last_epoch": last,
                    "lost": abs(values[last] - values[best]),
                }
            )
    columns = ["label", "metric", "best", "last", "best_epoch", "last_epoch", "lost"]
    return pd.DataFrame(rows, columns=columns)


def epoch_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return `epoch_rows` as text for the page: a row a run, a column a metric."""
    texts = rows.assign(text=[_text(row) for row in rows.to_dict("records")])
    names, labels = (list(dict.fromkeys(rows[column])) for column in ("metric", "label"))
    table = texts.pivot(index="label", columns="metric", values="text").loc[labels, names]
    return table.fillna(words.NOTHING)


def _text(row: dict[str, Any]) -> str:
    decimals = words.word(row["metric"]).decimals
    best, last = (f"{row[name]:.{decimals}f}" for name in ("best", "last"))
    if row["best_epoch"] == row["last_epoch"]:
        return f"{last}, the last is best"
    if best == last:
        return f"{last}, as good at {row['best_epoch']:.0f}"
    return f"{best} at {row['best_epoch']:.0f}, last {last}"
