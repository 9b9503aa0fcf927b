"""Runs and recommendations as the command line prints them: JSON values and text tables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import nan
from typing import Any

import pandas as pd

from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import GENRES, MOVIE_ID, TITLE, YEAR, Dataset
from recsys.evaluation.evaluate import Part, Table, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.ratio import ratio_name
from recsys.recommend import Recommendations
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.tradeoff.result import (
    RATING_METRIC,
    RETRIEVAL_METRIC,
    Ratio,
    front_of_ratios,
)
from recsys.tradeoff.sentence import details, headline

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
    """Return the main metrics of a run and of the baselines as text.

    They are those on the holdout, or on validation if there is no holdout.
    """
    if not any(run.metrics.values()):
        return "There are no metrics: the split has neither a holdout nor a validation part."
    part = "holdout" if run.metrics.get("holdout") else "validation"
    rows = {"this run": run.metrics.get(part, {})}
    rows |= {name: parts.get(part, {}) for name, parts in run.baselines.items()}
    return f"On the {part}:\n{metrics_table(rows, TABLE_METRICS)}"


def metrics_table(rows: Mapping[str, dict[str, float]], metrics: Iterable[str]) -> str:
    """Return the metrics of several models as text, one line each, by name."""
    return _text(pd.DataFrame({"": rows.keys()} | _columns(rows.values(), metrics)))


def runs_table(runs: list[Run]) -> str:
    """Return the stored runs as text, one line each."""
    metrics = [run.metrics.get("holdout") or run.metrics.get("validation", {}) for run in runs]
    columns = {
        "run": [run.run_id for run in runs],
        "trained": [f"{run.created:.16}" for run in runs],
        "data": [run.dataset for run in runs],
        "architecture": [run.config.architecture for run in runs],
        "weights": [ratio_name(run.config) for run in runs],
        "name": [run.name for run in runs],
    }
    return _text(pd.DataFrame(columns | _columns(metrics, TABLE_METRICS)))


def sweep_sentence(
    found: Sequence[Ratio], store: RunStore, split: Split, missing: Mapping[str, int]
) -> str:
    """Return what the ratio of the weights costs each task, as the Trade-off page says it.

    Measured on validation, or on the holdout where there is no validation part.

    Args:
        found: the ratios of the sweep, see `stored_ratios`.
        store: has their scorers.
        split: that they were measured on.
        missing: how many runs of the sweep are not there yet, by sharing.

    Raises:
        RunError: a run is not in the store any more, or it is damaged.
    """
    part: Part = "validation" if len(split.validation) else "holdout"

    def table(run: Run) -> Table:
        return per_user_metrics(store.scorer(run.run_id), split, part)

    metrics = (RETRIEVAL_METRIC, RATING_METRIC)
    fronts = [
        front_of_ratios(own, part, metrics, table, missing.get(name, 0))
        for name in SHARING_NAMES
        if (own := [ratio for ratio in found if ratio.sharing == name])
    ]
    lines = [headline(fronts)]
    if any(front.is_known for front in fronts):
        lines += [f"{front.name.capitalize()}: {details(front)}" for front in fronts]
    return "\n".join(lines)


def search_table(runs: list[Run], base: RunConfig, x: str, y: str, front: Collection[str]) -> str:
    """Return the trials of a search as text, one line each.

    `settings` are those that differ from `base`; `*` marks the trials on the Pareto front.
    """
    defaults = base.model_dump()
    changed = [
        [f"{field}={value}" for field, value in fields.items() if value != defaults[field]]
        for fields in (run.config.model_dump() for run in runs)
    ]
    columns = (
        {"run": [run.run_id for run in runs]}
        | _columns([run.metrics.get("validation", {}) for run in runs], (x, y))
        | {
            "": ["*" if run.run_id in front else "" for run in runs],
            "settings": [" ".join(settings) for settings in changed],
        }
    )
    return (
        f"{_text(pd.DataFrame(columns), decimals=4)}\n"
        "On validation. *: no other trial is better in both, earlier ones included."
    )


def recommendations_json(
    recommended: Recommendations, dataset: Dataset, split: Split, user: int
) -> list[dict[str, Any]]:
    """Return recommended movies, best first.

    `holdout_rating` is the rating that the user gave, if the movie is in the holdout.
    """
    movies = dataset.movies.iloc[recommended.movies]
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
            zip(
                movies.to_dict("records"),
                recommended.movies,
                recommended.scores,
                recommended.ratings,
                strict=True,
            ),
            start=1,
        )
    ]


def recommendations_table(rows: list[dict[str, Any]]) -> str:
    """Return recommended movies as text, one line each."""
    given = [row["holdout_rating"] for row in rows]
    columns = {
        "": [row["rank"] for row in rows],
        "predicted": [row["rating"] for row in rows],
        "given": ["" if stars is None else f"{stars:g}" for stars in given],
        "title": [row["title"] for row in rows],
    }
    return _text(pd.DataFrame(columns), decimals=2)


def _columns(rows: Iterable[dict[str, float]], metrics: Iterable[str]) -> dict[str, list[float]]:
    """Return one column per metric; NaN if a row does not have it."""
    rows = list(rows)
    return {METRICS[name].label: [row.get(name, nan) for row in rows] for name in metrics}


def _text(table: pd.DataFrame, decimals: int = 3) -> str:
    """Return a table as text: texts are aligned left, numbers right; `–` is a missing number."""
    names = [str(name) for name in table]
    if table.empty:
        return "  ".join(names)
    texts = [name for name in names if pd.api.types.is_string_dtype(table[name])]
    widths = {name: max(len(name), *table[name].str.len()) + 1 for name in texts}
    padded = {name: table[name].str.ljust(width) for name, width in widths.items()}
    text = table.assign(**padded).to_string(
        index=False,
        header=[name.ljust(widths[name]) if name in texts else f" {name}" for name in names],
        col_space=6,
        float_format=f"{{:.{decimals}f}}".format,
        na_rep="–",
    )
    return "\n".join(line.rstrip() for line in text.splitlines())
