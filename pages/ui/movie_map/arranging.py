"""A layout by neighbours while a worker computes it: asked for, followed, stopped."""

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.ui import cache, lab, live, state
from pages.ui.movie_map import layouts
from pages.ui.movie_map.layouts import Maps, MissingLayoutError
from pages.ui.movie_map.scene import Scene
from pages.ui.names import as_typed
from recsys.jobs.calls import CallRequest
from recsys.jobs.queue import WorkerState

FUNCTION = "recsys.movie_map.neighbours:neighbour_layout"


def draw_maps(scene: Scene, layout: str) -> tuple[Scene, Maps]:
    """Return the models whose maps can be shown now, and these maps.

    While a worker computes UMAP, which this shows, they are those of PCA; while it computes that of
    the second model, the first one alone.
    """
    if layout == layouts.UMAP:
        try:
            return scene, layouts.umap_maps(scene)
        except MissingLayoutError as missing:
            shown = _meanwhile(scene, missing)
            _draw_state(missing, scene, shown[1])
            return shown
    return scene, layouts.pca_maps(scene)


def _meanwhile(scene: Scene, missing: MissingLayoutError) -> tuple[Scene, Maps]:
    """Return what is shown while a layout is computed. UMAP is not taken back for a second map."""
    if missing.request.near_start:
        first = replace(scene, models=scene.models[:1])
        return first, layouts.umap_maps(first)
    return scene, layouts.pca_maps(scene)


def _draw_state(missing: MissingLayoutError, scene: Scene, shown: Maps) -> None:
    """Say how far the worker is, or why it failed. What was stopped and asked for again begins."""
    queue, key = lab.jobs(), _key(missing)
    call = queue.call(key)
    meanwhile = "the first map alone" if shown.layout == layouts.UMAP else "the map of PCA"
    if call is not None and call.error:
        _draw_failed(missing, call.error, meanwhile)
        return
    if call is None or call.done:  # done, and not here: it was stopped, or its run was deleted
        queue.compute(_call(missing))
    live.periodic(_follow)(key, len(scene.movies), meanwhile)


def _key(missing: MissingLayoutError) -> str:
    """Return the key of the call: two runs may ask for the same layout, and each keeps its own."""
    return f"{missing.run_id}-{missing.request.key}"


def _call(missing: MissingLayoutError) -> CallRequest:
    store, run_id, request = cache.store(), missing.run_id, missing.request

    def keep(places: np.ndarray) -> None:
        if run_id in store:  # not deleted meanwhile
            store.layouts.save(run_id, request.key, places)

    arguments = (request.vectors, request.start, request.near_start)
    return CallRequest(_key(missing), FUNCTION, arguments, keep)


def _follow(key: str, n: int, meanwhile: str) -> None:
    """Show how far a call is; run the page again when it has ended."""
    call = lab.jobs().call(key)
    if call is None or call.done or state.latest(state.LAYOUT) != layouts.UMAP:
        st.rerun()
    with st.container(horizontal=True, wrap=False, vertical_alignment="bottom", gap="small"):
        text = f"{_words(call.progress, n)} Until then: {meanwhile}."
        st.progress(call.progress or 0.0, text=text)
        st.button("Stop", key=state.MAP_STOP, type="tertiary", on_click=_stop, args=(key,))


def _stop(key: str) -> None:
    """Stop a call. The layout is PCA again, also where it is chosen."""
    lab.jobs().stop_call(key)
    state.select(state.LAYOUT, None)


def _words(progress: float | None, n: int) -> str:
    if progress:
        return f"UMAP is arranging {n:,} movies … {progress:.0%}."
    if progress is not None:  # the first layout of a worker takes ten seconds to begin
        return "UMAP is starting …"
    states = {WorkerState.STARTING: "worker to start", WorkerState.BUSY: "end of a training"}
    return f"Waiting for the {states.get(lab.jobs().worker(), 'worker')} …"


def _draw_failed(missing: MissingLayoutError, error: str, meanwhile: str) -> None:
    """Say why there is no layout, and offer to compute it again."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        st.warning(f"UMAP failed: {as_typed(error)}. Shown: {meanwhile}.")
        st.button(
            "Again",
            key=state.MAP_AGAIN,
            type="tertiary",
            on_click=lambda: lab.jobs().compute(_call(missing)),
        )
