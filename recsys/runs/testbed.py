"""Testbed: the data and the split that a run is measured on. Runs on one testbed are comparable."""

from collections.abc import Iterable
from dataclasses import dataclass

from recsys.config import RunConfig
from recsys.data.names import dataset_label
from recsys.runs.records import Run


@dataclass(frozen=True)
class Testbed:
    """What decides which ratings a model is trained and measured on.

    Metrics of runs on different testbeds must not be compared.

    Attributes:
        data: name of the data set.
        fingerprint: of the data set's content.
        split: `random`, `time` or `given`.
        holdout: share of the ratings, 0-1.
        validation: share of the ratings, 0-1.
        split_seed: seed of the random draws.
    """

    __test__ = False  # pytest takes classes whose names begin with Test for tests

    data: str
    fingerprint: str
    split: str
    holdout: float
    validation: float
    split_seed: int

    @classmethod
    def of(cls, config: RunConfig, fingerprint: str) -> "Testbed":
        """Return the testbed of runs of `config` on the data with this fingerprint."""
        return cls(
            config.data,
            fingerprint,
            config.split,
            config.holdout,
            config.validation,
            config.split_seed,
        )

    @classmethod
    def of_run(cls, run: Run) -> "Testbed":
        """Return the testbed that a run was measured on."""
        return cls.of(run.config, run.fingerprint)

    @property
    def key(self) -> str:
        """A short name, for URLs: `100k-1a2b-random-10-10-42`."""
        shares = f"{100 * self.holdout:g}-{100 * self.validation:g}"
        return f"{self.data}-{self.fingerprint[:4]}-{self.split}-{shares}-{self.split_seed}"

    @property
    def label(self) -> str:
        """A name for people: `MovieLens 100K · random split 80/10/10 · split seed 42`."""
        data = dataset_label(self.data)
        seed = f" · split seed {self.split_seed}"
        if self.split == "given":
            return f"{data} · given holdout, {self.validation:.0%} validation{seed}"
        train = 1 - self.holdout - self.validation
        shares = "/".join(f"{100 * part:.3g}" for part in (train, self.validation, self.holdout))
        if self.split == "time":
            return f"{data} · split by time {shares}"
        return f"{data} · random split {shares}{seed}"


def runs_by_testbed(runs: Iterable[Run]) -> dict[Testbed, list[Run]]:
    """Return the runs of each testbed, in the given order."""
    groups: dict[Testbed, list[Run]] = {}
    for run in runs:
        groups.setdefault(Testbed.of_run(run), []).append(run)
    return groups
