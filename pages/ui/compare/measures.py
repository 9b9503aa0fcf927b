"""Figures that the Compare page computes from the trained models: per user, cached, on demand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.basis import basis, part_words
from pages.ui.compare.metrics import Comparisons
from pages.ui.compare.rows import Entry, baseline_id
from pages.ui.compare.units import Unit
from recsys.baselines import BASELINES
from recsys.config import RunConfig, make_config
from recsys.data.library import available_datasets
from recsys.evaluation.beyond_accuracy import CalibrationGroup, calibration_groups
from recsys.evaluation.comparison import Compared, Measured, compare, measure, seeds_table
from recsys.evaluation.evaluate import (
    USERS,
    Part,
    Table,
    average_metric,
    average_metrics,
    per_user_metrics,
    rating_errors,
)
from recsys.evaluation.groups import Group, activity_groups, popularity_groups
from recsys.evaluation.metrics import METRICS
from recsys.runs.testbed import Testbed
from recsys.scorer import RATING, Scorer

BASELINE_NAMES = {baseline_id(name): name for name in BASELINES}
# Every model of their task has these, but not every run that was stored: they came later.
LATER_METRICS = ("novelty@20", "ndcg_liked@20", "calibration_error")


@dataclass(frozen=True)
class Measures:
    """What can be measured of entries.

    Attributes:
        folder: The run store's folder: each lab has figures of its own.
        testbed: The data and the split that the entries are measured on.
        part: `holdout` or `validation`.
    """

    folder: str
    testbed: Testbed
    part: Part

    @cached_property
    def key(self) -> str:
        """All that it is made of, as text: figures are cached under it.

        Streamlit takes much longer to make a key of the object itself.
        """
        return repr((self.folder, self.testbed, self.part))

    @cached_property
    def config(self) -> RunConfig:
        """A config whose data are split as the testbed says."""
        fields = ("data", "split", "holdout", "validation", "split_seed")
        return make_config({name: getattr(self.testbed, name) for name in fields})

    def can_measure(self) -> bool:
        """Return whether the lab has the testbed's data, unchanged; nothing is downloaded."""
        name = self.testbed.data
        if name not in available_datasets():
            return False
        return cache.dataset(name).fingerprint == self.testbed.fingerprint

    def basis(self, *, counts: bool = True) -> str:
        """Say what figures are measured on, and, if `counts` and the data are here, of how many."""
        known = counts and self.can_measure()
        return basis(self.config, self.part) if known else part_words(self.part)

    def knows(self, entry: Entry) -> bool:
        """Return whether an entry can be measured: a baseline of another version cannot."""
        return entry.run is not None or entry.entry_id in BASELINE_NAMES

    def scorer(self, entry_id: str) -> Scorer:
        """Return the trained model of a run, or a baseline.

        Raises:
            RunError: the run is not in the store any more, or it is damaged.
        """
        if entry_id in BASELINE_NAMES:
            return cache.baseline_scorers(self.config)[BASELINE_NAMES[entry_id]]
        return cache.scorer(entry_id)

    def table(self, entry_id: str) -> Table:
        """Return the metrics of each user, as `per_user_metrics`. Raises as `scorer`."""
        if entry_id in BASELINE_NAMES:
            return _baseline_table(self.key, entry_id, self)
        return cache.user_metrics(cache.store().load(entry_id), self.part)

    def groups(self, entry_id: str, grouping: str) -> list[Group]:
        """Return the metrics of users by `activity`, or of movies by `popularity`."""
        measured = _activity_groups if grouping == "activity" else _popularity_groups
        return measured(self.key, entry_id, self)

    def calibration(self, entry_id: str) -> list[CalibrationGroup]:
        """Return predicted against given stars; empty for an entry that predicts none."""
        return _calibration(self.key, entry_id, self)

    def prepare(self, ids: tuple[str, ...]) -> None:
        """Measure all that the page shows of a unit, alone or beside a pinned one.

        What has been measured is known from then on. Raises as `scorer`.

        Args:
            ids: of its members.
        """
        for entry_id in ids:
            self.calibration(entry_id)
        _measured(self.key, ids, "", self)
        for grouping in ("activity", "popularity"):
            for place in range(len(self.groups(ids[0], grouping))):
                _measured(self.key, ids, f"{grouping}.{place}", self)

    def tables(self, ids: Sequence[str], group: str) -> list[Table]:
        """Return the table of each id: of one group (`activity.0`) or, with "", of all users."""
        if not group:
            return [self.table(id_) for id_ in ids]
        grouping, place = group.split(".")
        return [self.groups(id_, grouping)[int(place)].table for id_ in ids]

    def completed_units(self, units: Sequence[Unit]) -> list[Unit]:
        """Return the units, with the metrics that did not exist yet when a run was stored."""
        return [replace(unit, members=tuple(map(self._completed, unit.members))) for unit in units]

    def _completed(self, entry: Entry) -> Entry:
        stored = entry.metrics.get(self.part, {})
        tasks = {METRICS[name].task for name in stored if name in METRICS}
        if all(name in stored for name in LATER_METRICS if METRICS[name].task in tasks):
            return entry
        if not (self.knows(entry) and self.can_measure()):
            return entry
        measured = average_metrics(self.table(entry.entry_id)) | stored
        return replace(entry, metrics=entry.metrics | {self.part: measured})

    def comparisons(
        self, units: Sequence[Unit], pinned: Unit, metrics: Sequence[str]
    ) -> Comparisons:
        """Return the comparison of each unit with the pinned one, in tasks that both learnt."""
        return {
            (unit.unit_id, name): comparison
            for unit in units
            if unit.unit_id != pinned.unit_id
            for name in metrics
            if (comparison := self.compared(unit, pinned, name, ""))
        }

    def group_figures(
        self, unit: Unit, pinned: Unit | None, metric: str, grouping: str
    ) -> list[dict[str, Any]]:
        """Return a metric in each group, or its difference to the pinned unit.

        Rows hold `group` (the span of train ratings, `20–35`), `users` and `value`. With a pinned
        unit, `value` is the difference, and the rows also hold `low`, `high` and `verdict`. A unit
        that did not learn the metric's task has no rows.
        """
        pinned_ids = _ids(pinned) if pinned else ()
        asked = self.key, _ids(unit), pinned_ids, metric, grouping
        return _group_figures(*asked, _measures=self, _unit=unit, _pinned=pinned)

    def compared(self, unit: Unit, pinned: Unit, metric: str, group: str) -> Compared | None:
        """Return the comparison of two units in a metric, of one group or, with "", of all users.

        None if one of them did not learn the metric's task, or cannot be measured.
        """
        members = [*unit.members, *pinned.members]
        if not (unit.is_trained_for(metric) and pinned.is_trained_for(metric)):
            return None
        if not all(self.knows(e) and e.metric(self.part, metric) is not None for e in members):
            return None
        own, other = (_measured(self.key, _ids(one), group, self) for one in (unit, pinned))
        if metric not in own.seeds or metric not in other.seeds:  # e.g. a movie group has no NDCG
            return None
        return compare(own, other, metric)


