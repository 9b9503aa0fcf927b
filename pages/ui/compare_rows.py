"""The rows behind the Compare page: runs and baselines -> tables, without any drawing."""

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pages.ui import words
from pages.ui.comparable import differing_fields, plain
from pages.ui.layout import config_name
from recsys.config import PRESETS, RunConfig
from recsys.metrics import METRICS
from recsys.runs import Run

METRIC_CURVES = ("rmse", "top_k_accuracy@100", "recall@20", "ndcg@20")
LOSS_CURVES = ("retrieval_loss", "rating_loss", "total_loss")
MAIN_METRICS = ("rmse", "mae", "top_k_accuracy@100", "recall@20", "ndcg@20", "mrr")


@dataclass(frozen=True)
class Entry:
    """One thing compared: a run, or a baseline.

    Attributes:
        entry_id: The run's id; for a baseline its name with hyphens.
        label: For people; no two entries share one.
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


def baseline_id(name: str) -> str:
    """Return the id of a baseline for the URL: `most popular` is `most-popular`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def make_entries(runs: Sequence[Run], labels: dict[str, str]) -> list[Entry]:
    """Return the runs as they come, then the baselines of their (common) setting."""
    baselines = {name: values for run in reversed(runs) for name, values in run.baselines.items()}
    entries = [Entry(run.run_id, labels[run.run_id], run.metrics, run) for run in runs]
    return entries + baseline_entries(baselines, taken={entry.label for entry in entries})


def baseline_entries(
    metrics: Mapping[str, dict[str, dict[str, float]]], taken: Collection[str] = ()
) -> list[Entry]:
    """Return the baselines of `{baseline: {part: metrics}}`; labels that are taken are marked."""
    entries = []
    for name, values in metrics.items():
        label = words.label(name) if name in words.WORDS else name
        label = f"{label} (baseline)" if label in taken else label
        entries.append(Entry(baseline_id(name), label, values))
    return entries


def default_selection(entries: Sequence[Entry], runs: int = 3) -> list[str]:
    """Return what a first visitor sees selected, in the order of `entries`.

    These are the newest runs, the first run of each preset, and the baselines. A run stopped in its
    first epoch learnt nothing, so it is not among them.
    """
    trained = [entry for entry in entries if entry.run and entry.run.history]
    finished = [entry for entry in trained if entry.run and entry.run.status == "finished"]
    # The lab trains the presets before anything else, so the oldest of a name is the preset.
    oldest = {config_name(e.run.config): e.entry_id for e in finished if e.run}
    chosen = {entry.entry_id for entry in trained[:runs]}
    chosen |= {oldest[name] for name in PRESETS if name in oldest}
    return [e.entry_id for e in entries if not e.run or e.entry_id in chosen]


def shown_value(name: str, value: float) -> float:
    """Return a metric's value in the digits that are shown: what reads alike is equal."""
    return round(value, words.word(name).decimals)


def best_value(name: str, values: Iterable[float]) -> float | None:
    """Return the best of a metric's values as shown, NaN aside; None if there is none."""
    known = [shown_value(name, value) for value in values if not math.isnan(value)]
    if not known:
        return None
    return max(known) if METRICS[name].higher_is_better else min(known)


def untrained_note(entries: Sequence[Entry]) -> str:
    """Say which entries were trained with a task of weight 0; "" if none was."""
    told = []
    for task in ("retrieval", "rating"):
        names = [e.label for e in entries if e.run and not getattr(e.run.config, f"{task}_weight")]
        if names:
            told.append(f"{task} (weight 0) was not trained in {', '.join(map(plain, names))}")
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}: those figures come from chance." if told else ""


def parts(entries: Sequence[Entry]) -> list[str]:
    """Return the parts that any of these was measured on, holdout first."""
    return [p for p in ("holdout", "validation") if any(e.metrics.get(p) for e in entries)]


