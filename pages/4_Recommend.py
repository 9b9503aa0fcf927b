"""Recommend: one user's history, and what a run recommends to them."""

import streamlit as st

from pages.ui import cache, layout
from pages.ui.recommend import inputs, panels
from pages.ui.recommend import scene as scenes
from pages.ui.recommend.results import user_results

layout.header(
    "Recommend",
    "Choose a run and a user. The model retrieves movies that the user has not seen, then predicts "
    "how many stars the user would give. A ✓ marks holdout movies: the user rated them, but the "
    "model was not trained on these ratings.",
)

with layout.errors():
    runs = cache.store().list()
    other = None
    if runs:
        first, second = st.columns(2, gap="medium")
        with first:
            run = inputs.choose_run(runs)
        scene = scenes.load_scene(run)
        with second:
            other = inputs.choose_other(run, scene, runs)
    else:
        layout.empty_state(
            "There is no run yet. Until the first training ends, this page shows what the baseline "
            "**most popular** recommends.",
            "pages/1_Train.py",
            "Train a run",
        )
        scene = scenes.default_scene()
    user = inputs.choose_user(scene)
    inputs.choose_example(scene, user)
    profile = st.container()  # drawn last: its metrics need the choices below it
    options = inputs.choose_list(scene)
    results = user_results(scene.data, scene.split, user, options, scenes.scorers(scene, other))
    with profile:
        panels.profile(scene, user, results)
    panels.recommendations(scene, other, options, results)
    panels.history(scene, results)
