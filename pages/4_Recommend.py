"""Recommend: one user's history; movies retrieved, then rated."""

import streamlit as st

from pages.ui import cache, layout, state
from pages.ui.recommend import (
    inputs as recommend_inputs,
)
from pages.ui.recommend import (
    panels as recommend_panels,
)
from pages.ui.recommend import (
    scene as recommend_scene,
)

layout.header(
    "Recommend",
    "Choose a run and a person. The run first retrieves movies they have not seen, then predicts "
    "how many stars they would give. A ✓ marks what they did watch in the holdout.",
)

with layout.errors():
    runs = cache.store().list()
    other = None
    if runs:
        first, second = st.columns(2, gap="medium")
        with first:
            run = recommend_inputs.choose_run(runs)
        scene = recommend_scene.load_scene(run)
        with second:
            other = recommend_inputs.choose_other(run, scene, runs)
    else:
        layout.empty_state(
            "There is no run yet. Until the first training ends, this shows what the baseline "
            "**most popular** recommends.",
            "pages/1_Train.py",
            "Train a run",
        )
        scene = recommend_scene.baseline_scene(cache.default_config(state.app_data()))
    user = recommend_inputs.choose_user(scene)
    recommend_inputs.choose_example(scene, user)
    recommend_panels.profile(scene, user)
    wanted = recommend_inputs.choose_list(scene)
    recommend_panels.recommendations(scene, user, wanted, other)
    recommend_panels.history(scene, user, wanted)
