"""Recommend: what a run recommends to one user, and why."""

from dataclasses import replace

import streamlit as st

from pages.ui import cache, layout, link_check, run_choice
from pages.ui.recommend import inputs, panels, profile, serving
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
def show(scene: Scene) -> None:
    """Draw the choice of a user, what the models recommend to them, and why."""
    with layout.errors(), st.container(gap="xsmall"):
        warnings = st.container()
        with st.container(horizontal=True, wrap=False, gap="xsmall"):
            user = inputs.choose_user(scene, warnings)
            inputs.draw_steps(user)
        inputs.choose_example(scene, user)
        who = st.container(gap="xxsmall")  # drawn last: its metrics need the choices below it
        blends = scene.blended_run is not None
        with st.container(horizontal=True, vertical_alignment="bottom"):
            options = inputs.choose_list(scene)
            now = serving.choose_serving(
                blends=blends, varies=movie_vectors(scene.scorer) is not None
            )
        unusable = st.container()  # drawn last: it is about all that is asked for
        options = replace(options, weight=WEIGHTS[now.place], diversity=now.diversity)
        models = [scene.model, *scene.others]
        shown = scenes.scorers(scene)
        plain = [scene.model.plain or scene.scorer, *shown[1:]]
        results = user_results(scene.data, scene.split, user, options, shown, plain)
        with who:
            profile.draw(scene, user, results)
        explainers = explainers_of(scene, models, results, user, options)
        movie = movie_in_view(scene, explainers)
        # More than two lists need the whole width.
        beside = len(models) <= 2 or options.view == "table"
        left, right = st.columns([1.75, 1], gap="medium") if beside else (st, st)
        with left.container(gap="xsmall"):
            panels.recommendations(scene, models, options, results, explainers, user, movie)
        with right.container():
            all_users = st.container()
            panels.why(scene, models, user, results, explainers, movie)
        with st.container():
            profile.draw_ratings(scene, results)
            run, position = scene.model.run, scene.model.position
            if run:  # after the list: the first time of a run, it takes a second
                with all_users:
                    serving.draw_line(run, position, now, blends=blends)
                serving.draw_all_users(run, position, now, blends=blends)
        link_check.draw(unusable)


with layout.errors(), st.container(gap="xsmall"):  # the list is to begin as high as it can
    runs = cache.runs()
    warnings = st.container()
    if runs:
        with st.container(horizontal=True, vertical_alignment="top"):
            run = inputs.choose_run(runs, warnings)
            run_choice.choose_place(run_choice.line_places(run))
            scene = scenes.load_scene(run)
            scene = scenes.beside(scene, inputs.choose_others(run, scene, runs))
    else:
        with warnings:
            layout.no_run_yet(
                "Until the first training ends, this page shows what the baseline "
                "**most popular** recommends."
            )
        scene = scenes.default_scene()
    show(scene)
