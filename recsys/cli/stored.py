"""Command line options that name a stored run, and how its movies are ranked."""

import argparse
from dataclasses import dataclass
from math import isinf

from recsys.blend import Blended, blend, check_weight
from recsys.data.library import load_dataset
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.evaluation.evaluate import Part
from recsys.experiment import split_for
from recsys.home import runs_folder
from recsys.line import StoredScorer
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.scorer import TASKS


@dataclass(frozen=True, eq=False)
class Stored:
    """A stored run with its model and its data."""

    run: Run
    scorer: StoredScorer
    dataset: Dataset
    split: Split

    def blend(self, weight: float, part: Part = "holdout") -> Blended:
        """Return the model with a serving blend, see `recsys.blend.blend`.

        Raises:
            DuetError: the run did not train both tasks.
        """
        for task in sorted(TASKS):
            if weight and not self.run.learns(task):
                raise DuetError(
                    f"--blend needs both tasks, but run {self.run.run_id} has {task} weight 0"
                )
        return blend(self.scorer, self.split, weight, part)


def stored_arguments(sub: argparse.ArgumentParser) -> None:
    """Add these options to a command."""
    sub.add_argument("--run", required=True, metavar="ID", help="as `runs` lists it")
    sub.add_argument(
        "--blend",
        type=_weight,
        default=0.0,
        metavar="W",
        help="rank by score / sd + W * predicted stars (0: by score alone; inf: by stars alone)",
    )


def load_stored(options: argparse.Namespace) -> Stored:
    """Return the run that the options name.

    Raises:
        DuetError: there is no such run, or its data are not there or have changed.
    """
    store = RunStore(runs_folder())
    run = store.load(options.run)
    dataset = load_dataset(run.dataset)
    if dataset.fingerprint != run.fingerprint:
        raise DuetError(f"run {run.run_id} was trained on other data than today's {run.dataset}")
    return Stored(run, store.scorer(run.run_id), dataset, split_for(run.config, dataset))


def weight_json(weight: float) -> float | str:
    """Return a weight as a JSON value: JSON has no number for infinity."""
    return "inf" if isinf(weight) else weight


def _weight(text: str) -> float:
    try:
        return check_weight(float(text))
    except (ValueError, DuetError):
        raise argparse.ArgumentTypeError(
            f"{text!r}: must be a number, 0 or more (inf: by stars alone)"
        ) from None
