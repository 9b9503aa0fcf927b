"""The models in view, and their data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.names import run_labels
from pages.ui.run_choice import EQUAL, data_of, line_places, model_name, trained_only
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.ratio import position_name
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed
from recsys.scorer import RETRIEVAL, TwoTowerScorer

LEAST_RATINGS = 5  # train ratings: the vector of a movie with fewer says little
UNTRAINED = "trained with retrieval weight 0, so where its movies lie means nothing."


@dataclass(frozen=True, eq=False)
class Model:
    """A run's model at one position of its line.

    Attributes:
        run_id: of the run.
        key: the run's id and the position.
        label: its name on the page.
        scorer: the model, without the outputs of tasks that were not trained.
        note: why its map means nothing, or "".
    """

    run_id: str
    key: str
    label: str
    scorer: TwoTowerScorer
    note: str = ""

    @property
    def has_map(self) -> bool:
        """Whether the model has vectors that are not all the same."""
        vectors = self.scorer.candidate
        return bool(vectors.shape[1] and len(vectors) and np.ptp(vectors, axis=0).any())


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page is about.

    Attributes:
        config: that of the run in view.
        data: the data set the models were trained on.
        split: its split.
        movies: codes of the movies on the map, those with the most train ratings first, [n].
        counts: the number of train ratings of every movie, [n_movies].
        means: their mean, in stars, 0 where there are none, [n_movies].
        models: the model in view, and the one beside it.
    """

    config: RunConfig
    data: Dataset
    split: Split
    movies: np.ndarray
    counts: np.ndarray
    means: np.ndarray
    models: tuple[Model, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What the maps depend on."""
        return (cache.testbed(self.config).key, *(model.key for model in self.models))


def load_scene(run: Run, runs: Sequence[Run], place: str, other: str | None) -> Scene:
    """Load the models in view and their data.

    Args:
        run: the run in view.
        runs: all runs.
        place: the position on its line.
        other: what stands beside it: a key of `others`, or None.

    Raises:
        DataError: the data set is missing, or has changed since the training.
        RunError: a run is damaged.
    """
    data = data_of(run)
    labels = run_labels(same_testbed(run, runs))
    beside = next((one for one in runs if one.run_id == other), run)
    shown = [(run, place)]
    if other:
        shown.append((beside, other[1:] if beside is run else EQUAL))
    models = [
        _model(one, model_name(labels[one.run_id], one, float(at), (run, beside)), at)
        for one, at in shown
    ]
    split = cache.split(run.config)
    counts, means = split.movie_counts, _means(cache.testbed_key(run.config), _split=split)
    return Scene(run.config, data, split, known_movies(counts), counts, means, tuple(models))


def same_testbed(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Return the runs on the same data and split, this one among them."""
    return [one for one in runs if Testbed.of_run(one) == Testbed.of_run(run)]


def others(run: Run, runs: Sequence[Run], place: str) -> dict[str, str]:
    """Return what can stand beside a run at a place of its line: key -> label."""
    same = same_testbed(run, runs)
    labels = run_labels(same)
    places = {
        f"@{one}": f"the same run at {position_name(float(one))}"
        for one in line_places(run)
        if one != place
    }
    return places | {
        one.run_id: model_name(labels[one.run_id], one, float(EQUAL), (run,))
        for one in same
        if one.run_id != run.run_id
    }


def known_movies(counts: np.ndarray) -> np.ndarray:
    """Return the codes of the movies with enough ratings, those with the most first."""
    order = np.argsort(-counts, kind="stable")
    codes: np.ndarray = order[counts[order] >= LEAST_RATINGS]
    return codes


def _model(run: Run, label: str, place: str) -> Model:
    scorer = trained_only(cache.scorer_at(run.run_id, float(place)), run.config)
    note = "" if run.learns(RETRIEVAL) else f"{label}: {UNTRAINED}"
    return Model(run.run_id, f"{run.run_id}@{place}", label, scorer, note)


@st.cache_resource(max_entries=8, show_spinner=False)
def _means(key: str, _split: Split) -> np.ndarray:
    train = _split.train
    totals = np.bincount(train.movies, train.ratings, minlength=_split.n_movies)
    means: np.ndarray = totals / np.maximum(_split.movie_counts, 1)
    return means
