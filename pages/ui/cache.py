"""`recsys`, cached for the pages: what is loaded once a server, and never TensorFlow.

Everything is kept by the lab's home folder, so that a changed `RECSYS_HOME` is another lab.
Cached objects are shared by all sessions: read them, never change them.
"""

import json
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from pages.ui import people, tradeoff_rows
from pages.ui.charts import data as charts_data
from pages.ui.fetch import fetch, missing_datasets
from pages.ui.tradeoff_rows import Ratio
from recsys.baselines import BASELINES
from recsys.config import RunConfig, make_config, run_id
from recsys.data.library import available_datasets, load_dataset
from recsys.data.splits import Split, make_split
from recsys.data.tables import Dataset
from recsys.evaluation import Part, evaluate, per_user_metrics
from recsys.home import home, runs_folder
from recsys.jobs import JobQueue
from recsys.pooling import Table
from recsys.records import Run
from recsys.runs import RunStore
from recsys.scorer import Scorer, TwoTowerScorer
from recsys.searches import Searches
from recsys.tradeoff import Point

PARTS = ("validation", "holdout")
Metrics = dict[str, float]


class Drawing(Protocol):
    """A chart of Altair, or several as one."""

    def to_dict(self) -> dict[str, Any]:
        """Return the Vega-Lite spec."""


def store() -> RunStore:
    """Return the run store of this lab."""
    return _store(str(runs_folder()))


@st.cache_resource(show_spinner=False)
def _store(folder: str) -> RunStore:
    return RunStore(Path(folder))


def jobs() -> JobQueue:
    """Return the job queue of this server; the first call starts its worker in the background."""
    return _jobs(str(runs_folder()))


@st.cache_resource(show_spinner=False, on_release=lambda queue: queue.close())
def _jobs(folder: str) -> JobQueue:
    return JobQueue(_store(folder))


def searches() -> Searches:
    """Return the searches of this server; they go on when a page is left."""
    return _searches(str(runs_folder()), _queue=jobs())


@st.cache_resource(show_spinner=False, on_release=lambda found: found.close())
def _searches(folder: str, _queue: JobQueue) -> Searches:
    return Searches(_store(folder), _queue)


def dataset(name: str) -> Dataset:
    """Return a data set.

    Raises:
        DataError: it does not exist or cannot be loaded.
    """
    return _dataset(name, str(home()))


@st.cache_resource(max_entries=4, show_spinner="Loading the ratings …")
def _dataset(name: str, home_folder: str) -> Dataset:
    if name in missing_datasets():
        for _ in fetch(name):
            pass
    return load_dataset(name)


def datasets(current: str) -> list[str]:
    """Return the data sets that load at once, `current` first."""
    return [current, *(name for name in available_datasets() if name != current)]


def default_config(data: str, **values: Any) -> RunConfig:
    """Return the default config on a data set; one that brings its own holdout is split by it.

    Raises:
        ConfigError: a value is out of bounds.
        DataError: the data set does not exist.
    """
    if dataset(data).holdout is not None:
        values = {"split": "given"} | values
    return make_config({"data": data} | values)


def config_run_id(config: RunConfig) -> str:
    """Return the id that the run of this config has or would have."""
    return run_id(config, dataset(config.data).fingerprint)


