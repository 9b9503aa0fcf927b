"""The run in view with its data, and the models to compare it with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from pages.ui import cache, people, state, url_inputs, user_choice
from pages.ui.names import run_labels
from pages.ui.run_choice import (
    EQUAL,
    data_of,
    line_places,
    model_name,
    run_in_view,
    trained_only,
    untrained_notes,
)
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed
from recsys.scorer import RETRIEVAL, TASKS, Scorer

POPULAR = "most popular"
BASELINE = "baseline:"  # before the name of a baseline among the ids of models
MOST_BESIDE = 3  # models whose lists stand beside that of the run


@dataclass(frozen=True, eq=False)
class Model:
    """A model that recommends: a run's or a baseline.

    Attributes:
        model_id: The run's id, with `@` and the position on a line; or `baseline:` and the
            baseline's name.
        label: Its name on the page.
        scorer: The model at serving time.
        notes: Warnings about outputs of untrained tasks.
        run: None for a baseline.
        position: On the line of the run, see `recsys.ratio.weights_at`; without a line, its middle.
        plain: The model of the same line at equal weights; None for a model that is not on a line.
    """

    model_id: str
    label: str
    scorer: Scorer
    notes: tuple[str, ...] = ()
    run: Run | None = None
    position: float = cache.MIDDLE
    plain: Scorer | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """The model in view and its data.

    Attributes:
        model: The model in view.
        config: The run's config; for a baseline, the config whose split it is fitted to.
        metrics: The model's metrics on the holdout.
        data: The data set the model was trained on.
        split: The split of that data set.
        others: The models whose lists stand beside that of the model in view.
    """

    model: Model
    config: RunConfig
    metrics: dict[str, float]
    data: Dataset
    split: Split
    others: tuple[Model, ...] = ()

    @property
    def scorer(self) -> Scorer:
        """The model's scorer."""
        return self.model.scorer

    @property
    def blended_run(self) -> Run | None:
        """The run in view if it learnt both tasks: only then there is something to blend."""
        run = self.model.run
        return run if run and all(map(run.learns, TASKS)) else None

    @property
    def examples(self) -> list[people.Example]:
        """The example users for this model; the first is shown by default.

        With another model beside it, one is the user whose lists differ most.
        """
        key = cache.testbed_key(self.config)
        found = _examples(
            key, self.model.model_id, _data=self.data, _split=self.split, _fitted=self.scorer
        )
        if not self.others:
            return found
        ids = (self.model.model_id, self.others[0].model_id)
        pair = (self.scorer, self.others[0].scorer)
        most = _differs_most(key, ids, _split=self.split, _pair=pair)
        return [*found, most] if most else found

    @property
    def user_options(self) -> dict[str, str]:
        """User id -> label of the users to choose from, see `people.user_options`."""
        return user_choice.options(self.config, self.data, self.split)


def load_scene(run: Run) -> Scene:
    """Load a run's model, data set and split.

    Raises:
        DataError: the data set is missing, or has changed since the training.
        RunError: the run is damaged.
    """
    data = data_of(run)
    place = place_in_view(run)
    label = model_name(_labels(run, cache.runs())[run.run_id], run, float(place), ())
    model = _stored(label, run, place)
    holdout = _metrics(run, place).get("holdout", {})
    return Scene(model, run.config, holdout, data, cache.split(run.config))


def place_in_view(run: Run) -> str:
    """Return the place on a run's line that the URL asks for; by default that of equal weights."""
    place: str = url_inputs.chosen(state.AT, line_places(run), EQUAL)
    return place


def _metrics(run: Run, place: str) -> dict[str, dict[str, float]]:
    """Return part -> metrics of the model in view; few are known of a place on a line."""
    if place == EQUAL:
        return run.metrics
    return run.line[line_places(run).index(place)].metrics


def baseline_scene(config: RunConfig) -> Scene:
    """Return the popularity baseline on this config's split, shown while there is no run.

    Raises:
        DataError: the data set is missing.
    """
    model = _baseline(POPULAR, cache.baseline_scorers(config)[POPULAR])
    metrics = cache.baseline_metrics(config)[POPULAR].get("holdout", {})
    return Scene(model, config, metrics, cache.dataset(config.data), cache.split(config))


