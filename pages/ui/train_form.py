"""The inputs of the Train page: together they are one RunConfig."""

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import cache, state, words
from pages.ui.fetch import fetch, missing_datasets
from pages.ui.fields import (
    SPLIT_FIELDS,
    WEIGHTS,
    FieldInput,
    architecture_fields,
    model_inputs,
    split_inputs,
)
from recsys.config import PRESETS, RunConfig, make_config
from recsys.data.library import import_csv
from recsys.data.tables import DataError, Dataset

MAX_WEIGHT = 2.0
WEIGHT_STEP = 0.05


def show_config(config: RunConfig, origin: str | None = None) -> None:
    """Fill the inputs with a config, once per `origin`: the id of the run it belongs to.

    Without an origin they are filled only when they are still empty.
    """
    filled = state.TRAIN_ORIGIN in st.session_state
    if filled and origin in (None, st.session_state[state.TRAIN_ORIGIN]):
        return
    st.session_state[state.TRAIN_ORIGIN] = origin
    for field, value in config.model_dump().items():
        if value is not None:
            st.session_state[state.train_field(field)] = value


def keep_inputs(origin: str | None, run_id: str) -> None:
    """Leave the inputs as they are although another run comes into view.

    `origin` is the run before; if the inputs belong to yet another one, they are filled anew.
    """
    if origin is None or st.session_state.get(state.TRAIN_ORIGIN) == origin:
        st.session_state[state.TRAIN_ORIGIN] = run_id


def settings_form() -> RunConfig:
    """Draw data, model and split; return the config of all inputs, the weights included.

    Raises:
        ConfigError: the inputs do not go together.
    """
    data = _data()
    with st.expander("Model and optimiser", icon=":material/tune:"):
        _architecture_and_fields()
    with st.expander("Split", icon=":material/call_split:"):
        for item in split_inputs(_splits(data)):
            given = st.session_state.get(state.train_field("split")) == "given"
            _draw(item, disabled=given and item.name == "holdout")
    return make_config(_values())


def weights_form() -> None:
    """Draw the presets and the two sliders."""
    weights = tuple(st.session_state[state.train_field(field)] for field in WEIGHTS)
    st.session_state[state.TRAIN_PRESET] = next(
        (name for name, preset in PRESETS.items() if preset == weights), None
    )
    st.pills(
        "Preset",
        list(PRESETS),
        key=state.TRAIN_PRESET,
        wrap=True,
        on_change=_apply_preset,
        help=words.explain("preset"),
    )
    for field, value in zip(WEIGHTS, weights, strict=True):
        st.slider(
            words.label(field),
            0.0,
            max(MAX_WEIGHT, value),
            step=WEIGHT_STEP,
            key=state.train_field(field),
            help=words.explain(field),
            persist_state="session",
        )


def _apply_preset() -> None:
    preset = st.session_state[state.TRAIN_PRESET]
    if preset is not None:
        for field, weight in zip(WEIGHTS, PRESETS[preset], strict=True):
            st.session_state[state.train_field(field)] = weight


def _data() -> Dataset:
    fetched = st.session_state.pop(state.TRAIN_FETCHED, None)
    if fetched is not None:
        _choose_data(fetched)
    current = st.session_state[state.train_field("data")]
    st.selectbox(
        "Data set",
        cache.datasets(current),
        key=state.train_field("data"),
        format_func=words.dataset_label,
        on_change=_apply_data,
        help="What is in this lab already; larger MovieLens sets and your own CSV can be added.",
        persist_state="session",
    )
    with st.popover("Add data", icon=":material/add:", width="stretch"):
        own, movielens = st.tabs(["Your own ratings", "A larger MovieLens"])
        with own:
            _upload()
        with movielens:
            _movielens()
    return cache.dataset(current)


def _choose_data(name: str) -> None:
    st.session_state[state.train_field("data")] = name
    _apply_data()


def _apply_data() -> None:
    """Split a data set that brings a holdout by it, and any other one not."""
    has_holdout = cache.dataset(st.session_state[state.train_field("data")]).holdout is not None
    split = state.train_field("split")
    if has_holdout or st.session_state[split] == "given":
        st.session_state[split] = "given" if has_holdout else "random"


def _splits(data: Dataset) -> tuple[str, ...]:
    """Return the ways this data set can be split."""
    if data.holdout is not None:
        return ("given",)
    return ("random", "time") if data.has_timestamps else ("random",)


