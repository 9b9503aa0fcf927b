"""Which runs may be compared: those measured on the same data, split the same way."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pages.ui.layout import config_name
from pages.ui.words import field_label
from recsys.runs import Run

# What a run is measured on, not how it is trained.
MEASURED_ON = ("data", "split", "holdout", "validation", "split_seed")
MAX_TELLING_FIELDS = 2  # named in a run's label to tell it from its namesakes
SHORT = {
    "embedding_dimension": "dimension",
}


@dataclass(frozen=True)
class Setting:
    """The data and the split that runs were measured on; figures of two settings say nothing.

    Attributes:
        data: Name of the data set.
        fingerprint: Of the data set's content.
        split: `random`, `time` or `given`.
        holdout: Share of the ratings, 0-1.
        validation: Share of the ratings, 0-1.
        split_seed: Seed of the split.
    """

    data: str
    fingerprint: str
    split: str
    holdout: float
    validation: float
    split_seed: int

    @property
    def key(self) -> str:
        """A short name for the URL."""
        shares = f"{100 * self.holdout:g}-{100 * self.validation:g}"
        return f"{self.data}-{self.fingerprint[:4]}-{self.split}-{shares}-{self.split_seed}"

    @property
    def label(self) -> str:
        """For people: `100k · random split 80/10/10 · split seed 42`."""
        seed = f" · split seed {self.split_seed}"
        validation = f"{self.validation:.0%} validation"
        if self.split == "given":
            return f"{self.data} · given holdout, {validation}{seed}"
        shares = f"{100 * (1 - self.holdout - self.validation):.3g}/{100 * self.validation:.3g}"
        kind = {"time": "split by time"}.get(self.split, "random split")
        return f"{self.data} · {kind} {shares}/{100 * self.holdout:.3g}" + (
            seed if self.split == "random" else ""
        )


def setting(run: Run) -> Setting:
    """Return what a run was measured on."""
    config = run.config
    return Setting(
        run.dataset,
        run.fingerprint,
        config.split,
        config.holdout,
        config.validation,
        config.split_seed,
    )


def group_runs(runs: Iterable[Run]) -> dict[Setting, list[Run]]:
    """Return the runs by setting, in the order they come."""
    groups: dict[Setting, list[Run]] = {}
    for run in runs:
        groups.setdefault(setting(run), []).append(run)
    return groups


def setting_labels(settings: Iterable[Setting]) -> dict[Setting, str]:
    """Return a label for each setting, all different: same-named data gets its fingerprint."""
    listed = list(settings)
    labels = [one.label for one in listed]
    return {
        one: label if labels.count(label) == 1 else f"{label} · content {one.fingerprint[:6]}"
        for one, label in zip(listed, labels, strict=True)
    }


def run_labels(runs: Sequence[Run]) -> dict[str, str]:
    """Return a label for each run id, all different: the user's name for it, or its preset.

    Runs of one name are told apart by the config fields that are special about them, or by id.
    """
    names = {run.run_id: _short_name(run) for run in runs}
    namesakes: dict[str, list[Run]] = {}
    for run in runs:
        namesakes.setdefault(names[run.run_id], []).append(run)
    labels: dict[str, str] = {}
    for name, group in namesakes.items():
        labels |= _tell_apart(name, group)
    seen = Counter(labels.values())
    return {
        run.run_id: labels[run.run_id]
        if seen[labels[run.run_id]] == 1
        else f"{labels[run.run_id]} · {run.run_id[:6]}"
        for run in runs
    }


def differing_fields(configs: Sequence[dict[str, Any]]) -> list[str]:
    """Return the fields that do not have the same value in all configs."""
    if not configs:
        return []
    return [field for field in configs[0] if any(c[field] != configs[0][field] for c in configs)]


def _tell_apart(name: str, runs: list[Run]) -> dict[str, str]:
    """Add to the name what is special about each of the namesakes; often that is nothing."""
    configs = [run.config.model_dump() for run in runs]
    usual = {}
    for field in differing_fields(configs):
        # In a tie the oldest run's value is the usual one: the first to be counted wins.
        usual[field] = Counter(c[field] for c in reversed(configs)).most_common(1)[0][0]
    labels = {}
    for run, config in zip(runs, configs, strict=True):
        special = [field for field in usual if config[field] != usual[field]]
        told = ", ".join(f"{_short(field)} {config[field]}" for field in special)
        if len(special) > MAX_TELLING_FIELDS:
            told = run.run_id[:6]
        labels[run.run_id] = f"{name} · {told}" if told else name
    return labels


def _short_name(run: Run) -> str:
    """Name a run in few characters: a name that is cut off says something else."""
    config = run.config
    name = run.name or config_name(config)
    if not run.name and config.preset is None:
        name = name.replace("retrieval ", "", 1).replace(": rating ", ": ", 1)
    return name if run.status == "finished" else f"{name} · {run.status}"


def plain(text: str) -> str:
    """Return the Markdown that shows a text as it is: names may hold `*`, `_` or `:`."""
    return re.sub(r"([\\`*_\[\]$:~<>#|!&])", r"\\\1", text)


def _short(field: str) -> str:
    return SHORT.get(field, field_label(field).lower())
