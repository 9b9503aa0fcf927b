"""`recsys`, cached for the pages: what is loaded once a server, and never TensorFlow.

Everything is kept by the lab's home folder, so that a changed `RECSYS_HOME` is another lab.
Cached objects are shared by all sessions: read them, never change them.
"""

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recsys.baselines import BASELINES, BiasModel
from recsys.blend import POSITIONS
from recsys.config import RunConfig, make_config, run_id
from recsys.data.fetch import fetch, missing_datasets
from recsys.data.library import available_datasets, load_dataset
from recsys.data.splits import Split
from recsys.data.tables import Dataset
from recsys.evaluation.blend_curve import BlendCurve, measure_blends
from recsys.evaluation.comparison import Compared, compare, measure
from recsys.evaluation.evaluate import (
    USERS,
    Part,
    Table,
    average_metrics,
    per_user_metrics,
)
from recsys.evaluation.varied import measure_varied
from recsys.experiment import evaluate_parts, split_for
from recsys.explanations import person
from recsys.home import home, runs_folder
from recsys.line import KNOTS, LineScorer, StoredScorer
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.runs.testbed import Testbed
from recsys.scorer import Scorer, TwoTowerScorer

Found = TypeVar("Found")
Metrics = dict[str, float]
MIDDLE = KNOTS["middle"]  # the position of equal weights
# Each has a vector for every user and movie: 100 MB, and a line 250 MB, for 160,000 users.
MOST_MODELS = 8
MOST_BLENDED_SCORES = 8_000_000  # users x movies ranked at every blend: a few seconds

_found = threading.local()  # what the run of a page has looked up: it has a thread of its own


def store() -> RunStore:
    """Return the run store of this lab."""
    return _store(str(runs_folder()))


@st.cache_resource(show_spinner=False)
def _store(folder: str) -> RunStore:
    return RunStore(Path(folder))


def runs() -> list[Run]:
    """Return all runs of this lab, newest first; not to be changed.

    To look at the files of every run takes time, and several parts of a page need the runs. So
    they are read once for each run of a page, and again where one has come, gone, or got a name.
    """
    stored = store()
    return _once(("runs", str(stored.folder), stored.last_change()), stored.list)


def _once(key: tuple[Hashable, ...], look_up: Callable[[], Found]) -> Found:
    """Look something up once for each run of a page; outside of one, each time."""
    context = get_script_run_ctx()
    if context is None:
        return look_up()
    # Streamlit begins each run of a page with cursors of its own.
    if getattr(_found, "cursors", None) is not context.cursors:
        _found.cursors, _found.answers = context.cursors, {}
    answers: dict[tuple[Hashable, ...], Found] = _found.answers
    if key not in answers:
        answers[key] = look_up()
    return answers[key]


def dataset(name: str) -> Dataset:
    """Return a data set.

    Raises:
        DataError: it does not exist or cannot be loaded.
    """
    folder = str(home())
    # Several parts of a page need it, and Streamlit's cache takes a millisecond to find it.
    return _once(("dataset", name, folder), lambda: _dataset(name, folder))


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
    key = testbed_key(config)
    return _once(("split", key), lambda: _split(key, _config=config))


@st.cache_resource(max_entries=8, show_spinner="Splitting the ratings …")
def _split(key: str, _config: RunConfig) -> Split:
    return split_for(_config, dataset(_config.data))


def scorer(run: str) -> StoredScorer:
    """Return what a stored run learnt.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    return _scorer(run, str(runs_folder()))


@st.cache_resource(max_entries=MOST_MODELS, show_spinner=False)
def _scorer(run: str, folder: str) -> StoredScorer:
    return _store(folder).scorer(run)


def scorer_at(run: str, position: float) -> TwoTowerScorer:
    """Return the model of a stored run; of one that learnt all ratios, the model at a position.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    return _scorer_at(run, position, str(runs_folder()))


@st.cache_resource(max_entries=MOST_MODELS, show_spinner=False)
def _scorer_at(run: str, position: float, folder: str) -> TwoTowerScorer:
    stored = _scorer(run, folder)
    return stored.at(position) if isinstance(stored, LineScorer) else stored


def baseline_scorers(config: RunConfig) -> dict[str, Scorer]:
    """Return the baselines, fitted to the train part of this config's split."""
    parts = split(config)
    return _baseline_scorers(testbed_key(config), _parts=parts)


@st.cache_resource(max_entries=8, show_spinner=False)
def _baseline_scorers(key: str, _parts: Split) -> dict[str, Scorer]:
    return {name: fit(_parts) for name, fit in BASELINES.items()}


def bias_model(config: RunConfig) -> BiasModel:
    """Return the biases that the residuals of this config's split are taken to."""
    return _bias_model(testbed_key(config), _parts=split(config))


@st.cache_resource(max_entries=8, show_spinner=False)
def _bias_model(key: str, _parts: Split) -> BiasModel:
    return BiasModel(_parts)


