"""The table of presets and baselines on Home: rows computed here, drawn by the page."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import names, words
from pages.ui.charts.theme import Rows
from pages.ui.tables import mark_best
from pages.ui.view import is_active
from recsys.config import RunConfig
from recsys.jobs.board import Job, JobState
from recsys.ratio import ratio_name
from recsys.runs.records import Run

COLUMNS = ("model", "weights", *words.HEADLINE_METRICS, "state")


def overview_rows(
    configs: Mapping[str, RunConfig],
    runs: Mapping[str, Run | None],
    jobs: Mapping[str, Job | None],
    baselines: Mapping[str, Mapping[str, float]],
) -> Rows:
    """Return one row per preset and baseline, with its holdout metrics (None: not known).

    `configs`, `runs` and `jobs` are by preset; `baselines` holds the metrics by baseline.
    """
    rows: Rows = []
    for name, config in configs.items():
        run = runs[name]
        rows.append(
            {
                "model": name,
                "weights": ratio_name(config),
                **_headline(run.metrics.get("holdout", {}) if run else {}),
                "state": preset_state(run, jobs[name]),
            }
        )
    for name, metrics in baselines.items():
        rows.append(
            {
                "model": name,
                "weights": None,
                **_headline(metrics),
                "state": "baseline",
            }
        )
    return rows


def preset_state(run: Run | None, job: Job | None) -> str:
    """Return the state of a preset: `trained in 12 s`, `epoch 3 of 15`, `failed`, `not trained`."""
    if run is not None:
        return f"trained in {run.seconds['total']:.0f} s"
    if job is None or job.state is JobState.FINISHED:  # finished, and its run deleted since
        return "not trained"
    return names.job_words(job) if is_active(job) else str(job.state)


def informative(run: Run, term: str) -> float | None:
    """Return a run's metric on the holdout; None where even a baseline reaches the best value.

    If k is as large as the catalogue, every model finds every movie.
    """
    value = run.metrics.get("holdout", {}).get(term)
    baselines = [parts.get("holdout", {}).get(term) for parts in run.baselines.values()]
    perfect = words.word(term).higher_is_better and value == 1.0 and 1.0 in baselines
    return None if perfect else value


def overview_table(rows: Rows) -> None:
    """Draw the rows; the best value of each metric is marked."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    metrics = list(words.HEADLINE_METRICS)
    frame[metrics] = frame[metrics].astype(float)
    st.dataframe(
        frame.style.apply(mark_best, subset=pd.Index(metrics)).format(
            precision=3, subset=pd.Index(metrics)
        ),
        hide_index=True,
        column_config=_columns(),
        placeholder=words.NOTHING,
        alt="Presets and baselines with their retrieval and rating metrics on the holdout",
    )


def _columns() -> dict[str, Any]:
    columns = {
        term: st.column_config.NumberColumn(
            _header(term), help=words.explain(term), alignment="left"
        )
        for term in words.HEADLINE_METRICS
    }
    return columns | {
        "model": st.column_config.TextColumn("Model", help=words.explain("preset"), width=150),
        "weights": st.column_config.TextColumn(
            "Weights", help="Retrieval weight : rating weight.", width=75
        ),
        "state": st.column_config.TextColumn("State", help="How far the training is.", width=150),
    }


def _header(term: str) -> str:
    entry = words.word(term)
    return f"{entry.label} ({entry.unit})" if entry.unit else entry.label


def _headline(metrics: Mapping[str, float]) -> dict[str, float | None]:
    return {term: metrics.get(term) for term in words.HEADLINE_METRICS}
