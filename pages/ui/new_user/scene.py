"""The chosen runs, as models of a new user, and their data."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from pages.ui import cache, state
from pages.ui.run_choice import data_of, model_name, trained_only, untrained_notes
from recsys.baselines import BiasModel
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.explanations.person import NoHistoryError, Own, Person, check_history, new_person
from recsys.new_user.asking import asking_order
from recsys.new_user.scale import RatingScale, rating_scale
from recsys.runs.records import Run
from recsys.scorer import RATING, RETRIEVAL, Scorer, TwoTowerScorer


@dataclass(frozen=True, eq=False)
class Model:
    """A run's model that can serve a new user.

    Attributes:
        label: its name on the page.
        scorer: the model.
        biases: those of the split it was trained on.
        own: what a new user starts from.
        notes: sentences about what it has not learnt.
    """

    label: str
    scorer: TwoTowerScorer
    biases: BiasModel
    own: Own
    notes: tuple[str, ...] = ()

    @property
    def retrieves(self) -> bool:
        """Whether its retrieval scores mean something."""
        return RETRIEVAL in self.scorer.tasks

    @property
    def rates(self) -> bool:
        """Whether it predicts stars."""
        return RATING in self.scorer.tasks

    @property
    def blends(self) -> bool:
        """Whether it has two outputs to blend."""
        return self.retrieves and self.rates

    def person(self, movies: np.ndarray, stars: np.ndarray) -> Person:
        """Return the user with these ratings: codes [n], stars [n]."""
        return new_person(self.scorer, self.biases, self.own, movies, stars)


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page is about.

    Attributes:
        data: the data set whose movies are rated.
        split: that of the run in view.
        config: the config that the split is of.
        models: those of the chosen runs that can serve a new user.
        left_out: labels of the chosen runs that cannot.
    """

    data: Dataset
    split: Split
    config: RunConfig
    models: tuple[Model, ...] = ()
    left_out: tuple[str, ...] = ()

    @cached_property
    def scale(self) -> RatingScale:
        """The scale of the ratings."""
        return _scale(cache.testbed_key(self.config), _split=self.split)

    @cached_property
    def asking_order(self) -> np.ndarray:
        """The movies in the order in which a new user is asked about them: codes, [n_movies]."""
        return _asking_order(cache.testbed_key(self.config), _split=self.split)

    @cached_property
    def codes(self) -> dict[str, int]:
        """Movie id -> code."""
        return self.data.catalogue.codes

    @property
    def popular(self) -> Scorer:
        """The popularity baseline."""
        return cache.baseline_scorers(self.config)["most popular"]


def load_scene(runs: Sequence[Run], labels: dict[str, str], position: float) -> Scene:
    """Load the models of these runs, all on one data set, and their data.

    Args:
        runs: the run in view, and those beside it.
        labels: run id -> label.
        position: the place on the line of a run with all ratios.

    Raises:
        DataError: the data set is missing, or has changed since the training.
        RunError: a run is damaged.
    """
    first = runs[0]
    data = data_of(first)
    models, left_out = [], []
    for run in runs:
        label = model_name(labels[run.run_id], run, position, runs)
        try:
            models.append(_load_model(run, label, position))
        except NoHistoryError:
            left_out.append(labels[run.run_id])
    split = cache.split(first.config)
    return Scene(data, split, first.config, tuple(models), tuple(left_out))


def empty_scene() -> Scene:
    """Return the lab's data without a model, shown while there is no run.

    Raises:
        DataError: the data set is missing.
    """
    config = cache.default_config(state.app_data())
    return Scene(cache.dataset(config.data), cache.split(config), config)


def serves_new_users(run: Run) -> bool:
    """Return whether a stored run can be read and its model pools histories."""
    try:
        check_history(cache.scorer_at(run.run_id, cache.MIDDLE))
    except DuetError:
        return False
    return True


def _load_model(run: Run, label: str, position: float) -> Model:
    own = cache.average_own(run, position)
    model = trained_only(cache.scorer_at(run.run_id, position), run.config)
    return Model(label, model, cache.bias_model(run.config), own, untrained_notes(run.config))


@st.cache_resource(max_entries=8, show_spinner=False)
def _scale(key: str, _split: Split) -> RatingScale:
    return rating_scale(_split)


@st.cache_resource(max_entries=8, show_spinner=False)
def _asking_order(key: str, _split: Split) -> np.ndarray:
    return asking_order(_split)