def default_scene() -> Scene:
    """Return the popularity baseline on the app's data set, shown while there is no run."""
    return baseline_scene(cache.default_config(state.app_data()))


def current_scene() -> Scene:
    """Return the scene in view now, for callbacks: the page may have changed since it was drawn.

    Raises:
        DuetError: the run or its data set is missing or damaged.
    """
    runs = cache.runs()
    if not runs:
        return default_scene()
    run = run_in_view(runs)
    scene = load_scene(run)
    others = other_models(run, scene, runs)
    chosen = url_inputs.chosen_several(state.BESIDE, list(others))[:MOST_BESIDE]
    return beside(scene, [others[one]() for one in chosen])


def current_split() -> Split:
    """Return the split of the scene in view now, without loading its models; see `current_scene`.

    Raises:
        DataError: the data set is missing, or has changed since the training.
    """
    runs = cache.runs()
    if not runs:
        return cache.split(cache.default_config(state.app_data()))
    run = run_in_view(runs)
    data_of(run)
    return cache.split(run.config)


def scorers(scene: Scene) -> list[Scorer]:
    """Return the scorers of the models shown, and at the end that of the most popular movies."""
    popular = cache.baseline_scorers(scene.config)[POPULAR]
    shown = [scene.scorer, *(other.scorer for other in scene.others)]
    return shown if popular in shown else [*shown, popular]


def other_models(shown: Run, scene: Scene, runs: Sequence[Run]) -> dict[str, partial[Model]]:
    """Return the models to compare the run with: id -> loader, with the label as first argument."""
    baselines = {
        f"{BASELINE}{name}": partial(_baseline, name, scorer)
        for name, scorer in cache.baseline_scorers(scene.config).items()
        if RETRIEVAL in scorer.tasks
    }
    labels = _labels(shown, runs)
    stored = {
        run.run_id: partial(
            _stored, model_name(labels[run.run_id], run, cache.MIDDLE, [shown]), run
        )
        for run in runs
        if run.run_id in labels and run.run_id != shown.run_id
    }
    return stored | baselines


def _labels(shown: Run, runs: Sequence[Run]) -> dict[str, str]:
    """Return the label of each run that can stand beside the one shown, and of that one."""
    return run_labels([run for run in runs if Testbed.of_run(run) == Testbed.of_run(shown)])


def beside(scene: Scene, others: Sequence[Model]) -> Scene:
    """Return the scene with other models beside the one in view, whose names tell them apart."""
    shown = [scene.model, *others]
    runs = [one.run for one in shown if one.run]
    first, *rest = (
        replace(one, label=model_name(one.label, one.run, one.position, runs))
        if one.run and not one.run.line
        else one
        for one in shown
    )
    return replace(scene, model=first, others=tuple(rest))


def _stored(label: str, run: Run, place: str = EQUAL) -> Model:
    id_, notes = run.run_id, untrained_notes(run.config)
    if not run.line:
        return Model(id_, label, trained_only(cache.scorer(id_), run.config), notes, run)
    position = float(place)
    middle = cache.scorer_at(id_, cache.MIDDLE)
    scorer = middle if place == EQUAL else cache.scorer_at(id_, position)
    return Model(f"{id_}@{place}", label, scorer, notes, run, position, middle)


def _baseline(label: str, scorer: Scorer) -> Model:
    return Model(f"{BASELINE}{label}", label, scorer)


@st.cache_resource(max_entries=64, show_spinner=False)
def _examples(
    key: str, model: str, _data: Dataset, _split: Split, _fitted: Scorer
) -> list[people.Example]:
    return people.examples(_data, _split, _fitted, _data_examples(key, _data, _split))


@st.cache_resource(max_entries=8, show_spinner=False)
def _data_examples(key: str, _data: Dataset, _split: Split) -> list[people.Example]:
    return people.data_examples(_data, _split)


@st.cache_resource(max_entries=64, show_spinner=False)
def _differs_most(
    key: str, models: tuple[str, str], _split: Split, _pair: tuple[Scorer, Scorer]
) -> people.Example | None:
    return people.differs_most(_split, *_pair)