def baseline_metrics(config: RunConfig) -> dict[str, dict[str, Metrics]]:
    """Return `{baseline: {part: metrics}}` on this config's split; NumPy only, so at once."""
    return _baseline_metrics(testbed_key(config), _config=config)


@st.cache_data(max_entries=16, show_spinner="Measuring the baselines …")
def _baseline_metrics(key: str, _config: RunConfig) -> dict[str, dict[str, Metrics]]:
    return {
        name: evaluate_parts(fitted, split(_config))
        for name, fitted in baseline_scorers(_config).items()
    }


def average_own(run: Run, position: float) -> person.Own:
    """Return what a new user starts from, see `recsys.explanations.person.average_own`.

    Raises:
        NoHistoryError: the model does not pool histories.
        RunError: there is no such run, or it is damaged.
    """
    return _average_own(run.run_id, position, str(runs_folder()), _config=run.config)


@st.cache_resource(max_entries=64, show_spinner=False)
def _average_own(run: str, position: float, folder: str, _config: RunConfig) -> person.Own:
    model = _scorer_at(run, position, folder)
    return person.average_own(model, split(_config), bias_model(_config))


def user_metrics(run: Run, part: Part) -> Table:
    """Return each user's metrics of a stored run, as `recsys.evaluation.evaluate.per_user_metrics`.

    All who ask share these arrays, which cannot be written to.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    return _user_metrics(run.run_id, part, str(runs_folder()), _config=run.config)


@st.cache_resource(max_entries=200, show_spinner="Measuring the users …")
def _user_metrics(run: str, part: Part, folder: str, _config: RunConfig) -> Table:
    table = per_user_metrics(_scorer(run, folder), split(_config), part)
    for values in table.values():
        values.flags.writeable = False
    return table


def blend_curve(
    run: Run, position: float = MIDDLE, places: tuple[float, ...] = POSITIONS
) -> tuple[Part, BlendCurve]:
    """Return the metrics of a run at some serving blends, and the part they are measured on.

    It is validation, on which settings are chosen, or the holdout where there is no validation. On
    large data, only some of the users are measured.

    Args:
        run: a run that learnt both tasks.
        position: of the model, where the run learnt all ratios.
        places: positions of the blends, see `recsys.blend.weight_at`.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    part = chosen_on(run.config)
    folder = str(runs_folder())
    asked = position, repr(places), part, folder
    return part, _blend_curve(run.run_id, *asked, _places=places, _config=run.config)


@st.cache_resource(max_entries=64, show_spinner=False)
def _blend_curve(
    run: str,
    position: float,
    places: str,
    part: Part,
    folder: str,
    _places: tuple[float, ...],
    _config: RunConfig,
) -> BlendCurve:
    model, scores = _scorer_at(run, position, folder), MOST_BLENDED_SCORES
    return measure_blends(model, split(_config), part, _places, most_scores=scores)


def diversity_metrics(
    run: Run, position: float, weight: float, diversity: float
) -> tuple[Part, Metrics, int, dict[str, Compared]]:
    """Return what diversity does to the lists of all users, at a weight of the serving blend.

    On large data, only some of the users are measured.

    Returns:
        The part they are measured on, see `blend_curve`; the metrics with diversity; the number of
        users; and each metric compared with that of no diversity.

    Raises:
        RunError: there is no such run, or it is damaged.
    """
    part, folder = chosen_on(run.config), str(runs_folder())
    varied, plain = (
        _varied_table(run.run_id, position, weight, value, part, folder, _config=run.config)
        for value in (diversity, 0.0)
    )
    measured, other = measure([varied]), measure([plain])
    shared = [name for name in measured.seeds if name in other.seeds]
    compared = {name: compare(measured, other, name) for name in shared}
    return part, average_metrics(varied), len(varied[USERS]), compared


@st.cache_data(max_entries=64, show_spinner=False)
def _varied_table(
    run: str,
    position: float,
    weight: float,
    diversity: float,
    part: Part,
    folder: str,
    _config: RunConfig,
) -> Table:
    return measure_varied(
        _scorer_at(run, position, folder),
        split(_config),
        part,
        weight=weight,
        diversity=diversity,
        most_scores=MOST_BLENDED_SCORES,
    )


def chosen_on(config: RunConfig) -> Part:
    """Return the part on which settings are chosen: validation, or the holdout without it."""
    return "validation" if len(split(config).validation) else "holdout"


def testbed(config: RunConfig) -> Testbed:
    """Return the testbed that a run of this config has: the data as they are today, and the split.

    Raises:
        DataError: the data set does not exist.
    """
    return Testbed.of(config, dataset(config.data).fingerprint)


def testbed_key(config: RunConfig) -> str:
    """Return `testbed` as text: Streamlit takes much longer to make a key of the object.

    Raises:
        DataError: the data set does not exist.
    """
    return repr(testbed(config))
