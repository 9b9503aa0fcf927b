"""Units, the rows of a comparison: a run, a baseline, or one config's runs of several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pages.ui.compare.rows import Entry
from pages.ui.names import run_labels
from recsys.evaluation.metrics import METRICS
from recsys.runs.records import Run
from recsys.runs.seeds import SeedGroup


@dataclass(frozen=True)
class Unit(SeedGroup[Entry]):
    """Runs whose configs differ only in the seed; or one run, or one baseline.

    Attributes:
        members: its entries, sorted by seed.
        label: shown on the page; no two units share one.
    """

    label: str

    @property
    def unit_id(self) -> str:
        """The id of its only member; of several, the id of the first and how many follow it."""
        first, more = self.members[0].entry_id, len(self.members) - 1
        return f"{first}~{more}" if more else first


def learns_curve(learner: Entry | Unit, curve: str) -> bool:
    """Return whether the task of a metric or a loss was trained; the total loss always counts."""
    task = METRICS[curve].task if curve in METRICS else curve.removesuffix("_loss")
    return task == "total" or learner.learns(task)


def make_units(entries: Sequence[Entry], *, grouped: bool = True) -> list[Unit]:
    """Return the entries as units, in the order of their first members.

    Args:
        entries: What is compared.
        grouped: Whether runs that differ only in the seed are one unit.
    """
    by_key: dict[str, list[Entry]] = {}
    for entry in entries:
        by_key.setdefault(_key(entry) if grouped else entry.entry_id, []).append(entry)
    labels = _labels([members for members in by_key.values() if len(members) > 1])
    return [
        Unit(tuple(sorted(members, key=_seed)), labels.get(members[0].entry_id, members[0].label))
        for members in by_key.values()
    ]


def unfold(units: Sequence[Unit], unit_ids: Sequence[str]) -> list[Unit]:
    """Return the units; those with these ids are followed by each of their members as a unit."""
    shown = []
    for unit in units:
        shown.append(unit)
        if unit.unit_id in unit_ids and len(unit.members) > 1:
            shown += [Unit((entry,), _member_label(entry)) for entry in unit.members]
    return shown


def _member_label(entry: Entry) -> str:
    has_seed = "seed " in entry.label or entry.run is None
    return f"↳ {entry.label}" + ("" if has_seed else f", seed {_seed(entry)}")


def unit_of(units: Sequence[Unit], entry_id: str | None) -> Unit | None:
    """Return the unit that an entry is a member of, or None."""
    return next((u for u in units if any(e.entry_id == entry_id for e in u.members)), None)


def other_seeds(entries: Sequence[Entry], selected: Sequence[str]) -> list[str]:
    """Return the ids of entries that are not selected and differ from one only in the seed."""
    keys = {_key(entry) for entry in entries if entry.entry_id in selected}
    return [e.entry_id for e in entries if e.entry_id not in selected and _key(e) in keys]


def _key(entry: Entry) -> str:
    """Return the key that the entries of a unit share. A stopped run is a unit of its own."""
    if entry.run is None or entry.run.status != "finished":
        return entry.entry_id
    return entry.run.config.model_dump_json(exclude={"seed"})


def _seed(entry: Entry) -> int:
    return entry.run.config.seed if entry.run else 0


def _labels(several: Sequence[Sequence[Entry]]) -> dict[str, str]:
    """Return a label for each list of members, by the id of its first entry."""
    first_runs = {members[0].entry_id: _common(members) for members in several}
    labels = run_labels(list(first_runs.values()))
    return {
        members[0].entry_id: f"{labels[members[0].entry_id]} · {len(members)} seeds"
        for members in several
    }


def _common(members: Sequence[Entry]) -> Run:
    """Return the first run without its seed, and without a name that the others do not share."""
    runs = [entry.run for entry in members if entry.run]
    name = runs[0].name if len({run.name for run in runs}) == 1 else ""
    return replace(runs[0], name=name, config=runs[0].config.model_copy(update={"seed": 0}))
