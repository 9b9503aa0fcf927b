"""Charts side by side, each under its name."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import altair as alt
import streamlit as st

from pages.ui import layout, words
from pages.ui.charts.theme import Rows


class Panel(NamedTuple):
    """One chart under its name: `draw(*settings)` makes it, for any rows.

    Attributes:
        term: what it shows, in the glossary.
        rows: its data.
        draw: makes the chart, which refers to its data as `theme.ROWS`.
        settings: all that the chart depends on besides its data.
        alt_text: what there is to see.
        note: after the name.
        more: after the explanation.
        domain: the ends of the y axis of every layer that leaves them open, if any does.
    """

    term: str
    rows: Rows
    draw: Callable[..., alt.TopLevelMixin]
    settings: tuple[Any, ...]
    alt_text: str
    note: str = ""
    more: str = ""
    domain: tuple[float, float] | None = None

    def to_dict(self, validate: bool = True) -> dict[str, Any]:
        """Return the Vega-Lite specification; its reference lines stand in it as they are."""
        spec = self.draw(*self.settings).to_dict(validate=validate)
        _put_inline(spec, spec.pop("datasets", {}))
        return spec


def draw_panels(page: str, panels: Sequence[Panel], columns: int = 2) -> None:
    """Draw the panels of a page row by row, left to right."""
    for start in range(0, len(panels), columns):
        row = panels[start : start + columns]
        for column, panel in zip(st.columns(columns, gap="medium"), row, strict=False):
            with column:
                _draw_panel(page, panel)


def _draw_panel(page: str, panel: Panel) -> None:
    st.markdown(
        f"**{words.label(panel.term)}**{panel.note}", help=words.explain(panel.term) + panel.more
    )
    layout.chart(
        f"{page}.{panel.term}",
        panel.settings,
        lambda: panel,
        alt_text=panel.alt_text,
        rows=panel.rows,
        domain=panel.domain,
    )


def _put_inline(spec: dict[str, Any], datasets: dict[str, Any]) -> None:
    """Put the data sets of a specification where they are used: Streamlit would convert each."""
    name = spec.get("data", {}).get("name")
    if name in datasets:
        spec["data"] = {"values": datasets[name]}
    for layer in spec.get("layer", []):
        _put_inline(layer, datasets)
