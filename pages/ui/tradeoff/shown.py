"""What the store has for the Trade-off page: the ratios of a sweep, lines, trials of a search."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import cache
from pages.ui.charts.theme import Rows
from pages.ui.tradeoff.inputs import PlotView
from pages.ui.tradeoff.rows import line_rows, plot_rows
from pages.ui.tradeoff.training import untrained
from pages.ui.tradeoff.trials import trial_rows, trials
from recsys.config import RunConfig
from recsys.evaluation.evaluate import Part, per_user_metrics
from recsys.evaluation.metrics import METRICS
from recsys.home import runs_folder
from recsys.line import LineScorer
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import Run
from recsys.tradeoff.front import TASKS, Front
from recsys.tradeoff.result import (
    RATING_METRIC,
    RETRIEVAL_METRIC,
    Ratio,
    front_of_line,
    front_of_ratios,
    stored_lines,
    stored_ratios,
)


@dataclass(frozen=True)
class Shown:
    """What there is to show.

    Attributes:
        base: the settings of the sweep.
        found: its ratios, each trained by itself.
        lines: its trainings of all ratios, one for each way of sharing.
        missing: how many runs of the sweep are not trained, by sharing.
        trials: of a search from these settings.
        rows: the points of the ratios and the trials, see `rows.plot_rows`.
        line_rows: the places of the lines, see `rows.line_rows`.
    """

    base: RunConfig
    found: list[Ratio]
    lines: list[Run]
    missing: Counter[str]
    trials: list[Run]
    rows: Rows
    line_rows: Rows

    @property
    def runs(self) -> list[Run]:
        """All runs."""
        return [*(run for one in self.found for run in one.members), *self.lines, *self.trials]


def find(
    base: RunConfig,
    sharing: Collection[str | None],
    configs: Sequence[RunConfig],
    view: PlotView,
) -> Shown:
    """Return what the store has of a sweep and a search from these settings.

    Args:
        base: the settings.
        sharing: what the tasks of the sweep share.
        configs: of the whole sweep.
        view: gives the metrics.
    """
    data = cache.dataset(base.data).fingerprint
    stored = cache.runs()
    found = stored_ratios(stored, base, data, sharing)
    lines = stored_lines(stored, base, data, sharing)
    tried = trials(stored, base, data)
    rows = [
        *plot_rows(found, view.part, view.x, view.y),
        *trial_rows(tried, base, view.part, view.x, view.y),
    ]
    missing = Counter(str(config.sharing or "") for config in untrained(configs))
    places = line_rows(lines, view.part, view.x, view.y)
    return Shown(base, found, lines, missing, tried, rows, places)


def task_metrics(view: PlotView) -> tuple[str, str]:
    """Return the retrieval and the rating metric of the plot, or the usual one of a task."""
    by_task = {METRICS[metric].task: metric for metric in (view.x, view.y)}
    return by_task.get("retrieval", RETRIEVAL_METRIC), by_task.get("rating", RATING_METRIC)


def fronts(shown: Shown, view: PlotView) -> list[Front]:
    """Return the front of each way of sharing that has any points.

    It is that of the single trainings where the sweep is complete, else that of the line.

    Raises:
        RunError: a run is not in the store any more, or it is damaged.
    """
    found = []
    for name in SHARING_NAMES:
        own = [ratio for ratio in shown.found if ratio.sharing == name]
        line = next((run for run in shown.lines if run.config.sharing == name), None)
        single = _single(own, shown.missing[name], view) if own else None
        if line is not None and (single is None or not single.is_known):
            front = _line(line, view, single.alone if single else {})
            single = front if front.is_known else single
        if single is not None:
            found.append(single)
    return found


def _single(own: Sequence[Ratio], missing: int, view: PlotView) -> Front:
    ids = tuple(run.run_id for ratio in own for run in ratio.members)
    metrics = task_metrics(view)
    return _front_of_ratios(ids, view.part, metrics, missing, str(runs_folder()), _found=own)


@st.cache_data(max_entries=200, show_spinner=False)
def _front_of_ratios(
    ids: tuple[str, ...],
    part: Part,
    metrics: tuple[str, str],
    missing: int,
    folder: str,
    _found: Sequence[Ratio],
) -> Front:
    # A dozen bootstraps: too much for every rerun of the page.
    return front_of_ratios(
        _found, part, metrics, lambda run: cache.user_metrics(run, part), missing
    )


def _line(line: Run, view: PlotView, alone: dict[str, float]) -> Front:
    known = tuple((task, alone[task]) for task in TASKS if task in alone)
    metrics = task_metrics(view)
    return _front_of_line(line.run_id, view.part, metrics, known, str(runs_folder()), _line=line)


@st.cache_data(max_entries=50, show_spinner=False)
def _front_of_line(
    run_id: str,
    part: Part,
    metrics: tuple[str, str],
    alone: tuple[tuple[str, float], ...],
    folder: str,
    _line: Run,
) -> Front:
    scorer, split = cache.scorer(run_id), cache.split(_line.config)
    assert isinstance(scorer, LineScorer)
    return front_of_line(
        _line,
        part,
        metrics,
        lambda position: per_user_metrics(scorer.at(position), split, part, quick=True),
        dict(alone),
    )
