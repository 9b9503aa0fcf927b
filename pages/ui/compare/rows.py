"""Entries (runs and baselines) and the rows of their tables. Nothing is drawn here."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pages.ui import words
from pages.ui.names import as_typed, setting_text
from recsys.config import PRESETS, RunConfig, differing_fields
from recsys.evaluation.evaluate import Part
from recsys.evaluation.metrics import BEYOND_ACCURACY, METRICS
from recsys.ratio import ratio_name
from recsys.runs.names import config_name
from recsys.runs.records import Run
from recsys.spreadsheet import inert_csv

PARTS: tuple[Part, ...] = ("holdout", "validation")
METRIC_CURVES = ("rmse", "top_k_accuracy@100", "recall@20", "ndcg@20")
LOSS_CURVES = ("retrieval_loss", "rating_loss", "total_loss")
MAIN_METRICS = (
    "rmse",
    "mae",
    "top_k_accuracy@100",
    "recall@20",
    "ndcg@20",
    "mrr",
)
LIKED = ("ndcg_liked@20", "disappointments@20")
METRIC_SETS = {
    "accuracy": MAIN_METRICS,
    "beyond accuracy": (*LIKED, *BEYOND_ACCURACY),
    "all": tuple(METRICS),
}


@dataclass(frozen=True)
class Entry:
    """A run or a baseline.

    Attributes:
        entry_id: The run's id; of a baseline, its name with hyphens.
        label: Shown on the page; no two entries share one.
        metrics: Part to metric to value.
        run: None for a baseline.
    """

    entry_id: str
    label: str
    metrics: dict[str, dict[str, float]] = field(repr=False)
    run: Run | None = field(default=None, repr=False)

    def metric(self, part: str, name: str) -> float | None:
        """Return a metric's value, or None where the entry does not have it."""
        return self.metrics.get(part, {}).get(name)

    def trained_metric(self, part: str, name: str) -> float | None:
        """Return a metric's value, or None where its task was not trained: it would be chance."""
        return self.metric(part, name) if self.learns(METRICS[name].task) else None

    def learns(self, task: str) -> bool:
        """Return whether a task was trained; a baseline has metrics of its own task only."""
        return self.run is None or self.run.learns(task)


