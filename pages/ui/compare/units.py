"""What is compared: a run, a baseline, or the runs of one config with several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pages.ui.compare.rows import Entry
from pages.ui.names import run_labels
from recsys.metrics import METRICS
from recsys.records import Run
from recsys.seeds import SeedGroup


@dataclass(frozen=True)
class Unit(SeedGroup[Entry]):
    """Runs whose configs are equal but for the seed; or one run, or one baseline.

    Attributes:
        members: its entries, by seed.
        label: for people; no two units share one.
    """

    label: str

    @property
    def unit_id(self) -> str:
        """The id of its only member, or of its first and how many more there are."""
        first, more = self.members[0].entry_id, len(self.members) - 1
        return f"{first}~{more}" if more else first


def learns_curve(learner: Entry | Unit, curve: str) -> bool:
    """Return whether the task of a metric or a loss was trained; the total loss always is."""
    task = METRICS[curve].task if curve in METRICS else curve.removesuffix("_loss")
    return task == "total" or learner.learns(task)


def make_units(entries: Sequence[Entry], *, grouped: bool = True) -> list[Unit]:
    """Return the entries as units, in the order of their first members."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_key(entry) if grouped else entry.entry_id, []).append(entry)
    labels = _group_labels([group for group in groups.values() if len(group) > 1])
    return [
        Unit(tuple(sorted(group, key=_seed)), labels.get(group[0].entry_id, group[0].label))
        for group in groups.values()
    ]


def unfold(units: Sequence[Unit], unit_ids: Sequence[str]) -> list[Unit]:
    """Return the units, those with these ids followed by each of their members alone."""
    shown = []
    for unit in units:
        shown.append(unit)
        if unit.unit_id in unit_ids and len(unit.members) > 1:
            shown += [Unit((entry,), _member_label(entry)) for entry in unit.members]
    return shown


def _member_label(entry: Entry) -> str:
    told = "seed " in entry.label or entry.run is None
    return f"↳ {entry.label}" + ("" if told else f", seed {_seed(entry)}")


def unit_of(units: Sequence[Unit], entry_id: str | None) -> Unit | None:
    """Return the unit that an entry is a member of, or None."""
    return next((u for u in units if any(e.entry_id == entry_id for e in u.members)), None)


def other_seeds(entries: Sequence[Entry], selected: Sequence[str]) -> list[str]:
    """Return the entries that are not selected and have the config of a selected one."""
    keys = {_key(entry) for entry in entries if entry.entry_id in selected}
    return [e.entry_id for e in entries if e.entry_id not in selected and _key(e) in keys]


def _key(entry: Entry) -> str:
    """Return what makes entries one unit. A stopped run is not one more seed of a whole one."""
    if entry.run is None or entry.run.status != "finished":
        return entry.entry_id
    return entry.run.config.model_dump_json(exclude={"seed"})


def _seed(entry: Entry) -> int:
    return entry.run.config.seed if entry.run else 0


def _group_labels(groups: Sequence[Sequence[Entry]]) -> dict[str, str]:
    """Return a label for each group by its first entry's id: what its members have in common."""
    firsts = {group[0].entry_id: _common(group) for group in groups}
    labels = run_labels(list(firsts.values()))
    return {
        group[0].entry_id: f"{labels[group[0].entry_id]} · {len(group)} seeds" for group in groups
    }


def _common(group: Sequence[Entry]) -> Run:
    """Return the first run, without what only it has: its seed, and a name the others lack."""
    runs = [entry.run for entry in group if entry.run]
    name = runs[0].name if len({run.name for run in runs}) == 1 else ""
    return replace(runs[0], name=name, config=runs[0].config.model_copy(update={"seed": 0}))
