"""UMAP on the page: asked for, followed, kept with the run, given up."""

import dataclasses

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from pages.ui.movie_map.layouts import PCA, UMAP, MissingLayoutError, pca_maps, umap_maps
from pages.ui.movie_map.scene import Scene
from recsys.jobs.calls import Call
from recsys.movie_map.planes import align
from tests.pages.movie_map.test_movie_map import PAGE, component, texts
from tests.pages.small_lab import Lab, OpenPage, StillQueue

LAYOUT = state.bound_field(state.LAYOUT)


def arrange(queue: StillQueue) -> np.ndarray:
    """Do what the worker does with the last request; return the places."""
    request = queue.requests[-1]
    vectors, start, _ = request.arguments
    places = (10 * start[:, ::-1] + vectors[:, :2]).astype(np.float32)
    request.on_result(places)
    queue.calls[request.key] = Call(request.key, done=True)
    return places


def places_shown(app: AppTest, number: int = 0) -> np.ndarray:
    one = component(app, "points")["maps"][number]
    return np.column_stack([one["x"], one["y"]])


def test_umap_shows_pca_until_a_worker_is_done_and_then_stays(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(PAGE, run=lab.runs[2])
    pca = places_shown(app)
    app.segmented_control(key=LAYOUT).set_value(UMAP).run()
    assert app.query_params[state.LAYOUT] == UMAP
    assert len(queue.requests) == 1
    np.testing.assert_array_equal(places_shown(app), pca)
    assert "PCA" in texts(app)
    places = arrange(queue)
    app.run()
    assert align(places_shown(app), places).agreement == pytest.approx(1, abs=1e-4)
    assert "UMAP" in texts(app)
    again = open_page(PAGE, run=lab.runs[2], layout=UMAP)
    np.testing.assert_array_equal(places_shown(again), places_shown(app))
    assert len(queue.requests) == 1
    app.segmented_control(key=LAYOUT).set_value(PCA).run()
    np.testing.assert_array_equal(places_shown(app), pca)


def test_progress_is_told_and_stop_goes_back_to_pca(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(PAGE, run=lab.runs[2], layout=UMAP)
    key = queue.requests[0].key
    assert "Waiting" in app.get("progress")[0].proto.text
    queue.calls[key] = Call(key, progress=0.4)
    app.run()
    assert "40%" in app.get("progress")[0].proto.text
    assert "Until then: the map of PCA" in app.get("progress")[0].proto.text
    app.button(key=state.MAP_STOP).click().run()
    assert app.segmented_control(key=LAYOUT).value == PCA
    assert state.LAYOUT not in app.query_params
    assert not app.get("progress")
    app.segmented_control(key=LAYOUT).set_value(UMAP).run()
    assert [request.key for request in queue.requests] == [key, key]
    assert app.get("progress")


def test_second_map_leaves_umap_of_the_first_until_it_is_there(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(PAGE, run=lab.runs[2], layout=UMAP)
    arrange(queue)
    app.run()
    umap = places_shown(app)
    app.selectbox(key=state.bound_field(state.OTHER)).set_value(lab.runs[1]).run()
    assert len(component(app, "points")["maps"]) == 1
    np.testing.assert_array_equal(places_shown(app), umap)
    assert "Until then: the first map alone" in app.get("progress")[0].proto.text
    arrange(queue)
    app.run()
    assert len(component(app, "points")["maps"]) == 2
    assert "UMAP" in texts(app)
    assert not app.get("progress")


def test_failed_umap_says_why_beside_the_map_of_pca(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    app = open_page(PAGE, run=lab.runs[2], layout=UMAP)
    key = queue.requests[0].key
    queue.calls[key] = Call(key, done=True, error="the training process died on it")
    app.run()
    assert "UMAP failed: the training process died on it" in texts(app)
    assert len(component(app, "points")["maps"][0]["x"])


def test_second_map_starts_from_the_first(scene: Scene, queue: StillQueue, lab: Lab) -> None:
    with pytest.raises(MissingLayoutError) as first:
        umap_maps(scene)
    assert first.value.run_id == lab.runs[2]
    np.testing.assert_array_equal(first.value.request.start, pca_maps(scene).points[0])
    places = np.random.default_rng(0).normal(size=(len(scene.movies), 2)).astype(np.float32)
    lab.store.layouts.save(lab.runs[2], first.value.request.key, places)
    with pytest.raises(MissingLayoutError) as second:
        umap_maps(scene)
    assert second.value.run_id == lab.runs[1]
    assert second.value.request.near_start
    np.testing.assert_array_equal(second.value.request.start, places)
    turned = 3 * places[:, ::-1]
    lab.store.layouts.save(lab.runs[1], second.value.request.key, turned)
    maps = umap_maps(scene)
    np.testing.assert_allclose(maps.points[1], maps.points[0], atol=1e-4)
    assert maps.agreement == pytest.approx(1)


def test_layout_of_other_movies_is_computed_anew(scene: Scene, queue: StillQueue, lab: Lab) -> None:
    alone = dataclasses.replace(scene, models=scene.models[:1])
    with pytest.raises(MissingLayoutError) as missing:
        umap_maps(alone)
    lab.store.layouts.save(lab.runs[2], missing.value.request.key, np.zeros((3, 2), "f4"))
    with pytest.raises(MissingLayoutError):
        umap_maps(alone)


def test_layout_of_a_run_that_was_deleted_and_trained_again_is_computed_again(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    open_page(PAGE, run=lab.runs[2], layout=UMAP)
    arrange(queue)
    lab.store.layouts.remove(lab.runs[2])
    app = open_page(PAGE, run=lab.runs[2], layout=UMAP)
    assert len(queue.requests) == 2
    assert app.get("progress")


def test_layout_that_arrives_after_its_run_was_deleted_is_not_kept(
    lab: Lab, open_page: OpenPage, queue: StillQueue
) -> None:
    open_page(PAGE, run=lab.runs[2], layout=UMAP)
    lab.store.delete(lab.runs[2])
    arrange(queue)
    assert not (lab.store.folder / "layouts" / lab.runs[2]).exists()
