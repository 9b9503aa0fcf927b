"""Recommend: one user's history, and what a run recommends to them."""

from dataclasses import replace

import streamlit as st

from pages.ui import cache, layout
from pages.ui.recommend import inputs, panels, serving
from pages.ui.recommend import scene as scenes
from pages.ui.recommend.results import user_results
from pages.ui.recommend.scene import Model, Scene
from pages.ui.recommend.serving_rows import WEIGHTS

layout.header(
    "Recommend",
    "Choose a run and a user. The model retrieves movies that the user has not seen, then predicts "
    "how many stars the user would give. A ✓ marks holdout movies: the user rated them, but the "
    "model was not trained on these ratings.",
)


@st.fragment  # what follows the slider runs alone: it is to answer at once
def show(scene: Scene, user: int, other: Model | None) -> None:
    """Draw what the model knows of a user and what it recommends to them."""
    with layout.errors():
        profile = st.container()  # drawn last: its metrics need the choices below it
        options = inputs.choose_list(scene)
        blended = scene.blended_run
        if blended:
            left, curve = st.columns([3, 2], gap="large")
            with left:
                place, before = serving.choose_blend()
                figures = st.container()
            options = replace(options, weight=WEIGHTS[place], earlier_weight=WEIGHTS[before])
        models = scenes.scorers(scene, other)
        results = user_results(scene.data, scene.split, user, options, models)
        with profile:
            panels.profile(scene, user, results)
        panels.recommendations(scene, other, options, results)
        if blended:  # after the list: the first time of a run, it takes a second
            with figures:
                serving.draw_figures(blended, scene.model.position, place)
            with curve:
                serving.draw_curve(blended, scene.model.position, place)
        panels.history(scene, results)


with layout.errors():
    runs = cache.store().list()
    other = None
    if runs:
        first, second = st.columns(2, gap="medium")
        with first:
            run = inputs.choose_run(runs)
            inputs.choose_ratio(run)
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
    show(scene, user, other)
