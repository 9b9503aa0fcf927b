"""What the Compare page measures itself, from what the runs learnt: cached, and only when asked.

Everything is by user, so that differences have intervals.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.compare.metrics import Comparisons
from pages.ui.compare.rows import Entry, baseline_id
from pages.ui.compare.units import Unit
from recsys.baselines import BASELINES
from recsys.beyond_accuracy import CalibrationGroup, calibration_groups
from recsys.comparison import Compared, Measured, compare, figure, measure, seeds_table
from recsys.config import RunConfig
from recsys.data.library import available_datasets
from recsys.evaluation import (
    USERS,
    Part,
    Table,
    average_metrics,
    per_user_metrics,
    rating_errors,
)
from recsys.groups import Group, activity_groups, popularity_groups
from recsys.home import runs_folder
from recsys.metrics import BEYOND_ACCURACY
from recsys.scorer import RATING, Scorer
from recsys.testbed import Testbed

BASELINE_NAMES = {baseline_id(name): name for name in BASELINES}


class Measures:
    """What is measured of the entries of one setting, on one part.

    Attributes:
        config: Of any run of the setting: it says how the data are split.
        fingerprint: Of the data that the runs were measured on.
        part: `holdout` or `validation`.
    """

    def __init__(self, config: RunConfig, fingerprint: str, part: Part) -> None:
        """Measure on a part of the split that `config` asks for."""
        self.part: Part = part
        self.fingerprint = fingerprint
        self.config = config

    def can_measure(self) -> bool:
        """Return whether the data of the runs are here, as they were; nothing is downloaded."""
        name = self.config.data
        return name in available_datasets() and cache.dataset(name).fingerprint == self.fingerprint

    def knows(self, entry: Entry) -> bool:
        """Return whether it can be measured: a baseline of another version cannot."""
        return entry.run is not None or entry.entry_id in BASELINE_NAMES

    def table(self, entry: Entry) -> Table:
        """Return an entry's metrics per user, as `per_user_metrics`.

        Raises:
            RunError: the run is not in the store any more, or it is damaged.
        """
        if entry.run:
            return cache.user_metrics(entry.run, self.part)
        return _baseline_table(entry.entry_id, self.part, *self._where(), _of=self)

    def completed(self, entry: Entry) -> Entry:
        """Return the entry with the metrics that were not measured yet when it was stored."""
        stored = entry.metrics.get(self.part, {})
        if not stored or any(name in stored for name in BEYOND_ACCURACY):
            return entry
        if not (self.knows(entry) and self.can_measure()):
            return entry
        measured = average_metrics(self.table(entry)) | stored
        return replace(entry, metrics=entry.metrics | {self.part: measured})

    def completed_units(self, units: Sequence[Unit]) -> list[Unit]:
        """Return the units with the entries completed."""
        return [replace(unit, members=tuple(map(self.completed, unit.members))) for unit in units]

    def comparisons(
        self, units: Sequence[Unit], pinned: Unit, metrics: Sequence[str]
    ) -> Comparisons:
        """Return how each unit stands to the pinned one, in what both of them were trained for."""
        return {
            (unit.unit_id, name): found
            for unit in units
            if unit.unit_id != pinned.unit_id
            for name in metrics
            if (found := self._compared(unit, pinned, name, ""))
        }

    def group_figures(
        self, unit: Unit, pinned: Unit | None, metric: str, grouping: str
    ) -> list[dict[str, Any]]:
        """Return a metric in each group, or how it stands to the pinned unit's.

        Rows hold `group` (its train ratings, `20–35`), `users` and `value`; where something is
        pinned, `value` is the difference, with `low`, `high` and `verdict`. What was not trained
        for the metric has no rows.
        """
        if not unit.is_trained_for(metric) or (pinned and unit.unit_id == pinned.unit_id):
            return []
        rows = []
        groups = self.groups(unit.members[0], grouping)
        for place, group in enumerate(groups):
            name = f"{grouping}.{place}"
            if metric not in group.table:
                return []
            row = {"group": _span(groups, place), "users": len(group.table[USERS])}
            if pinned is None:
                rows.append(row | {"value": self._figure(unit, metric, name)})
            elif found := self._compared(unit, pinned, metric, name):
                value, low, high = found.difference
                rows.append(
                    row | {"value": value, "low": low, "high": high, "verdict": found.verdict}
                )
        return rows

    def _compared(self, unit: Unit, pinned: Unit, metric: str, group: str) -> Compared | None:
        members = [*unit.members, *pinned.members]
        if not (unit.is_trained_for(metric) and pinned.is_trained_for(metric)) or not all(
            map(self.knows, members)
        ):
            return None
        if any(entry.metric(self.part, metric) is None for entry in members):
            return None
        own, others = self._measured(unit, group), self._measured(pinned, group)
        if metric not in own.seeds or metric not in others.seeds:  # e.g. a movie group has no NDCG
            return None
        return compare(own, others, metric)

    def _figure(self, unit: Unit, metric: str, group: str) -> float:
        ids = tuple(entry.entry_id for entry in unit.members)
        return _figure(ids, metric, group, self.part, *self._where(), _of=self, _unit=unit)

    def _measured(self, unit: Unit, group: str) -> Measured:
        ids = tuple(entry.entry_id for entry in unit.members)
        return _measure(ids, group, self.part, *self._where(), _of=self, _unit=unit)

    def member_tables(self, unit: Unit, group: str) -> list[Table]:
        """Return each member's table, of one group (`activity.0`) or, with "", of all."""
        if not group:
            return [self.table(entry) for entry in unit.members]
        grouping, place = group.split(".")
        return [self.groups(entry, grouping)[int(place)].table for entry in unit.members]

    def groups(self, entry: Entry, grouping: str) -> list[Group]:
        """Return an entry's metrics in groups: users by `activity`, or movies by `popularity`."""
        if grouping == "activity":
            return activity_groups(cache.split(self.config), self.table(entry))
        if RATING not in self.scorer(entry).tasks:
            return []
        return _popularity_groups(entry.entry_id, self.part, *self._where(), _of=self, _entry=entry)

    def calibration(self, entry: Entry) -> list[CalibrationGroup]:
        """Return predicted against given stars; empty for what predicts none."""
        if RATING not in self.scorer(entry).tasks:
            return []
        return _calibration(entry.entry_id, self.part, *self._where(), _of=self, _entry=entry)

    def scorer(self, entry: Entry) -> Scorer:
        """Return what an entry learnt."""
        if entry.run:
            return cache.scorer(entry.run.run_id)
        return cache.baseline_scorers(self.config)[BASELINE_NAMES[entry.entry_id]]

    def _where(self) -> tuple[str, Testbed]:
        """Return what else the cached values depend on: the lab, and the data with its split."""
        return str(runs_folder()), cache.testbed(self.config)


