"""Recommend: one user's history; movies retrieved, then rated."""

import streamlit as st

from pages.ui import cache, layout, recommend_inputs, recommend_panels

layout.header(
    "Recommend",
    "Choose a run and a person. The run first retrieves movies they have not seen, then predicts "
    "how many stars they would give. A ✓ marks what they did watch in the holdout.",
)

with layout.errors():
    runs = cache.store().list()
    if not runs:
        layout.empty_state(
            "There is no run yet. As soon as the first training ends, it can recommend.",
            "pages/1_Train.py",
            "Train a run",
        )
        st.stop()
    first, second = st.columns(2, gap="medium")
    with first:
        run = recommend_inputs.choose_run(runs)
    scene = recommend_inputs.load_scene(run)
    with second:
        other = recommend_inputs.choose_other(scene, runs)
    user = recommend_inputs.choose_user(scene)
    recommend_inputs.choose_example(scene, user)
    recommend_panels.profile(scene, user)
    wanted = recommend_inputs.choose_list(scene)
    recommend_panels.recommendations(scene, user, wanted, other)
    recommend_panels.history(scene, user, wanted)
