"""Movie map: the catalogue in two dimensions, as a model sees it."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache, layout, link_check
from pages.ui.movie_map import arranging, components, inputs, rows
from pages.ui.movie_map.layouts import Maps
from pages.ui.movie_map.scene import Scene
from pages.ui.names import as_typed

layout.header(
    "Movie map",
    "The movies as a model sees them, flattened to two dimensions. Click one.",
)


@st.fragment  # a click runs this alone: it is to answer at once
def show(scene: Scene, maps: Maps, colour: str, user: int | None, on_top: Sequence[str]) -> None:
    """Draw what is marked on the maps."""
    with layout.errors():
        movie = inputs.movie_in_view(scene)
        shown = rows.shown_data(scene, maps, movie, colour, user, on_top)
        components.draw_shown(shown, inputs.take_movie)


with layout.errors(), st.container(gap="xsmall"):  # the map is to begin as high as it can
    runs = cache.runs()
    if runs:
        notes = st.container()
        row = st.container(horizontal=True, vertical_alignment="top")
        with row:
            scene = inputs.choose_scene(runs, notes)
        if scene.config.all_ratios:  # its slider leaves no room for the others
            row = st.container(horizontal=True, vertical_alignment="bottom")
        with row:
            user = inputs.choose_user(scene, notes)
            colour = inputs.choose_colour(scene, user)
            arranged = inputs.choose_layout(scene)
            on_top = inputs.choose_on_top() if user is not None else []
        for note in filter(None, (model.note for model in scene.models)):
            st.warning(as_typed(note))
        missing = [as_typed(model.label) for model in scene.models if not model.has_map]
        inputs.movie_in_view(scene)  # the link may ask for one that does not exist
        link_check.draw(st.container())
        if missing:
            st.info(f"{', '.join(missing)}: its movies all have the same vector. Choose another.")
        else:
            shown, maps = arranging.draw_maps(scene, arranged)
            # Two maps need the whole width: the lists stand below them, each below its own.
            left, right = st.columns([3, 1], gap="medium") if len(maps.points) == 1 else (st, st)
            with left.container():  # not in the fragment: of a large catalogue it is megabytes
                components.draw_map(rows.points_of(shown, maps))
            with right.container():
                show(shown, maps, colour, user, on_top)
            st.caption(rows.about(shown, maps))
    else:
        layout.no_run_yet("The map shows the movies as a trained model sees them.")
