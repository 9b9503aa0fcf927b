"""Movie map: the catalogue in two dimensions, as a model sees it."""

import streamlit as st

from pages.ui import cache, layout
from pages.ui.movie_map import components, inputs, rows
from pages.ui.movie_map.scene import Scene
from pages.ui.names import as_typed

layout.header("Movie map", "Movies that the same people watch are near each other. Click one.")


@st.fragment  # a click runs this alone: it is to answer at once
def show(scene: Scene) -> None:
    """Draw the maps, and what is marked on them."""
    with layout.errors():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            user = inputs.choose_user(scene)
            colour = inputs.choose_colour(scene, user)
            on_top = inputs.choose_on_top() if user is not None else []
        movie = inputs.movie_in_view(scene)
        left, right = st.columns([3, 1], gap="medium")
        with left:
            components.draw_map(rows.points_of(scene), inputs.take_movie)
        with right:
            shown = rows.shown_data(scene, movie, colour, user, on_top)
            components.draw_shown(shown, inputs.take_movie)
        st.caption(rows.about(scene))


with layout.errors():
    runs = cache.store().list()
    if runs:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            scene = inputs.choose_scene(runs)
        for note in dict.fromkeys(note for model in scene.models for note in model.notes):
            st.warning(as_typed(note))
        missing = [as_typed(model.label) for model in scene.models if not model.has_map]
        if missing:
            st.info(f"{', '.join(missing)}: its movies all have the same vector. Choose another.")
        else:
            show(scene)
    else:
        layout.empty_state(
            "There is no run yet. The map shows the movies as a trained model sees them.",
            "pages/1_Train.py",
            "Train a run",
        )
