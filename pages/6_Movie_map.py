"""Movie map: the catalogue in two dimensions, as a model sees it."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache, layout, link_check
from pages.ui.movie_map import arranging, components, inputs, rows
from pages.ui.movie_map.layouts import Maps
from pages.ui.movie_map.scene import Scene
from pages.ui.names import as_typed

layout.header("Movie map", "Movies that the same people watch are near each other. Click one.")


@st.fragment  # a click runs this alone: it is to answer at once
def show(scene: Scene, maps: Maps, colour: str, user: int | None, on_top: Sequence[str]) -> None:
    """Draw what is marked on the maps."""
    with layout.errors():
        movie = inputs.movie_in_view(scene)
        shown = rows.shown_data(scene, maps, movie, colour, user, on_top)
        components.draw_shown(shown, inputs.take_movie)


with layout.errors():
    runs = cache.store().list()
    if runs:
        of_run, of_other, of_person, of_colour = st.columns([1.1, 1.1, 1.4, 0.8])
        scene = inputs.choose_scene(runs, of_run, of_other)
        with of_person:
            user = inputs.choose_user(scene)
            on_top = inputs.choose_on_top() if user is not None else []
        with of_colour:
            colour = inputs.choose_colour(scene, user)
            arranged = inputs.choose_layout(scene)
        for note in filter(None, (model.note for model in scene.models)):
            st.warning(as_typed(note))
        missing = [as_typed(model.label) for model in scene.models if not model.has_map]
        if missing:
            link_check.draw(st.container())
            st.info(f"{', '.join(missing)}: its movies all have the same vector. Choose another.")
        else:
            inputs.movie_in_view(scene)  # the link may ask for one that does not exist
            link_check.draw(st.container())
            with of_other:
                maps = arranging.draw_maps(scene, arranged)
            left, right = st.columns([3, 1], gap="medium")
            with left:  # not in the fragment: the points of a large catalogue are megabytes
                components.draw_map(rows.points_of(scene, maps))
            with right:
                show(scene, maps, colour, user, on_top)
            st.caption(rows.about(scene, maps))
    else:
        layout.empty_state(
            "There is no run yet. The map shows the movies as a trained model sees them.",
            "pages/1_Train.py",
            "Train a run",
        )
