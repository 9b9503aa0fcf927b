"""The command `evaluate`: a stored run measured anew, with a serving blend or without."""

import argparse
from typing import Any

from recsys.baselines import BASELINES
from recsys.cli import report
from recsys.cli.stored import Stored, weight_json
from recsys.errors import DuetError
from recsys.evaluation.comparison import Compared, compare, measure
from recsys.evaluation.evaluate import Part, Table, average_metrics, evaluate, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.scorer import RETRIEVAL

TABLE_METRICS = (
    "top_k_accuracy@100",
    "recall@20",
    "ndcg@20",
    "ndcg_liked@20",
    "disappointments@20",
    "rmse",
)


def evaluation(stored: Stored, options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Return what `evaluate` prints: the value of `--json`, and the text.

    Raises:
        DuetError: the part has no ratings, or the run did not train both tasks of a blend.
    """
    part = _part(stored, options.part)
    own = per_user_metrics(stored.scorer, stored.split, part)
    rows = {"this run": average_metrics(own)}
    compared: dict[str, Compared] = {}
    if options.blend:
        ranking = stored.blend(options.blend, part)
        blended = per_user_metrics(ranking, stored.split, part)
        rows[f"… with blend {options.blend:g}"] = average_metrics(blended)
        compared = _differences(blended, own)
    json = {
        "run_id": stored.run.run_id,
        "part": part,
        "blend": weight_json(options.blend),
        "metrics": list(rows.values())[-1],
        "differences": {name: _difference_json(one) for name, one in compared.items()},
    }
    for name, fit in BASELINES.items():
        rows[name] = evaluate(fit(stored.split), stored.split, part)
    lines = [
        f"Run {stored.run.run_id}, on the {part}:",
        report.metrics_table(rows, TABLE_METRICS),
    ]
    if compared:
        lines.append("The blend against the run alone, with 95 % intervals:")
        lines += [_difference_text(name, compared[name]) for name in TABLE_METRICS[:-1]]
    return json, "\n".join(lines)


def _part(stored: Stored, asked: Part | None) -> Part:
    """Return the part to measure: by default validation, on which settings are chosen."""
    part: Part = asked or ("validation" if len(stored.split.validation) else "holdout")
    if not len(getattr(stored.split, part)):
        raise DuetError(f"the split of run {stored.run.run_id} has no {part} part")
    return part


def _differences(blended: Table, own: Table) -> dict[str, Compared]:
    """Return the comparison in each metric of the ranking; a blend changes no rating."""
    model, other = measure([blended]), measure([own])
    return {
        name: compare(model, other, name)
        for name in model.seeds
        if name in other.seeds and METRICS[name].task == RETRIEVAL
    }


def _difference_json(compared: Compared) -> dict[str, float | str]:
    return {**compared.difference._asdict(), "verdict": compared.verdict}


def _difference_text(name: str, compared: Compared) -> str:
    value, low, high = compared.difference
    label = f"{METRICS[name].label}:"
    return f"  {label:20}{value:+.3f} [{low:+.3f}, {high:+.3f}]  {compared.verdict}"
