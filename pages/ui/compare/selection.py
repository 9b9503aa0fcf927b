"""What the Compare page shows: which testbed, which of its runs, and which ids were not found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pages.ui.compare.filter import Filter, filter_options, matches, read_filter
from pages.ui.compare.rows import Entry, default_selection, make_entries
from pages.ui.compare.units import Unit, make_units
from pages.ui.names import run_labels
from recsys.config import RunConfig
from recsys.records import Run
from recsys.testbed import Testbed, runs_by_testbed

NONE = "none"  # in the URL: nothing is selected, as the user wants it


@dataclass(frozen=True)
class Comparison:
    """One state of the page.

    Attributes:
        testbeds: Every testbed that runs were measured on, that of the newest run first.
        testbed: The one in view; only its runs are compared.
        config: Of one of its runs: it says how the data are split.
        entries: Its runs, newest first, and its baselines.
        selected: Ids of the selected entries, in the order of `entries`.
        unknown: Ids that the link names and the store does not have.
        elsewhere: Runs that the link names and that were measured on another testbed.
        pinned: The entry that all others are compared with, shown or not.
        options: The fields in which the testbed's runs differ, with their values.
        chosen_values: The values that runs are filtered by; baselines are always shown.
        hidden: Ids of selected entries that the filter hides.
        filtered: How many runs the filter hides.
    """

    testbeds: list[Testbed]
    testbed: Testbed
    config: RunConfig
    entries: list[Entry]
    selected: list[str]
    unknown: list[str] = field(default_factory=list)
    elsewhere: list[Run] = field(default_factory=list)
    pinned: Entry | None = None
    options: dict[str, list[str]] = field(default_factory=dict)
    chosen_values: Filter = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    filtered: int = 0

    def chosen(self) -> list[Entry]:
        """Return the selected entries."""
        return [entry for entry in self.entries if entry.entry_id in self.selected]

    def compared(self) -> list[Entry]:
        """Return the pinned entry, if there is one, and the selected ones."""
        others = [e for e in self.chosen() if not self.pinned or e.entry_id != self.pinned.entry_id]
        return [*([self.pinned] if self.pinned else []), *others]

    def units(self, *, grouped: bool) -> list[Unit]:
        """Return what is compared, seeds of one config together where they are to be `grouped`."""
        return make_units(self.compared(), grouped=grouped)


def make_comparison(
    runs: Sequence[Run],
    asked: str | None,
    testbed_key: str | None = None,
    *,
    pin: str | None = None,
    where: str | None = None,
) -> Comparison:
    """Return what to show.

    Args:
        runs: All runs of the store, newest first; at least one.
        asked: Ids separated by commas, as in the URL; None: the default selection.
        testbed_key: Key of the testbed to show where no known run is asked for; else that of the
            newest run.
        pin: Id of the entry that the others are compared with.
        where: The filter, as in the URL.
    """
    groups = runs_by_testbed(runs)
    ids = [] if asked in (None, NONE) else [i for i in dict.fromkeys(asked.split(",")) if i]
    by_id = {run.run_id: (testbed, run) for testbed, group in groups.items() for run in group}
    by_key = {one.key: one for one in groups}
    by_default = by_key.get(testbed_key or "", next(iter(groups)))
    testbed = next((by_id[i][0] for i in ids if i in by_id), by_default)
    everything = make_entries(groups[testbed], run_labels(groups[testbed]))
    options = filter_options(groups[testbed])
    values = read_filter(where, options)
    entries = [e for e in everything if e.run is None or matches(e.run, values)]
    known, here = ({entry.entry_id for entry in some} for some in (everything, entries))
    if asked is None:
        selected = default_selection(entries)
    else:
        selected = [entry.entry_id for entry in entries if entry.entry_id in ids]
    return Comparison(
        testbeds=list(groups),
        testbed=testbed,
        config=groups[testbed][0].config,
        entries=entries,
        selected=selected,
        unknown=[i for i in ids if i not in known and i not in by_id],
        elsewhere=[by_id[i][1] for i in ids if i in by_id and i not in known],
        pinned=next((entry for entry in everything if entry.entry_id == pin), None),
        options=options,
        chosen_values=values,
        hidden=[i for i in ids if i in known and i not in here],
        filtered=len(everything) - len(entries),
    )
