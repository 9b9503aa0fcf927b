"""What the Compare page compares: the testbed, its runs that pass the filter, the selected ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from pages.ui.compare.rows import Entry, config_text, default_selection, make_entries
from pages.ui.names import run_labels
from recsys.config import differing_fields
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed, runs_by_testbed

NONE = "none"  # in the URL: the user has deselected everything
Filter = Mapping[str, Sequence[str]]  # config field -> the values to show, as text


@dataclass(frozen=True)
class Selection:
    """The runs and baselines that the page shows, and those that are selected.

    Attributes:
        testbeds: Every testbed that runs were measured on, that of the newest run first.
        testbed: The one that is shown; only its runs are compared.
        entries: Its runs that pass the filter, newest first, and its baselines.
        selected: Ids of the selected entries, in the order of `entries`.
        unknown: Ids in the link that were not found in the store.
        elsewhere: Runs in the link that were measured on another testbed.
        pinned: The entry that all others are compared with; it need not be selected.
        options: The config fields in which the testbed's runs differ, with their values.
        chosen_values: The values that runs are filtered by; baselines pass every filter.
        hidden: Ids of selected entries that the filter hides.
        filtered: How many runs the filter hides.
    """

    testbeds: list[Testbed]
    testbed: Testbed
    entries: list[Entry]
    selected: list[str]
    unknown: list[str] = field(default_factory=list)
    elsewhere: list[Run] = field(default_factory=list)
    pinned: Entry | None = None
    options: dict[str, list[str]] = field(default_factory=dict)
    chosen_values: Filter = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    filtered: int = 0

    @property
    def ids(self) -> str:
        """The selected ids as the URL holds them, hidden ones included."""
        return ",".join([*self.selected, *self.hidden]) or NONE

    def chosen(self) -> list[Entry]:
        """Return the selected entries."""
        return [entry for entry in self.entries if entry.entry_id in self.selected]

    def compared(self) -> list[Entry]:
        """Return the pinned entry, if there is one, and the other selected ones."""
        if self.pinned is None:
            return self.chosen()
        return [self.pinned, *(e for e in self.chosen() if e.entry_id != self.pinned.entry_id)]


def make_selection(
    runs: Sequence[Run],
    asked: str | None,
    testbed_key: str | None = None,
    *,
    pin: str | None = None,
    where: str | None = None,
) -> Selection:
    """Return what to show.

    Args:
        runs: All runs of the store, newest first; at least one.
        asked: Ids separated by commas, as in the URL; None: the default selection.
        testbed_key: Key of the testbed to show if `asked` names no known run. Without it, the
            testbed of the newest run is shown.
        pin: Id of the entry that the others are compared with.
        where: The filter, as in the URL.
    """
    by_testbed = runs_by_testbed(runs)
    by_id = {run.run_id: (testbed, run) for testbed, own in by_testbed.items() for run in own}
    ids = [] if asked in (None, NONE) else [i for i in dict.fromkeys(asked.split(",")) if i]
    by_default = next((one for one in by_testbed if one.key == testbed_key), next(iter(by_testbed)))
    testbed = next((by_id[i][0] for i in ids if i in by_id), by_default)
    own_runs = by_testbed[testbed]
    options = filter_options(own_runs)
    values = read_filter(where, options)
    unfiltered = make_entries(own_runs, run_labels(own_runs))
    entries = [e for e in unfiltered if e.run is None or matches(e.run, values)]
    known, shown = ({entry.entry_id for entry in some} for some in (unfiltered, entries))
    if asked is None:
        selected = default_selection(entries)
    else:
        selected = [entry.entry_id for entry in entries if entry.entry_id in ids]
    return Selection(
        testbeds=list(by_testbed),
        testbed=testbed,
        entries=entries,
        selected=selected,
        unknown=[i for i in ids if i not in known and i not in by_id],
        elsewhere=[by_id[i][1] for i in ids if i in by_id and i not in known],
        pinned=next((entry for entry in unfiltered if entry.entry_id == pin), None),
        options=options,
        chosen_values=values,
        hidden=[i for i in ids if i in known and i not in shown],
        filtered=len(unfiltered) - len(entries),
    )


def filter_options(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Return the config fields in which runs differ, each with its values as sorted texts."""
    configs = [run.config for run in runs]
    options = {}
    for name in differing_fields(configs):
        values = {config_text(getattr(one, name)): getattr(one, name) for one in configs}
        options[name] = sorted(values, key=lambda text: _order(values[text]))
    return options


def matches(run: Run, chosen: Filter) -> bool:
    """Return whether a run has one of the chosen values in every field of the filter."""
    config = run.config.model_dump()
    return all(config_text(config.get(name)) in values for name, values in chosen.items())


def read_filter(text: str | None, options: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the filter that the URL holds, without values that no run has."""
    chosen: dict[str, list[str]] = {}
    for name, value in parse_qsl(text or ""):
        if value in options.get(name, ()):
            chosen.setdefault(name, []).append(value)
    return chosen


def write_filter(chosen: Filter) -> str | None:
    """Return the filter as the URL holds it; None for no filter."""
    return urlencode([(f, value) for f, values in chosen.items() for value in values]) or None


def _order(value: object) -> tuple[int, float, str]:
    """Return the sort key of a value: numbers by size come first, then the rest by their text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return (1, 0.0, str(value))
    return (0, float(value), "")
