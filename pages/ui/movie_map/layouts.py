"""Where the movies lie on the maps: by PCA at once, or by neighbours once a worker is done."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.movie_map.scene import Scene
from recsys.movie_map.neighbours import FEWEST, LayoutRequest, neighbours_kept
from recsys.movie_map.planes import align, principal_plane, turned

PCA, UMAP = "pca", "umap"
NAMES = {PCA: "PCA", UMAP: "UMAP"}


@dataclass(frozen=True, eq=False)
class Maps:
    """Where the movies lie.

    Attributes:
        layout: PCA or UMAP.
        points: for each model, [n, 2]; of the second one, in the frame of the first.
        kept: the share of the nearest movies in the first model's space that are also nearest on
            its map, 0-1.
        share: the share of the first model's variance that lies in the plane, 0-1; 0 for UMAP.
        agreement: the share of the variance that the second model explains; None without it.
    """

    layout: str
    points: tuple[np.ndarray, ...]
    kept: float
    share: float = 0.0
    agreement: float | None = None


class MissingLayoutError(Exception):
    """A layout that a worker has not computed yet: which one, and of which run."""

    def __init__(self, run_id: str, request: LayoutRequest) -> None:
        """Set the id of the run that it is kept with, and the request."""
        super().__init__(request.key)
        self.run_id = run_id
        self.request = request


def known_layouts(scene: Scene) -> list[str]:
    """Return the layouts that the movies of the scene can have."""
    return [PCA, UMAP] if len(scene.movies) >= FEWEST else [PCA]


def pca_maps(scene: Scene) -> Maps:
    """Return where the movies lie in the plane in which they differ most; computed once."""
    return _pca(scene.key, _scene=scene)


def umap_maps(scene: Scene) -> Maps:
    """Return where the movies lie by neighbours.

    Raises:
        MissingLayoutError: a worker has to compute a layout first.
    """
    return _umap(scene.key, str(cache.store().folder), _scene=scene)


@st.cache_resource(max_entries=32, show_spinner=False)
def _pca(key: tuple[str, ...], _scene: Scene) -> Maps:
    movies = _scene.movies
    first, *rest = (model.scorer.candidate[movies].astype(np.float64) for model in _scene.models)
    popularity, liking = np.log(_scene.counts[movies]), _scene.means[movies]
    plane = turned(principal_plane(first), first, popularity, liking)
    points = plane.project(first)
    kept = neighbours_kept(first, points)
    if not rest:
        return Maps(PCA, (points,), kept, plane.share)
    # The vectors are turned before they are projected: a plane of its own would show the second
    # model from another side, and movies that have not moved would seem to.
    found = align(rest[0], first)
    carried = found.apply(rest[0])[:, : first.shape[1]]
    return Maps(PCA, (points, plane.project(carried)), kept, plane.share, found.agreement)


@st.cache_resource(max_entries=32, show_spinner=False)
def _umap(key: tuple[str, ...], folder: str, _scene: Scene) -> Maps:
    first, *rest = (model.scorer.candidate[_scene.movies] for model in _scene.models)
    start = pca_maps(_scene).points[0]
    own = _stored(_scene.models[0].run_id, LayoutRequest(first, start))
    kept = neighbours_kept(first, own)
    points = own - own.mean(axis=0)
    if not rest:
        return Maps(UMAP, (points,), kept)
    # A layout of its own would put the same groups elsewhere: it starts from the first one.
    other = _stored(_scene.models[1].run_id, LayoutRequest(rest[0], own, near_start=True))
    found = align(other, points)
    return Maps(UMAP, (points, found.apply(other)), kept, agreement=found.agreement)


def _stored(run_id: str, request: LayoutRequest) -> np.ndarray:
    places = cache.store().layouts.load(run_id, request.key)
    if places is None or len(places) != len(request.vectors):
        raise MissingLayoutError(run_id, request)
    return places
