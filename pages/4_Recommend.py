"""Recommend: one user's history, and what a run recommends to them."""

import streamlit as st

from pages.ui import cache, layout, recommend_inputs, recommend_panels, recommend_rows
from pages.ui import recommend_scene as scenes

layout.header(
    "Recommend",
    "Choose a run and a user. The run retrieves movies that the user has not seen, then predicts "
    "how many stars the user would give. A ✓ marks movies of the holdout: the user did rate them.",
)

with layout.errors():
    runs = cache.store().list()
    other = None
    if runs:
        first, second = st.columns(2, gap="medium")
        with first:
            run = recommend_inputs.choose_run(runs)
        scene = scenes.load_scene(run)
        with second:
            other = recommend_inputs.choose_other(run, scene, runs)
    else:
        layout.empty_state(
            "There is no run yet. Until the first training ends, this page shows what the baseline "
            "**most popular** recommends.",
            "pages/1_Train.py",
            "Train a run",
        )
        scene = scenes.default_scene()
    user = recommend_inputs.choose_user(scene)
    recommend_inputs.choose_example(scene, user)
    profile = st.container()  # drawn last: its metrics need the choices below it
    options = recommend_inputs.choose_list(scene)
    results = recommend_rows.user_results(
        scene.data, scene.split, user, options, scenes.scorers(scene, other)
    )
    with profile:
        recommend_panels.profile(scene, user, results)
    recommend_panels.recommendations(scene, other, options, results)
    recommend_panels.history(scene, results)
