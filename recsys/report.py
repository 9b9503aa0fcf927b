"""What the command line says of runs and recommendations: as JSON values and as text tables."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import GENRES, MOVIE_ID, TITLE, YEAR, Dataset
from recsys.metrics import METRICS
from recsys.recommend import Recommendations
from recsys.records import Run

TABLE_METRICS = ("top_k_accuracy@100", "recall@20", "ndcg@20", "rmse")


def run_json(run: Run, *, cached: bool) -> dict[str, Any]:
    """Return a run as `train --json` prints it."""
    return {
        "run_id": run.run_id,
        "cached": cached,
        "status": run.status,
        "name": run.name,
        "created": run.created,
        "config": run.config.model_dump(),
        "metrics": run.metrics,
        "baselines": run.baselines,
        "seconds": run.seconds,
        "peak_rss_mb": run.peak_rss_mb,
    }


def run_table(run: Run) -> str:
    """Return the headline metrics of a run and of the baselines, on the holdout, as text.

    On validation where there is no holdout.
    """
    if not any(run.metrics.values()):
        return "There is neither a holdout nor a validation part to measure on."
    part = "holdout" if run.metrics.get("holdout") else "validation"
    rows = {"this run": run.metrics.get(part, {})}
    rows |= {name: parts.get(part, {}) for name, parts in run.baselines.items()}
    return f"On the {part}:\n{_metrics_table(rows)}"


def runs_table(runs: list[Run]) -> str:
    """Return the stored runs as text, one line each."""
    cells = [("run", "trained", "data", "architecture", "weights", "name")]
    cells += [
        (
            run.run_id,
            f"{run.created:.16}",
            run.dataset,
            run.config.architecture,
            f"{run.config.retrieval_weight:g} : {run.config.rating_weight:g}",
            run.name,
        )
        for run in runs
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    head, *labels = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    metrics = [run.metrics.get("holdout") or run.metrics.get("validation", {}) for run in runs]
    return _metrics_table(dict(zip(labels, metrics, strict=True)), head)


def search_table(runs: list[Run], base: RunConfig, x: str, y: str, front: Collection[str]) -> str:
    """Return the trials of a search as text, one line each; `*`: no other trial beats it."""
    lines = [f"{'run':<12}  {METRICS[x].label:>16}  {METRICS[y].label:>16}  {'':1}  settings"]
    usual = base.model_dump()
    for run in runs:
        values = [run.metrics.get("validation", {}).get(metric) for metric in (x, y)]
        cells = [f"{'–' if value is None else f'{value:.4f}':>16}" for value in values]
        told = [
            f"{field}={value}"
            for field, value in run.config.model_dump().items()
            if value != usual[field]
        ]
        mark = "*" if run.run_id in front else " "
        lines.append("  ".join([f"{run.run_id:<12}", *cells, mark, " ".join(told)]).rstrip())
    lines.append("On validation. *: no other trial beats it in both, earlier ones included.")
    return "\n".join(lines)


def recommendations_json(
    found: Recommendations, dataset: Dataset, split: Split, user: int
) -> list[dict[str, Any]]:
    """Return recommended movies, best first; `holdout_rating` is what the user in fact gave."""
    movies = dataset.movies.iloc[found.movies]
    held_out = split.of_user("holdout", user)
    given = dict(zip(held_out.movies.tolist(), held_out.ratings.tolist(), strict=True))
    return [
        {
            "rank": rank,
            "movie_id": row[MOVIE_ID],
            "title": row[TITLE],
            "year": None if pd.isna(row[YEAR]) else int(row[YEAR]),
            "genres": row[GENRES].split("|") if row[GENRES] else [],
            "score": float(score),
            "rating": float(rating),
            "holdout_rating": given.get(int(code)),
        }
        for rank, (row, code, score, rating) in enumerate(
            zip(movies.to_dict("records"), found.movies, found.scores, found.ratings, strict=True),
            start=1,
        )
    ]


def recommendations_table(rows: list[dict[str, Any]]) -> str:
    """Return recommended movies as text, one line each."""
    lines = [f"{'':>4}  {'predicted':>9}  {'given':>5}  title"]
    for row in rows:
        given = "" if row["holdout_rating"] is None else f"{row['holdout_rating']:g}"
        lines.append(f"{row['rank']:>4}  {row['rating']:>9.2f}  {given:>5}  {row['title']}")
    return "\n".join(lines)


def _metrics_table(rows: dict[str, dict[str, float]], head: str = "") -> str:
    width = max(map(len, [head, *rows]))
    labels = [METRICS[name].label for name in TABLE_METRICS]
    lines = ["  ".join([f"{head:<{width}}", *(f"{label:>16}" for label in labels)])]
    for name, metrics in rows.items():
        values = [
            f"{metrics[metric]:>16.3f}" if metric in metrics else f"{'–':>16}"
            for metric in TABLE_METRICS
        ]
        lines.append("  ".join([f"{name:<{width}}", *values]))
    return "\n".join(lines)