def split(config: RunConfig) -> Split:
    """Return the split that a run of this config is trained and measured on."""
    data = dataset(config.data)
    return _split(
        data.fingerprint,
        config.split,
        config.holdout,
        config.validation,
        config.split_seed,
        _data=data,
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _split(
    fingerprint: str, kind: Any, holdout: float, validation: float, seed: int, _data: Dataset
) -> Split:
    return make_split(_data, kind=kind, holdout=holdout, validation=validation, seed=seed)


def scorer(run: str) -> TwoTowerScorer:
    """Return what a stored run learnt.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    return _scorer(run, str(runs_folder()))


@st.cache_resource(max_entries=16, show_spinner=False)
def _scorer(run: str, folder: str) -> TwoTowerScorer:
    return _store(folder).scorer(run)


def baseline_scorers(config: RunConfig) -> dict[str, Scorer]:
    """Return the baselines, fitted to the train part of this config's split."""
    parts = split(config)
    return _baseline_scorers(split_key(config), _parts=parts)


@st.cache_resource(max_entries=8, show_spinner=False)
def _baseline_scorers(key: str, _parts: Split) -> dict[str, Scorer]:
    return {name: fit(_parts) for name, fit in BASELINES.items()}


def baseline_metrics(config: RunConfig) -> dict[str, dict[str, Metrics]]:
    """Return `{baseline: {part: metrics}}` on this config's split; NumPy only, so at once."""
    return _baseline_metrics(split_key(config), _config=config)


@st.cache_data(max_entries=16, show_spinner="Measuring the baselines …")
def _baseline_metrics(key: str, _config: RunConfig) -> dict[str, dict[str, Metrics]]:
    parts = split(_config)
    return {
        name: {part: evaluate(fitted, parts, part) for part in PARTS}
        for name, fitted in baseline_scorers(_config).items()
    }


def user_metrics(run: Run, part: Part) -> Table:
    """Return each user's metrics of a stored run, as `recsys.evaluation.per_user_metrics`.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    return _user_metrics(run.run_id, part, str(runs_folder()), _config=run.config)


@st.cache_data(max_entries=200, show_spinner="Measuring the users …")
def _user_metrics(run: str, part: Part, folder: str, _config: RunConfig) -> Table:
    return per_user_metrics(_scorer(run, folder), split(_config), part)


def trade_off_points(
    found: Sequence[Ratio], part: Part, retrieval: str, rating: str
) -> list[Point]:
    """Return the points of one front, as `tradeoff_rows.trade_off_points`.

    Raises:
        RunError: a run is not in the store any more, or it is damaged.
    """
    ids = tuple(run.run_id for ratio in found for run in ratio.runs)
    return _trade_off_points(ids, part, retrieval, rating, str(runs_folder()), _found=found)


@st.cache_data(max_entries=200, show_spinner=False)
def _trade_off_points(
    ids: tuple[str, ...],
    part: Part,
    retrieval: str,
    rating: str,
    folder: str,
    _found: Sequence[Ratio],
) -> list[Point]:
    # A dozen bootstraps: too much for every rerun of the page.
    return tradeoff_rows.trade_off_points(
        _found, part, retrieval, rating, lambda run: user_metrics(run, part)
    )


def user_options(config: RunConfig) -> dict[str, str]:
    """Return user id -> label of the users of a data set, as `people.user_options`."""
    return _user_options(split_key(config), _config=config)


@st.cache_resource(max_entries=4, show_spinner=False)
def _user_options(key: str, _config: RunConfig) -> dict[str, str]:
    return people.user_options(dataset(_config.data), split(_config))


def user_examples(config: RunConfig, model: str, fitted: Scorer) -> list[people.Example]:
    """Return the telling users of a config's split under a model; `model` is its id."""
    return _user_examples(split_key(config), model, _config=config, _fitted=fitted)


@st.cache_resource(max_entries=64, show_spinner=False)
def _user_examples(
    key: str, model: str, _config: RunConfig, _fitted: Scorer
) -> list[people.Example]:
    return people.examples(dataset(_config.data), split(_config), _fitted)


def split_key(config: RunConfig) -> str:
    """Return what the baselines depend on, as text: the data and how it is split."""
    fields = {"split", "holdout", "validation", "split_seed"}
    return dataset(config.data).fingerprint + json.dumps(config.model_dump(include=fields))


def spec(name: str, version: Hashable, build: Callable[[], Drawing]) -> dict[str, Any]:
    """Return a chart's Vega-Lite specification, built once per (name, version).

    Building an Altair chart costs more than the rest of a rerun. `version` must change whenever
    what the chart is made of does, e.g. the run's id or the number of epochs.
    """
    return _spec(name, version, _build=build)


@st.cache_data(max_entries=500, show_spinner=False)
def _spec(name: str, version: Hashable, _build: Callable[[], Drawing]) -> dict[str, Any]:
    return _build().to_dict()


def data_facts(name: str) -> dict[str, float]:
    """Return users, movies, ratings and sparsity of a data set."""
    data = dataset(name)
    return _data_facts(data.fingerprint, _data=data)


@st.cache_data(max_entries=16, show_spinner=False)
def _data_facts(fingerprint: str, _data: Dataset) -> dict[str, float]:
    return charts_data.data_facts(_data)
