"""What recommendations come from: a run with its data, and the models to compare it with."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.ui import cache
from pages.ui.names import run_labels, run_name
from pages.ui.recommend import people
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import DataError, Dataset
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed
from recsys.scorer import RETRIEVAL, Scorer

POPULAR = "most popular"
BASELINE = "baseline:"  # before the name of a baseline among the ids of models


@dataclass(frozen=True, eq=False)
class Model:
    """What a list comes from.

    Attributes:
        model_id: The run's id, or `baseline:` and the baseline's name.
        label: For people.
        scorer: The model.
        notes: What of its output means nothing.
    """

    model_id: str
    label: str
    scorer: Scorer
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Scene:
    """A model with everything that is needed to show what it recommends.

    Attributes:
        model: The model in view.
        config: Of its run; for a baseline, the config whose split it is fitted to.
        metrics: Its metrics on the holdout.
        data: What it was trained on.
        split: How that was cut.
    """

    model: Model
    config: RunConfig
    metrics: dict[str, float]
    data: Dataset
    split: Split

    @property
    def scorer(self) -> Scorer:
        """The model's scorer."""
        return self.model.scorer

    @property
    def examples(self) -> list[people.Example]:
        """The telling users under this model, the one to start with first."""
        return _examples(
            cache.testbed(self.config),
            self.model.model_id,
            _data=self.data,
            _split=self.split,
            _fitted=self.scorer,
        )

    @property
    def user_options(self) -> dict[str, str]:
        """User id -> label of the users to choose from, see `people.user_options`."""
        return _user_options(cache.testbed(self.config), _data=self.data, _split=self.split)


def load_scene(run: Run) -> Scene:
    """Load what the run was trained on and what it learnt.

    Raises:
        DataError: the data set is gone, or is not the one the run was trained on.
        RunError: the run is damaged.
    """
    data = cache.dataset(run.dataset)
    if data.fingerprint != run.fingerprint:
        raise DataError(
            f"data set {run.dataset} has changed since this run was trained on it; "
            "train again to see recommendations"
        )
    model = _stored(run_name(run), run)
    holdout = run.metrics.get("holdout", {})
    return Scene(model, run.config, holdout, data, cache.split(run.config))


def baseline_scene(config: RunConfig) -> Scene:
    """Return the popularity baseline on this config's split: what there is before any run.

    Raises:
        DataError: the data set is gone.
    """
    model = _baseline(POPULAR, cache.baseline_scorers(config)[POPULAR])
    metrics = cache.baseline_metrics(config)[POPULAR].get("holdout", {})
    return Scene(model, config, metrics, cache.dataset(config.data), cache.split(config))


def other_models(shown: Run, scene: Scene, runs: Sequence[Run]) -> dict[str, partial[Model]]:
    """Return what can stand beside the run shown: id -> how to load it (the label comes first)."""
    baselines = {
        f"{BASELINE}{name}": partial(_baseline, name, scorer)
        for name, scorer in cache.baseline_scorers(scene.config).items()
        if RETRIEVAL in scorer.tasks
    }
    same = [run for run in runs if Testbed.of_run(run) == Testbed.of_run(shown)]
    labels = run_labels(same)
    stored = {
        run.run_id: partial(_stored, labels[run.run_id], run)
        for run in same
        if run.run_id != shown.run_id
    }
    return baselines | stored


def _stored(label: str, run: Run) -> Model:
    return Model(run.run_id, label, cache.scorer(run.run_id), untrained_notes(run.config))


def _baseline(label: str, scorer: Scorer) -> Model:
    return Model(f"{BASELINE}{label}", label, scorer)


def untrained_notes(config: RunConfig) -> tuple[str, ...]:
    """Say what of a list means nothing, because its task had no weight in training."""
    notes = {
        "the order of the movies means nothing": config.retrieval_weight,
        "the predicted stars mean nothing": config.rating_weight,
    }
    tasks = ("retrieval", "rating")
    return tuple(
        f"Trained with {task} weight 0: {note}."
        for task, (note, weight) in zip(tasks, notes.items(), strict=True)
        if weight == 0
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _user_options(key: Testbed, _data: Dataset, _split: Split) -> dict[str, str]:
    return people.user_options(_data, _split)


@st.cache_resource(max_entries=64, show_spinner=False)
def _examples(
    key: Testbed, model: str, _data: Dataset, _split: Split, _fitted: Scorer
) -> list[people.Example]:
    return people.examples(_data, _split, _fitted)