def table_rows(entries: Sequence[Entry], part: str) -> pd.DataFrame:
    """Return the table of runs: one row an entry, in their order."""
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
        **{name: entry.metric(part, name) for name in words.HEADLINE_METRICS},
        "weights": f"{config.retrieval_weight:g} : {config.rating_weight:g}" if config else "",
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
    """Return the config fields that differ: one row a run, one column a field. Values are text."""
    runs = [entry for entry in entries if entry.run]
    configs = [entry.run.config.model_dump() for entry in runs if entry.run]
    fields = differing_fields(configs)
    rows = [[_value(config[name]) for name in fields] for config in configs]
    return pd.DataFrame(rows, columns=fields, index=[entry.label for entry in runs])


def config_rows(run: Run) -> pd.DataFrame:
    """Return one run's whole config: `field`, `value` and what the field means."""
    values = run.config.model_dump()
    meaning = {name: item.description or "" for name, item in RunConfig.model_fields.items()}
    rows = [(words.field_label(n), _value(v), meaning[n]) for n, v in values.items()]
    return pd.DataFrame(rows, columns=["field", "value", "meaning"])


def _value(value: Any) -> str:
    if value is None:
        return words.NOTHING
    return f"{value:g}" if isinstance(value, float) else str(value)


def metric_rows(
    entries: Sequence[Entry], part: str, names: Sequence[str], reference: str | None = None
) -> pd.DataFrame:
    """Return every metric of every entry, and how it stands to the reference.

    Args:
        entries: What is compared.
        part: `holdout` or `validation`.
        names: Metrics, as in `recsys.metrics.METRICS`.
        reference: Id of the entry that differences are taken to; None: the best of each metric.

    Returns:
        One row for each metric (that any entry has) and entry: `metric`, `entry_id`, `label`,
        `value`, `difference` (value - reference; NaN where one is missing) and `verdict`:
        `better`, `worse` or `same` than the reference, or `best` and `behind`
        where there is none; "" where there is nothing to say.
    """
    rows = []
    for name in names:
        values = {entry.entry_id: entry.metric(part, name) for entry in entries}
        known = [value for value in values.values() if value is not None]
        best = best_value(name, known)
        if best is None:
            continue
        against = values.get(reference) if reference else best
        for entry in entries:
            value = values[entry.entry_id]
            missing = value is None or against is None
            difference = _difference(name, value, against)
            alone = missing or len(known) == 1 or entry.entry_id == reference
            verdict = "" if alone else _verdict(name, difference)
            if verdict and not reference:
                verdict = "best" if verdict == "same" else "behind"
            shown = math.nan if value is None else value
            rows.append((name, entry.entry_id, entry.label, shown, difference, verdict))
    columns = ["metric", "entry_id", "label", "value", "difference", "verdict"]
    return pd.DataFrame(rows, columns=columns)


def _difference(name: str, value: float | None, against: float | None) -> float:
    """Return the difference of the shown values, so that the table adds up."""
    if value is None or against is None:
        return math.nan
    return shown_value(name, value) - shown_value(name, against)


def _verdict(name: str, difference: float) -> str:
    # What rounds to no difference in the digits shown is none.
    if abs(difference) < 0.5 * 10 ** -words.word(name).decimals:
        return "same"
    return "better" if (difference > 0) == METRICS[name].higher_is_better else "worse"


def metric_table(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (text, verdicts): `metric_rows` as tables of entry x metric, for the page."""
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
    marks = {"better": " ▲", "worse": " ▼", "behind": ""}
    difference = ""
    if row["verdict"] in marks:
        difference = f"  ({row['difference']:+.{decimals}f}{marks[row['verdict']]})"
    best = "  (best)" if row["verdict"] == "best" else ""
    return f"{row['value']:.{decimals}f}{difference or best}".replace("-", "−")


def csv_table(entries: Sequence[Entry]) -> str:
    """Return everything about the runs and the baselines as CSV: one row an entry."""
    table = pd.DataFrame([_csv_row(entry) for entry in entries])
    # Nullable types: a baseline's missing seed must not make the others' 0 a 0.0.
    return table.convert_dtypes().to_csv(index=False)


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
    for part in ("holdout", "validation"):
        measured = entry.metrics.get(part, {})
        row |= {f"{part}.{name}": measured[name] for name in METRICS if name in measured}
    return row
