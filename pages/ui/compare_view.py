"""What the Compare page shows: which setting, which of its runs, and what a link asked in vain."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pages.ui.comparable import Setting, group_runs, run_labels
from pages.ui.compare_rows import Entry, default_selection, make_entries
from recsys.runs import Run

NONE = "none"  # in the URL: nothing is selected, as the user wants it


@dataclass(frozen=True)
class Comparison:
    """One state of the page.

    Attributes:
        settings: Every setting that runs were measured on, the one of the newest run first.
        setting: The one in view; only its runs are compared.
        entries: Its runs, newest first, and its baselines.
        selected: Ids of the selected entries, in the order of `entries`.
        unknown: Ids that the link names and the store does not have.
        elsewhere: Runs that the link names and that were measured on another setting.
    """

    settings: list[Setting]
    setting: Setting
    entries: list[Entry]
    selected: list[str]
    unknown: list[str] = field(default_factory=list)
    elsewhere: list[Run] = field(default_factory=list)

    def chosen(self) -> list[Entry]:
        """Return the selected entries."""
        return [entry for entry in self.entries if entry.entry_id in self.selected]


def make_comparison(
    runs: Sequence[Run], asked: str | None, setting_key: str | None = None
) -> Comparison:
    """Return what to show.

    Args:
        runs: All runs of the store, newest first; at least one.
        asked: Ids separated by commas, as in the URL; None: the default selection.
        setting_key: Key of the setting to show where no known run is asked for; else that of the
            newest run.
    """
    groups = group_runs(runs)
    ids = [] if asked in (None, NONE) else [i for i in dict.fromkeys(asked.split(",")) if i]
    by_id = {run.run_id: (setting, run) for setting, group in groups.items() for run in group}
    by_key = {setting.key: setting for setting in groups}
    by_default = by_key.get(setting_key or "", next(iter(groups)))
    setting = next((by_id[i][0] for i in ids if i in by_id), by_default)
    entries = make_entries(groups[setting], run_labels(groups[setting]))
    here = {entry.entry_id for entry in entries}
    if asked is None:
        selected = default_selection(entries)
    else:
        selected = [entry.entry_id for entry in entries if entry.entry_id in ids]
    elsewhere = [by_id[i][1] for i in ids if i in by_id and i not in here]
    return Comparison(
        settings=list(groups),
        setting=setting,
        entries=entries,
        selected=selected,
        unknown=[i for i in ids if i not in here and i not in by_id],
        elsewhere=elsewhere,
    )
