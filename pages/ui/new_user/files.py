"""Ratings as a CSV file, in and out, and how to clear them."""

from dataclasses import replace

import streamlit as st

from pages.ui import state
from pages.ui.names import as_typed
from pages.ui.new_user import kept
from pages.ui.new_user.scene import Scene
from pages.ui.new_user.taste import Taste
from recsys.data.csv_parsing import CsvFile
from recsys.data.tables import DataError
from recsys.new_user.ratings_csv import MOST_BYTES, MOST_RATINGS, from_csv, to_csv


def draw(scene: Scene, taste: Taste) -> None:
    """Draw the buttons to download, upload and clear the ratings."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download ratings",
            lambda: to_csv(taste.ratings, scene.data),
            file_name="ratings.csv",
            mime="text/csv",
            key=state.NEW_USER_EXPORT,
            icon=":material/download:",
            on_click="ignore",
            disabled=not taste.ratings,
        )
        with st.popover("Upload ratings", icon=":material/upload:"):
            key = state.import_field(taste.uploads)
            st.file_uploader(
                "A CSV file with the columns movie_id and rating",
                type="csv",
                key=key,
                on_change=_take_upload,
                args=(scene, key),
                max_upload_size=max(1, MOST_BYTES // 1_000_000),
            )
            _draw_result(taste)
        st.button(
            "Clear",
            key=state.NEW_USER_CLEAR,
            icon=":material/delete:",
            on_click=_clear,
            args=(scene,),
            disabled=not (taste.ratings or taste.skipped),
        )
    if taste.is_too_long_for_url:
        st.caption(
            "So many ratings do not fit into a link: this browser keeps them. To take them "
            "elsewhere, download them."
        )


def _draw_result(taste: Taste) -> None:
    """Say what was taken from a file and what of it could not be used, or why nothing was."""
    if taste.problem:
        st.error(
            f"{as_typed(taste.problem)}. Your ratings are as they were.", icon=":material/error:"
        )
    elif taste.notice:
        st.success(as_typed(taste.notice), icon=":material/check:")


def _take_upload(scene: Scene, key: str) -> None:
    """Add the ratings of a file to those there are.

    A file that cannot be used changes nothing, and stays in the input beside the reason.
    """
    upload, before = st.session_state.get(key), kept.taste(scene)
    if upload is None:  # it was taken out again
        kept.keep(scene, replace(before, notice="", problem=""))
        return
    try:
        if upload.size > MOST_BYTES:
            raise DataError(f"{upload.name}: has more than {MOST_BYTES // 1_000_000} MB")
        file = CsvFile(upload.name, upload.getvalue())
        ratings, left_out = from_csv(file, scene.data, scene.scale)
        together = {code: s for code, s in before.ratings.items() if code not in ratings} | ratings
        taken = f"Ratings taken from {upload.name}: {len(ratings):,}."
        if len(together) > MOST_RATINGS:
            raise DataError(f"{upload.name}: more than {MOST_RATINGS:,} ratings together")
        notice = " ".join([taken, *left_out])
        uploads = before.uploads + 1
        after = replace(before, ratings=together, notice=notice, problem="", uploads=uploads)
    except DataError as error:
        after = replace(before, notice="", problem=str(error).removesuffix("."))
    kept.keep(scene, after)


def _clear(scene: Scene) -> None:
    before = kept.taste(scene)
    kept.keep(scene, Taste(answered=before.answered, uploads=before.uploads))
