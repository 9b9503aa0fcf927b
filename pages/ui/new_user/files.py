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
            to_csv(taste.ratings, scene.data),
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


def draw_notice(taste: Taste) -> None:
    """Say what was taken from a file, and what of it could not be used."""
    if taste.notice:
        st.warning(as_typed(taste.notice), icon=":material/info:")


def _take_upload(scene: Scene, key: str) -> None:
    """Add the ratings of a file to those there are; a file that cannot be used changes nothing."""
    upload = st.session_state.get(key)
    if upload is None:
        return
    before = kept.taste(scene)
    after = replace(before, uploads=before.uploads + 1)
    try:
        if upload.size > MOST_BYTES:
            raise DataError(f"{upload.name}: has more than {MOST_BYTES // 1_000_000} MB")
        file = CsvFile(upload.name, upload.getvalue())
        ratings, left_out = from_csv(file, scene.data, scene.scale)
        together = {code: s for code, s in before.ratings.items() if code not in ratings} | ratings
        taken = f"Ratings taken from {upload.name}: {len(ratings):,}."
        if len(together) > MOST_RATINGS:
            raise DataError(f"{upload.name}: more than {MOST_RATINGS:,} ratings together")
        after = replace(after, ratings=together, notice=" ".join([taken, *left_out]))
    except DataError as error:
        after = replace(after, notice=str(error))
    kept.keep(scene, after)


def _clear(scene: Scene) -> None:
    before = kept.taste(scene)
    kept.keep(scene, Taste(answered=before.answered, uploads=before.uploads))
