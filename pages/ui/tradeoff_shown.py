"""What the store has for the Trade-off page: the ratios of a sweep, the trials of a search."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pages.ui import cache
from pages.ui.tradeoff_inputs import PlotView
from pages.ui.tradeoff_rows import Ratio, family, plot_rows, ratios
from pages.ui.tradeoff_trials import trial_rows, trials
from recsys.config import RunConfig
from recsys.records import Run


@dataclass(frozen=True)
class Shown:
    """What there is to show.

    Attributes:
        base: the settings of the sweep.
        found: its ratios.
        trials: of a search from these settings.
        rows: the points of both, see `tradeoff_rows.plot_rows`.
    """

    base: RunConfig
    found: list[Ratio]
    trials: list[Run]
    rows: list[dict[str, Any]]

    @property
    def runs(self) -> list[Run]:
        """All runs."""
        return [*(run for ratio in self.found for run in ratio.runs), *self.trials]


def find(base: RunConfig, sharing: Collection[str | None], view: PlotView) -> Shown:
    """Return what the store has of a sweep and a search from these settings.

    Args:
        base: the settings.
        sharing: what the tasks of the sweep share.
        view: gives the metrics.
    """
    data = cache.dataset(base.data).fingerprint
    stored = cache.store().list()
    found = ratios(r for r in family(stored, base, data) if r.config.sharing in sharing)
    tried = trials(stored, base, data)
    rows = [
        *plot_rows(found, view.part, view.x, view.y),
        *trial_rows(tried, base, view.part, view.x, view.y),
    ]
    return Shown(base, found, tried, rows)
