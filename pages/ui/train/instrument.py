"""Where the ratio of the two sliders lies on a stored line of all ratios, before it is trained."""

from dataclasses import dataclass

import streamlit as st

from pages.ui import cache, layout, words
from pages.ui.charts import theme
from pages.ui.train import line
from recsys.config import RunConfig, with_all_ratios
from recsys.ratio import position_name, position_of, ratio_name
from recsys.runs.records import LinePoint, Run

EXACT = 1e-6  # positions that differ by less are the same


@dataclass(frozen=True)
class Place:
    """Where a ratio lies on a line.

    Attributes:
        point: the nearest position that was evaluated; None beyond the line.
        exact: whether that is the ratio itself.
    """

    point: LinePoint | None
    exact: bool = False


def line_config(config: RunConfig) -> RunConfig | None:
    """Return the config of the training of all ratios with the same settings; None without one."""
    if config.architecture != "duet" or config.balancing != "fixed" or config.all_ratios:
        return None
    return with_all_ratios(config)


def place(config: RunConfig, points: tuple[LinePoint, ...]) -> Place:
    """Return where the ratio of the weights lies on a line."""
    position = position_of(config.retrieval_weight, config.rating_weight)
    if not -EXACT <= position <= 1 + EXACT or not points:
        return Place(None)
    nearest = min(points, key=lambda point: abs(point.position - position))
    return Place(nearest, abs(nearest.position - position) < EXACT)


def show(config: RunConfig) -> None:
    """Draw the line and the place of the ratio on it, if its run is stored."""
    run = _line_run(config)
    if run is None:
        return
    found = place(config, run.line)
    rows = line.line_rows(run, found.point.position if found.point else None)
    if not rows:  # there is no validation part
        return
    with st.container(border=True):
        told, plot = st.columns([1, 1.5], gap="medium", vertical_alignment="center")
        with told:
            _tell(config, run, found)
        with plot:
            panel = line.line_panel(rows, line.around(rows), theme.SMALL)
            layout.chart(
                "train.place", panel.settings, lambda: panel, alt_text=panel.alt_text, rows=rows
            )


def _line_run(config: RunConfig) -> Run | None:
    wanted = line_config(config)
    if wanted is None:
        return None
    run_id = cache.config_run_id(wanted)
    return cache.store().load(run_id) if run_id in cache.store() else None


def _tell(config: RunConfig, run: Run, found: Place) -> None:
    ratio = ratio_name(config)
    st.markdown(f"**Where {ratio} lies**", help=words.explain("line"))
    if found.point is None:
        st.caption(place_words(config, found))
        return
    measured = found.point.metrics["validation"]
    layout.metric_row(
        [layout.Metric(metric, measured[metric]) for metric in (line.X, line.Y)], border=False
    )
    st.caption(place_words(config, found))


def place_words(config: RunConfig, found: Place) -> str:
    """Say what the figures are of, or that the ratio lies beyond the line."""
    if found.point is None:
        ends = f"{position_name(0)} to {position_name(1)}"
        return (
            f"{ratio_name(config)} lies beyond the line, which goes from {ends}. Train it to see."
        )
    near = "" if found.exact else f" at {position_name(found.point.position)}, the nearest ratio,"
    return f"Measured{near} on validation, in one training of all ratios with these settings."