def _ids(unit: Unit) -> tuple[str, ...]:
    return tuple(entry.entry_id for entry in unit.members)


def _span(groups: Sequence[Group], place: int) -> str:
    """Return the span of a group's train ratings; the first and the last have one bound only."""
    group = groups[place]
    if len(groups) > 1 and place == 0:
        return f"≤ {group.high:,}"
    if place == len(groups) - 1:
        return f"≥ {group.low:,}"
    return f"{group.low:,}" if group.low == group.high else f"{group.low:,}–{group.high:,}"


@st.cache_data(max_entries=32, show_spinner="Measuring the users …")
def _baseline_table(key: str, entry_id: str, _measures: Measures) -> Table:
    split = cache.split(_measures.config)
    return per_user_metrics(_measures.scorer(entry_id), split, _measures.part)


@st.cache_data(max_entries=2000, show_spinner=False)
def _group_figures(
    key: str,
    ids: tuple[str, ...],
    pinned_ids: tuple[str, ...],
    metric: str,
    grouping: str,
    _measures: Measures,
    _unit: Unit,
    _pinned: Unit | None,
) -> list[dict[str, Any]]:
    if not _unit.is_trained_for(metric) or ids == pinned_ids:
        return []
    rows = []
    groups = _measures.groups(ids[0], grouping)
    for place, group in enumerate(groups):
        name = f"{grouping}.{place}"
        if metric not in group.table:
            return []
        row = {"group": _span(groups, place), "users": len(group.table[USERS])}
        if _pinned is None:
            # Without a comparison nothing needs to be resampled.
            value = average_metric(seeds_table(_measures.tables(ids, name)), metric)
            rows.append(row | {"value": value})
        elif compared := _measures.compared(_unit, _pinned, metric, name):
            value, low, high = compared.difference
            rows.append(
                row | {"value": value, "low": low, "high": high, "verdict": compared.verdict}
            )
    return rows


@st.cache_resource(max_entries=500, show_spinner="Comparing user by user …")
def _measured(key: str, ids: tuple[str, ...], group: str, _measures: Measures) -> Measured:
    return measure(_measures.tables(ids, group))


@st.cache_resource(max_entries=200, show_spinner=False)
def _activity_groups(key: str, entry_id: str, _measures: Measures) -> list[Group]:
    return activity_groups(cache.split(_measures.config), _measures.table(entry_id))


@st.cache_resource(max_entries=200, show_spinner="Measuring the movies …")
def _popularity_groups(key: str, entry_id: str, _measures: Measures) -> list[Group]:
    scorer = _measures.scorer(entry_id)
    if RATING not in scorer.tasks:
        return []
    return popularity_groups(scorer, cache.split(_measures.config), _measures.part)


@st.cache_data(max_entries=200, show_spinner="Measuring the stars …")
def _calibration(key: str, entry_id: str, _measures: Measures) -> list[CalibrationGroup]:
    scorer = _measures.scorer(entry_id)
    if RATING not in scorer.tasks:
        return []
    split, part = cache.split(_measures.config), _measures.part
    users = np.unique(getattr(split, part).users)
    errors, _, rows = rating_errors(scorer, split, part, users)
    return calibration_groups(errors + rows.ratings, rows.ratings)