def _upload() -> None:
    st.markdown(
        "A CSV with the columns `user_id, movie_id, rating` and optionally `timestamp`, on any "
        "rating scale."
    )
    st.file_uploader("Ratings (CSV)", "csv", key=state.TRAIN_UPLOAD_RATINGS)
    st.file_uploader(
        "Movies (CSV, optional)",
        "csv",
        key=state.TRAIN_UPLOAD_MOVIES,
        help="Columns: movie_id, title, and optionally genres (Action|Comedy) and year.",
    )
    st.file_uploader(
        "Holdout (CSV, optional)",
        "csv",
        key=state.TRAIN_UPLOAD_HOLDOUT,
        help="Ratings to measure on, in the columns of the ratings file; without it a share of "
        "the ratings is held out.",
    )
    ready = st.session_state.get(state.TRAIN_UPLOAD_RATINGS) is not None
    st.button("Import", key=state.TRAIN_IMPORT, on_click=_import, disabled=not ready)
    problem = st.session_state.get(state.TRAIN_IMPORT_PROBLEM)
    if problem:
        st.error(problem, icon=":material/error:")


def _import() -> None:
    """Import the uploaded files and choose them; a refusal stays on the page as one line."""
    keys = (state.TRAIN_UPLOAD_RATINGS, state.TRAIN_UPLOAD_MOVIES, state.TRAIN_UPLOAD_HOLDOUT)
    st.session_state[state.TRAIN_IMPORT_PROBLEM] = None
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(st.session_state.get(key), Path(folder) / key) for key in keys]
        ratings = paths[0]
        if ratings is None:
            return
        try:
            name = import_csv(ratings, movies=paths[1], holdout=paths[2]).name
        except DataError as error:
            st.session_state[state.TRAIN_IMPORT_PROBLEM] = str(error)
            return
    _choose_data(name)


def _movielens() -> None:
    missing = missing_datasets()
    if not missing:
        st.markdown("All MovieLens sets are here already.")
        return
    st.markdown("Downloaded from GroupLens once, then kept in the lab's home folder.")
    name = st.selectbox(
        "MovieLens set", missing, key=state.TRAIN_MOVIELENS, format_func=words.dataset_label
    )
    if not st.button("Fetch", key=state.TRAIN_FETCH):
        return
    with st.status(f"Fetching {words.dataset_label(name)} …") as status:
        try:
            for line in fetch(name):
                status.update(label=line)
        except DataError as error:
            status.update(label="Not fetched", state="error", expanded=True)
            st.error(str(error), icon=":material/error:")
            return
    st.session_state[state.TRAIN_FETCHED] = name
    st.rerun()


def _written(upload: Any, folder: Path) -> Path | None:
    """Write an upload to a file of its own name, which errors then mention."""
    if upload is None:
        return None
    folder.mkdir()
    path = folder / (Path(upload.name).name or "upload.csv")
    path.write_bytes(upload.getvalue())
    return path


def _architecture_and_fields() -> None:
    architecture = st.session_state[state.train_field("architecture")]
    for item in model_inputs(architecture):
        _draw(item, on_change=_apply_architecture if item.name == "architecture" else None)


def _apply_architecture() -> None:
    """Bring the new architecture's own defaults."""
    architecture = st.session_state[state.train_field("architecture")]
    defaults = make_config({"architecture": architecture}).model_dump()
    for field in architecture_fields():
        if defaults[field] is not None:
            st.session_state[state.train_field(field)] = defaults[field]


def _draw(item: FieldInput, *, disabled: bool = False, on_change: Any = None) -> None:
    key = state.train_field(item.name)
    shared: dict[str, Any] = {
        "key": key,
        "help": item.help,
        "disabled": disabled,
        "persist_state": "session",
    }
    if item.kind == "choice":
        if st.session_state.get(key) not in item.options:
            st.session_state[key] = item.options[0]
        shared |= {"on_change": on_change} if on_change else {}
        st.segmented_control(item.label, item.options, required=True, width="stretch", **shared)
    elif item.kind == "switch":
        st.toggle(item.label, **shared)
    elif item.kind == "text":
        st.text_input(item.label, **shared)
    else:
        whole = item.kind == "integer"
        cast = int if whole else float
        bounds = [None if b is None else cast(b) for b in (item.minimum, item.maximum)]
        st.number_input(
            item.label,
            *bounds,
            step=cast(item.step or 1),
            format="%d" if whole else "%g",
            **shared,
        )


def _values() -> dict[str, Any]:
    """Return what the inputs hold: the fields that the chosen architecture has."""
    architecture = st.session_state[state.train_field("architecture")]
    names = [item.name for item in model_inputs(architecture)]
    fields = [*names, *WEIGHTS, *SPLIT_FIELDS, "data"]
    return {field: st.session_state[state.train_field(field)] for field in fields}
