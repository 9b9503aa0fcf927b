"""A layout by neighbours while a worker computes it: asked for, followed, stopped."""

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


def draw_maps(scene: Scene, layout: str) -> Maps:
    """Return the maps of a layout; those of PCA while a worker computes it, which this shows."""
    if layout == layouts.UMAP:
        try:
            return layouts.umap_maps(scene)
        except MissingLayoutError as missing:
            queue, key = lab.jobs(), _key(missing)
            call = queue.call(key)
            if call is not None and (call.stopped or call.error):
                _draw_ended(missing, call.error)
            else:
                if call is None or call.done:  # a result that is gone: the run was deleted since
                    queue.compute(_call(missing))
                live.periodic(_follow)(key, len(scene.movies))
    return layouts.pca_maps(scene)


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


def _follow(key: str, n: int) -> None:
    """Show how far a call is; run the page again when it has ended."""
    call = lab.jobs().call(key)
    if call is None or call.done:
        st.rerun()
    progress, stop = st.columns([4, 1], vertical_alignment="bottom", gap="small")
    with progress:
        st.progress(call.progress or 0.0, text=_words(call.progress, n))
    stop.button(
        "Stop", key=state.MAP_STOP, type="tertiary", on_click=lab.jobs().stop_call, args=(key,)
    )


def _words(progress: float | None, n: int) -> str:
    if progress:
        return f"Arranging {n:,} movies … {progress:.0%}"
    if progress is not None:  # the first layout of a worker takes ten seconds to begin
        return "UMAP is starting …"
    states = {WorkerState.STARTING: "worker to start", WorkerState.BUSY: "end of a training"}
    return f"Waiting for the {states.get(lab.jobs().worker(), 'worker')} …"


def _draw_ended(missing: MissingLayoutError, error: str | None) -> None:
    """Say why there is no layout, and offer to compute it again."""
    text, again = st.columns([3, 1], vertical_alignment="center", gap="small")
    text.caption(f"UMAP failed: {as_typed(error)}" if error else "Stopped. This is PCA.")
    again.button(
        "Again",
        key=state.MAP_AGAIN,
        type="tertiary",
        on_click=lambda: lab.jobs().compute(_call(missing)),
    )
