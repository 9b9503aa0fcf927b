"""The curves of a training, stored or in progress, beside those of the run compared with."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import words
from pages.ui.charts.theme import TASKS, Rows
from pages.ui.panels import Panel, draw_panels
from pages.ui.train import charts, line, why
from pages.ui.train.axes import domain
from recsys.config import RunConfig
from recsys.runs.records import EpochRecord, Run

Baselines = Mapping[str, Mapping[str, Mapping[str, float]]]
# The curves, left to right and top to bottom: retrieval stands on the left, rating on the right.
CURVES = ("retrieval_loss", "rating_loss", "top_k_accuracy@100", "rmse", "recall@20", "ndcg@20")
ALT = {
    "retrieval_loss": "Line chart: retrieval loss per epoch on train and validation; 1 is trivial",
    "rating_loss": "Line chart: rating loss per epoch on train and validation; 1 is trivial",
    "top_k_accuracy@100": "Line chart: top-100 accuracy per epoch and the popularity baseline",
    "rmse": "Line chart: RMSE in stars per epoch and the bias baseline",
    "recall@20": "Line chart: recall at 20 per epoch and the popularity baseline",
    "ndcg@20": "Line chart: NDCG at 20 per epoch and the popularity baseline",
}
TRIVIAL: Rows = [{"label": "trivial predictor", "value": 1.0}]


def shown_curves(config: RunConfig) -> tuple[str, ...]:
    """Return the curves of a run: of the tasks it learns; metrics only with a validation part."""

    def has(term: str) -> bool:
        measured = term.endswith("_loss") or config.validation > 0
        return measured and config.learns(charts.task_of(term))

    return tuple(term for term in CURVES if has(term))


def draw_curves(
    config: RunConfig,
    history: Sequence[EpochRecord],
    baselines: Baselines,
    compared: Run | None = None,
) -> None:
    """Draw losses, validation metrics, and how the tasks share the training.

    Args:
        config: the settings of the training.
        history: its epochs so far.
        baselines: baseline to part to metric to value.
        compared: the run whose curves are drawn as ghosts.
    """
    for task in TASKS:
        if not config.learns(task):
            st.caption(f"The {task} weight is 0: the {task} task is not trained and has no curves.")
    if not config.validation:
        st.caption("There is no validation part: metrics are measured at the end of the run.")
    if config.all_ratios:
        st.caption(line.CURVES_WORDS)
    terms = shown_curves(config)
    draw_panels("train", [curve(term, config, history, baselines, compared) for term in terms])
    if config.retrieval_weight and config.rating_weight:
        why.show(config, history)


def curve(
    term: str,
    config: RunConfig,
    history: Sequence[EpochRecord],
    baselines: Baselines,
    compared: Run | None = None,
) -> Panel:
    """Return the panel of a loss or of a validation metric. Arguments as of `draw_curves`."""
    ghost = compared if compared and compared.learns(charts.task_of(term)) else None
    rows = charts.curve_rows(term, history, ghost.history if ghost else ())
    is_loss = term.endswith("_loss")
    measured = {name: metrics.get("validation", {}) for name, metrics in baselines.items()}
    references = TRIVIAL if is_loss else charts.baseline_rows(measured, term)
    axis = domain(
        term,
        [
            row[one]
            for row in rows
            for one in (charts.TRAIN, charts.VALIDATION)
            if row[one] is not None
        ],
        [row[charts.COMPARED] for row in rows if row[charts.COMPARED] is not None],
        [row["value"] for row in references],
    )
    parts = (
        *([charts.TRAIN] if is_loss else []),
        *([charts.VALIDATION] if config.validation else []),
        *([charts.COMPARED] if ghost else []),
    )
    epochs = max(config.epochs, len(ghost.history) if ghost else 0)
    return Panel(
        term,
        rows,
        charts.curve_chart,
        (term, parts, references, epochs),
        ALT[term],
        note="" if is_loss else " on validation",
        more="" if is_loss else f" {words.explain('validation')}",
        domain=axis,
    )
