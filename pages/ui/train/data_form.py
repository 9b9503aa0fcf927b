"""Choosing a data set on the Train page, and adding another one."""

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import cache, layout, state, words
from pages.ui.names import as_typed
from pages.ui.set_inputs import on_change, set_value, value_of, widget_key
from recsys.counted import counted
from recsys.data.fetch import fetch, missing_datasets
from recsys.data.library import import_csv
from recsys.data.tables import DataError, Dataset


def data_form() -> Dataset:
    """Draw the choice of the data set and the ways to add one; return the one chosen."""
    fetched = st.session_state.pop(state.TRAIN_FETCHED, None)
    if fetched is not None:
        _choose_data(fetched)
    name = state.train_field("data")
    current = value_of(name)
    st.selectbox(
        "Data set",
        cache.datasets(current),
        key=widget_key(name),
        format_func=words.dataset_label,
        on_change=on_change(name, _apply_data),
        help="The data sets of this lab. Add data: a larger MovieLens set, or your own CSV file.",
        persist_state="session",
    )
    with st.popover("Add data", icon=":material/add:", width="stretch"):
        own, movielens = st.tabs(["Your own ratings", "MovieLens"])
        with own:
            _upload()
        with movielens:
            _movielens()
    return cache.dataset(current)


def _choose_data(name: str) -> None:
    set_value(state.train_field("data"), name)
    _apply_data()


def _apply_data() -> None:
    """Change the split if the new data set does not allow the present one."""
    splits = possible_splits(cache.dataset(value_of(state.train_field("data"))))
    split = state.train_field("split")
    if value_of(split) not in splits:
        set_value(split, splits[0])


def possible_splits(data: Dataset) -> tuple[str, ...]:
    """Return the ways a data set can be split."""
    if data.holdout is not None:
        return ("given",)
    return ("random", "time") if data.has_timestamps else ("random",)


def _upload() -> None:
    st.markdown(
        "A CSV file with the columns `user_id, movie_id, rating` and, optionally, `timestamp`. "
        "Any rating scale is accepted."
    )
    st.file_uploader("Ratings (CSV)", "csv", key=state.TRAIN_UPLOAD_RATINGS)
    st.file_uploader(
        "Movies (CSV, optional)",
        "csv",
        key=state.TRAIN_UPLOAD_MOVIES,
        help="Columns: movie_id, title and, optionally, genres (Action|Comedy) and year.",
    )
    st.file_uploader(
        "Holdout (CSV, optional)",
        "csv",
        key=state.TRAIN_UPLOAD_HOLDOUT,
        help="Ratings for the evaluation, with the columns of the ratings file. Without this "
        "file, a share of the ratings is held out.",
    )
    ready = st.session_state.get(state.TRAIN_UPLOAD_RATINGS) is not None
    st.button("Import", key=state.TRAIN_IMPORT, on_click=_import, disabled=not ready)
    problem = st.session_state.get(state.TRAIN_IMPORT_PROBLEM)
    if problem:
        layout.show_error(problem)


def _import() -> None:
    """Import the uploaded files and choose the data set. An error stays on the page as one line."""
    keys = (state.TRAIN_UPLOAD_RATINGS, state.TRAIN_UPLOAD_MOVIES, state.TRAIN_UPLOAD_HOLDOUT)
    st.session_state[state.TRAIN_IMPORT_PROBLEM] = None
    with tempfile.TemporaryDirectory() as folder:
        paths = [_written(st.session_state.get(key), Path(folder) / key) for key in keys]
        ratings = paths[0]
        if ratings is None:
            return
        try:
            data = import_csv(ratings, movies=paths[1], holdout=paths[2])
        except DataError as error:
            st.session_state[state.TRAIN_IMPORT_PROBLEM] = str(error)
            return
    st.toast(imported_words(data), icon=":material/check:", duration="long")
    _choose_data(data.name)


def imported_words(data: Dataset) -> str:
    """Describe an imported data set: `Imported 1,500 ratings, 60 users, 80 movies, scale 1–10.`."""
    low, high = data.rating_scale
    held_out = "" if data.holdout is None else f" (and {len(data.holdout):,} held out)"
    return (
        f"Imported {counted(len(data.ratings), 'rating')}{held_out}, "
        f"{counted(len(data.users), 'user')}, "
        f"{counted(len(data.movies), 'movie')}, scale {low:g}–{high:g}."
    )


def _movielens() -> None:
    missing = missing_datasets()
    if not missing:
        st.markdown("All MovieLens sets are already in this lab.")
        return
    st.markdown("A set is downloaded from GroupLens once and kept.")
    name = st.selectbox(
        "MovieLens set", missing, key=state.TRAIN_MOVIELENS, format_func=words.dataset_label
    )
    if not st.button("Download", key=state.TRAIN_FETCH):
        return
    with st.status(f"Downloading {as_typed(words.dataset_label(name))} …") as status:
        try:
            for line in fetch(name):
                status.update(label=line)
        except DataError as error:
            status.update(label="Not downloaded", state="error", expanded=True)
            layout.show_error(error)
            return
    st.session_state[state.TRAIN_FETCHED] = name
    st.rerun()


def _written(upload: Any, folder: Path) -> Path | None:
    """Write an upload to a file with its own name, so that errors can name it."""
    if upload is None:
        return None
    folder.mkdir()
    path = folder / (Path(upload.name).name or "upload.csv")
    path.write_bytes(upload.getvalue())
    return path
