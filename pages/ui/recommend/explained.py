"""Which movie of which list is explained."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache, link_check, state, url_inputs
from pages.ui.recommend.results import ListOptions, UserResults
from pages.ui.recommend.scene import Model, Scene
from pages.ui.recommend.why import Explainer, explainer
from recsys.explanations.parts import Heads

CONTRAST = "contrast"  # the kind of explanation that comes first, see `recommend.why.Kind`


def explainers_of(
    scene: Scene,
    models: Sequence[Model],
    results: UserResults,
    user: int,
    options: ListOptions,
) -> list[Explainer]:
    """Return what answers why, for each model shown."""
    biases = cache.bias_model(scene.config)
    return [
        explainer(
            model.scorer,
            scene.split,
            biases,
            user,
            ranked_by=shown.ranked_by,
            listed=shown.codes,
            weight=shown.weight,
            with_seen=options.with_seen,
            heads=Heads.of(model.run.config) if model.run else Heads(),
        )
        for model, shown in zip(models, results.lists, strict=False)
    ]


def list_in_view(explainers: Sequence[Explainer]) -> int:
    """Return the place of the model that explains: that of the list clicked last, as in the URL."""
    numbers = [str(place + 1) for place in range(len(explainers))]
    return numbers.index(url_inputs.asked_for(state.EXPLAINED, numbers, numbers[0]))


def movie_in_view(scene: Scene, explainers: Sequence[Explainer]) -> int | None:
    """Return the code of the movie that the URL asks for, or of the first one of the list."""
    asked = state.selected(state.MOVIE)
    code = scene.data.catalogue.codes.get(asked) if asked else None
    link_check.check(state.MOVIE, [asked] if asked and code is None else [])
    if code is not None:
        return code
    listed = explainers[list_in_view(explainers)].listed
    return int(listed[0]) if len(listed) else None


def take_movie(key: str) -> None:
    """Explain the movie that was clicked in a component."""
    clicked = st.session_state[key].get("movie")
    if clicked:
        _take(clicked["id"], clicked.get("list"))


def take_mode(key: str) -> None:
    """Put into the URL whether the difference to the list is explained, the score or the stars."""
    mode = st.session_state[key].get("mode")
    state.select(state.WHY, None if mode in (None, CONTRAST) else mode)


def take_row(key: str, ids: Sequence[str], place: int) -> None:
    """Explain the movie that was clicked in a table.

    Args:
        key: of the table.
        ids: of the movies of its rows.
        place: of the list among those that are shown.
    """
    cells = st.session_state[key]["selection"]["cells"]
    if cells and cells[0][0] < len(ids):
        _take(ids[cells[0][0]], place)


def _take(movie_id: str, place: int | None) -> None:
    state.select(state.MOVIE, movie_id)
    if place is not None:
        state.select(state.EXPLAINED, str(place + 1) if place else None)