def _span(groups: Sequence[Group], place: int) -> str:
    """Write the train ratings of a group; the outermost are open, which is shorter."""
    group = groups[place]
    if len(groups) > 1 and place == 0:
        return f"≤ {group.high:,}"
    if place == len(groups) - 1:
        return f"≥ {group.low:,}"
    return f"{group.low:,}" if group.low == group.high else f"{group.low:,}–{group.high:,}"


@st.cache_data(max_entries=32, show_spinner="Measuring the users …")
def _baseline_table(
    entry_id: str, part: Part, folder: str, testbed: Testbed, _of: Measures
) -> Table:
    entry = Entry(entry_id, "", {})
    return per_user_metrics(_of.scorer(entry), cache.split(_of.config), part)


@st.cache_data(max_entries=5000, show_spinner=False)
def _figure(
    ids: tuple[str, ...],
    metric: str,
    group: str,
    part: Part,
    folder: str,
    testbed: Testbed,
    _of: Measures,
    _unit: Unit,
) -> float:
    # Without what it takes to compare: nothing is resampled.
    return figure(seeds_table(_of.member_tables(_unit, group)), metric)


@st.cache_resource(max_entries=1000, show_spinner="Comparing user by user …")
def _measure(
    ids: tuple[str, ...],
    group: str,
    part: Part,
    folder: str,
    testbed: Testbed,
    _of: Measures,
    _unit: Unit,
) -> Measured:
    return measure(_of.member_tables(_unit, group))


@st.cache_data(max_entries=200, show_spinner="Measuring the movies …")
def _popularity_groups(
    entry_id: str, part: Part, folder: str, testbed: Testbed, _of: Measures, _entry: Entry
) -> list[Group]:
    return popularity_groups(_of.scorer(_entry), cache.split(_of.config), part)


@st.cache_data(max_entries=200, show_spinner="Measuring the stars …")
def _calibration(
    entry_id: str, part: Part, folder: str, testbed: Testbed, _of: Measures, _entry: Entry
) -> list[CalibrationGroup]:
    parts = cache.split(_of.config)
    users = np.unique(getattr(parts, part).users)
    errors, _, rows = rating_errors(_of.scorer(_entry), parts, part, users)
    return calibration_groups(errors + rows.ratings, rows.ratings)
