"""The plot of both scores, in which a box filters the list."""

import streamlit as st

from pages.ui import layout, state
from pages.ui.names import as_typed
from pages.ui.recommend import charts
from pages.ui.recommend.results import Box, MovieList
from pages.ui.recommend.rows import box_row, plot_rows


def draw(shown: MovieList, box: Box | None, label: str, explained: int | None) -> None:
    """Draw both scores of the candidates; a box that is drawn there filters the list.

    Args:
        shown: the list, with its candidates.
        box: what it is filtered by.
        label: the name of the first model where there are several: plot and list are its own.
        explained: code of the movie that is explained.
    """
    assert shown.candidates is not None
    rows = plot_rows(shown.candidates, set(shown.codes.tolist()), explained)
    count = len(rows)
    inside = f"**{sum(map(box.has, rows))} of these are in the box.** " if box else ""
    if box is not None and box != _drawn():  # it came with the link
        rows += box_row(rows, box.score, box.stars)
    layout.chart(
        state.scatter_field(),
        "",
        charts.scatter_chart,
        alt_text="Scatter plot: retrieval score and predicted stars of the candidates",
        rows=rows,
        on_select=_take_box,
        selection_mode=charts.BOX,
    )
    of_model = f" of **{as_typed(label)}**" if label else ""
    where = "this model's list" if label else "the list"
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        if box is not None:
            st.button(
                "Clear the box",
                key=state.RECOMMEND_CLEAR_BOX,
                icon=":material/close:",
                on_click=clear_box,
            )
        st.caption(
            f"The first {count} candidates{of_model}. {inside}Those of the list are coloured, "
            f"ringed ones are in the holdout. Draw a box to see only its movies in {where}; a "
            "double click takes it away."
        )


def clear_box() -> None:
    """Take the box out of the plot and of the URL; for callbacks."""
    if _drawn() is not None:
        cleared = st.session_state.get(state.RECOMMEND_BOX_CLEARED, 0)
        st.session_state[state.RECOMMEND_BOX_CLEARED] = cleared + 1
    state.select(state.BOX, None)


def _take_box() -> None:
    box = _drawn()
    state.select(state.BOX, box.to_text() if box else None)


def _drawn() -> Box | None:
    """Return the box that was drawn in the plot in view, as precise as a URL holds it."""
    drawn = st.session_state.get(state.scatter_field())
    box = drawn["selection"].get(charts.BOX) if drawn else None
    if not box or not {"score", "stars"} <= set(box):
        return None
    exact = Box(tuple(sorted(box["score"])), tuple(sorted(box["stars"])))
    return Box.from_text(exact.to_text())
