"""What the store has for the Trade-off page: the ratios of a sweep, the trials of a search."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import cache
from pages.ui.tradeoff.inputs import PlotView
from pages.ui.tradeoff.rows import plot_rows
from pages.ui.tradeoff.trials import trial_rows, trials
from recsys.config import RunConfig
from recsys.evaluation.evaluate import Part
from recsys.home import runs_folder
from recsys.runs.records import Run
from recsys.tradeoff.result import Ratio, stored_ratios, trade_off_points
from recsys.tradeoff.sentence import Point


@dataclass(frozen=True)
class Shown:
    """What there is to show.

    Attributes:
        base: the settings of the sweep.
        found: its ratios.
        trials: of a search from these settings.
        rows: the points of both, see `rows.plot_rows`.
    """

    base: RunConfig
    found: list[Ratio]
    trials: list[Run]
    rows: list[dict[str, Any]]

    @property
    def runs(self) -> list[Run]:
        """All runs."""
        return [*(run for ratio in self.found for run in ratio.members), *self.trials]


def find(base: RunConfig, sharing: Collection[str | None], view: PlotView) -> Shown:
    """Return what the store has of a sweep and a search from these settings.

    Args:
        base: the settings.
        sharing: what the tasks of the sweep share.
        view: gives the metrics.
    """
    data = cache.dataset(base.data).fingerprint
    stored = cache.store().list()
    found = stored_ratios(stored, base, data, sharing)
    tried = trials(stored, base, data)
    rows = [
        *plot_rows(found, view.part, view.x, view.y),
        *trial_rows(tried, base, view.part, view.x, view.y),
    ]
    return Shown(base, found, tried, rows)


def points(found: Sequence[Ratio], part: Part, retrieval: str, rating: str) -> list[Point]:
    """Return the points of one front, see `recsys.tradeoff.result.trade_off_points`.

    Raises:
        RunError: a run is not in the store any more, or it is damaged.
    """
    ids = tuple(run.run_id for ratio in found for run in ratio.members)
    return _points(ids, part, retrieval, rating, str(runs_folder()), _found=found)


@st.cache_data(max_entries=200, show_spinner=False)
def _points(
    ids: tuple[str, ...],
    part: Part,
    retrieval: str,
    rating: str,
    folder: str,
    _found: Sequence[Ratio],
) -> list[Point]:
    # A dozen bootstraps: too much for every rerun of the page.
    return trade_off_points(
        _found, part, retrieval, rating, lambda run: cache.user_metrics(run, part)
    )