def baseline_id(name: str) -> str:
    """Return the id of a baseline for the URL: `most popular` is `most-popular`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def make_entries(runs: Sequence[Run], labels: dict[str, str]) -> list[Entry]:
    """Return the runs in their order, then the baselines of the testbed that they share."""
    baselines = {name: values for run in reversed(runs) for name, values in run.baselines.items()}
    entries = [Entry(run.run_id, labels[run.run_id], run.metrics, run) for run in runs]
    return entries + baseline_entries(baselines, taken={entry.label for entry in entries})


def baseline_entries(
    metrics: Mapping[str, dict[str, dict[str, float]]], taken: Collection[str] = ()
) -> list[Entry]:
    """Return the baselines of `{baseline: {part: metrics}}`; a taken label gets a suffix."""
    entries = []
    for name, values in metrics.items():
        label = words.label(name) if name in words.WORDS else name
        label = f"{label} (baseline)" if label in taken else label
        entries.append(Entry(baseline_id(name), label, values))
    return entries


def default_selection(entries: Sequence[Entry], runs: int = 3) -> list[str]:
    """Return the ids that are selected on a first visit, in the order of `entries`.

    These are the newest runs, the first run of each preset, and the baselines. Stopped runs are
    left out: their poor figures would stretch the axis of every chart.
    """
    finished = [entry for entry in entries if entry.run and entry.run.status == "finished"]
    # The lab trains the presets before anything else, so the oldest of a name is the preset.
    oldest = {config_name(e.run.config): e.entry_id for e in finished if e.run}
    chosen = {entry.entry_id for entry in finished[:runs]}
    chosen |= {oldest[name] for name in PRESETS if name in oldest}
    return [e.entry_id for e in entries if not e.run or e.entry_id in chosen]


def untrained_note(entries: Sequence[Entry]) -> str:
    """Return which entries were trained with a task of weight 0, as Markdown; "" if none was."""
    sentences = []
    for task in ("retrieval", "rating"):
        labels = [as_typed(e.label) for e in entries if e.run and not e.run.learns(task)]
        if labels:
            metrics = f"No {task} metrics of {', '.join(labels)}"
            sentences.append(f"{metrics}: weight 0, so {task} was not trained.")
    return " ".join(sentences)


def parts(entries: Sequence[Entry]) -> list[Part]:
    """Return the parts that any of these was measured on, holdout first."""
    return [part for part in PARTS if any(entry.metrics.get(part) for entry in entries)]


def table_rows(entries: Sequence[Entry], part: str) -> pd.DataFrame:
    """Return the table of runs: one row for each entry, in their order."""
    rows = [_table_row(entry, part) for entry in entries]
    table = pd.DataFrame(rows, columns=list(_table_row(Entry("", "", {}), part)))
    table["created"] = pd.to_datetime(table["created"], utc=True, errors="coerce")
    numbers = ["seconds", *words.HEADLINE_METRICS]
    return table.astype(dict.fromkeys(numbers, "float64"))


def _table_row(entry: Entry, part: str) -> dict[str, Any]:
    run = entry.run
    config = run.config if run else None
    return {
        "name": entry.label,
        **{name: entry.trained_metric(part, name) for name in words.HEADLINE_METRICS},
        "weights": ratio_name(config) if config else "",
        "architecture": config.architecture if config else "baseline",
        "status": _status(run) if run else "",
        "created": run.created if run else None,
        "seconds": run.seconds.get("total") if run else None,
    }


def _status(run: Run) -> str:
    if run.status == "stopped":
        return f"stopped, epoch {len(run.history)}" if run.history else "stopped, no epoch"
    return run.status


def config_differences(entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the config fields that differ, as text: one row a run, one column a field."""
    runs = [entry for entry in entries if entry.run]
    configs = [entry.run.config for entry in runs if entry.run]
    fields = differing_fields(configs)
    rows = [[setting_text(name, getattr(config, name)) for name in fields] for config in configs]
    return pd.DataFrame(rows, columns=fields, index=[entry.label for entry in runs])


def config_rows(run: Run) -> pd.DataFrame:
    """Return one run's whole config: `field`, `value` and what the field means."""
    values = run.config.model_dump()
    meaning = {name: item.description or "" for name, item in RunConfig.model_fields.items()}
    rows = [(words.field_label(n), setting_text(n, v), meaning[n]) for n, v in values.items()]
    return pd.DataFrame(rows, columns=["field", "value", "meaning"])


def config_text(value: Any) -> str:
    """Return a config field's value as the URL holds it."""
    if value is None:
        return words.NOTHING
    return f"{value:g}" if isinstance(value, float) else str(value)


def csv_table(entries: Sequence[Entry]) -> str:
    """Return everything about the runs and the baselines as CSV: one row an entry."""
    table = pd.DataFrame([_csv_row(entry) for entry in entries])
    # Nullable types: a baseline's missing seed must not make the others' 0 a 0.0.
    return inert_csv(table.convert_dtypes())


def _csv_row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"id": entry.entry_id, "label": entry.label}
    if run := entry.run:
        row |= {
            "status": run.status,
            "created": run.created,
            "dataset": run.dataset,
            "data_fingerprint": run.fingerprint,
            "epochs_done": len(run.history),
            **{f"config.{name}": value for name, value in run.config.model_dump().items()},
            **{f"seconds.{name}": value for name, value in run.seconds.items()},
            "peak_rss_mb": run.peak_rss_mb,
        }
    else:
        row["status"] = "baseline"
    for part in PARTS:
        measured = entry.metrics.get(part, {})
        row |= {f"{part}.{name}": measured[name] for name in METRICS if name in measured}
    return row
