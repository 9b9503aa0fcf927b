"""Recommend: what a run recommends to one user, and why."""

from dataclasses import replace

import streamlit as st

from pages.ui import cache, layout, run_choice
from pages.ui.recommend import inputs, panels, serving
from pages.ui.recommend import scene as scenes
from pages.ui.recommend.explained import explainers_of, movie_in_view
from pages.ui.recommend.results import movie_vectors, user_results
from pages.ui.recommend.scene import Scene
from pages.ui.recommend.serving_rows import WEIGHTS

layout.header(
    "Recommend",
    "What a model recommends to one user, and why. ✓: a holdout movie, which the user did rate.",
)


@st.fragment  # what follows a click runs alone: it is to answer at once
def show(scene: Scene, user: int) -> None:
    """Draw what the models recommend to a user, and why."""
    with layout.errors():
        profile = st.container()  # drawn last: its metrics need the choices below it
        options = inputs.choose_list(scene)
        blends = scene.blended_run is not None
        now, before = serving.choose_serving(
            blends=blends, varies=movie_vectors(scene.scorer) is not None
        )
        all_users = st.container()
        options = replace(
            options,
            weight=WEIGHTS[now.place],
            diversity=now.diversity,
            earlier_weight=WEIGHTS[before.place],
            earlier_diversity=before.diversity,
        )
        models = [scene.model, *scene.others]
        results = user_results(scene.data, scene.split, user, options, scenes.scorers(scene))
        with profile:
            panels.profile(scene, user, results)
        explainers = explainers_of(scene, models, results, user, options)
        movie = movie_in_view(scene, explainers)
        # More than two lists need the whole width.
        beside = len(models) <= 2 or options.view == "table"
        left, right = st.columns([1.75, 1], gap="medium") if beside else (st, st)
        with left.container():
            panels.recommendations(scene, models, options, results, explainers, movie)
        with right.container():
            panels.why(scene, models, user, options, explainers, movie)
        panels.history(scene, results)
        run, position = scene.model.run, scene.model.position
        if run:  # after the list: the first time of a run, it takes a second
            with all_users:
                serving.draw_line(run, position, now, blends=blends)
            serving.draw_all_users(run, position, now, blends=blends)


with layout.errors():
    runs = cache.store().list()
    if runs:
        of_run, of_others, of_user = st.columns([1, 1, 1.8])
        with of_run:
            run = inputs.choose_run(runs)
            run_choice.choose_place(run_choice.line_places(run))
        scene = scenes.load_scene(run)
        with of_others:
            scene = replace(scene, others=inputs.choose_others(run, scene, runs))
    else:
        layout.empty_state(
            "There is no run yet. Until the first training ends, this page shows what the baseline "
            "**most popular** recommends.",
            "pages/1_Train.py",
            "Train a run",
        )
        scene = scenes.default_scene()
        of_user = st.container()
    with of_user:
        user = inputs.choose_user(scene)
    inputs.choose_example(scene, user)
    show(scene, user)
