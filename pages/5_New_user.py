"""New user: rate a few movies, and see at once what the chosen runs would show you."""

import streamlit as st

from pages.ui import cache, layout, link_check, state
from pages.ui.names import as_typed
from pages.ui.new_user import board, files, kept
from pages.ui.new_user.inputs import choose_scene
from pages.ui.new_user.scene import Scene, empty_scene

layout.header("New user", "Rate a few movies you know, and see what you would be shown.")


@st.fragment  # a click runs this alone: it is to answer at once
def show(scene: Scene) -> None:
    """Draw the movies to rate, the lists, and what can be done with the ratings."""
    with layout.errors():
        taste = kept.taste(scene)
        link_check.check(state.RATED, taste.unusable, kept.usable(scene, taste))
        link_check.draw(st.container())
        board.draw(scene, taste)
        files.draw(scene, taste)


with layout.errors():
    runs = cache.runs()
    if runs:
        scene = choose_scene(runs)
    else:
        scene = empty_scene()
        layout.no_run_yet(
            "Until the first training ends, you would be shown the most popular movies, whatever "
            "you rate."
        )
    if scene.left_out:
        names = ", ".join(f"**{as_typed(label)}**" for label in scene.left_out)
        sentence = (
            f"{names} cannot serve a new user: the model does not compute its users from their "
            "ratings. Choose another run, or train one with the default architecture."
        )
        if scene.models:
            st.info(sentence)
        else:
            layout.empty_state(sentence, "pages/1_Train.py", "Train a run")
    show(scene)
