"""How the selected runs are shown: read from the URL before anything is drawn, and its widgets.

A widget only writes a change to the URL; no panel reads another panel's widget.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import state, url_inputs, words
from pages.ui.compare.rows import LOSS_CURVES, METRIC_CURVES, METRIC_SETS, parts
from pages.ui.compare.selection import NONE, Selection
from pages.ui.compare.units import Unit
from pages.ui.names import as_typed
from recsys.evaluation.evaluate import Part

PART_NAMES = {"holdout": "Holdout", "validation": "Validation"}
METRIC_SET = "accuracy"  # the default
CURVES = [*METRIC_CURVES, *LOSS_CURVES]
DEFAULT_CURVES = ("rmse", "top_k_accuracy@100", "rating_loss", "retrieval_loss")
OVER = {"epoch": "By epoch", "seconds": "By time"}
LARGE = ("20m", "25m")  # data sets that take half a minute a run: measured only on request


@dataclass(frozen=True)
class Choices:
    """What is shown of the selection.

    Attributes:
        part: The part that metrics are taken from, `holdout` or `validation`.
        metric_set: Of `METRIC_SETS`.
        grouped: Whether runs that differ only in the seed are one row.
        unfolded: Ids of units whose members are shown too.
        curves: Of `CURVES`.
        over: What curves run over, `epoch` or `seconds`.
        users: Whether calibration and errors by user and movie are measured and drawn.
        large: Whether the data set is one that takes long to read.
    """

    part: Part
    metric_set: str
    grouped: bool
    unfolded: tuple[str, ...]
    curves: tuple[str, ...]
    over: str
    users: bool
    large: bool

    @property
    def counts(self) -> bool:
        """Whether the data are read to say how many users and ratings figures are measured on."""
        return self.users or not self.large

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of the chosen set."""
        return METRIC_SETS[self.metric_set]


def read_choices(selection: Selection) -> Choices:
    """Return what the URL asks for; defaults where it asks for nothing."""
    known = _parts(selection)
    return Choices(
        part=url_inputs.chosen(state.PART, known, known[0]),
        metric_set=url_inputs.chosen(state.METRICS, list(METRIC_SETS), METRIC_SET),
        grouped=url_inputs.is_on(state.GROUP, True),
        unfolded=tuple((state.selected(state.UNFOLD) or "").split(",")),
        curves=tuple(url_inputs.chosen_several(state.CURVES, CURVES, DEFAULT_CURVES)),
        over=url_inputs.chosen(state.OVER, list(OVER), "epoch"),
        users=url_inputs.is_on(state.USERS, _users(selection)),
        large=selection.testbed.data in LARGE,
    )


def part_input(selection: Selection) -> None:
    """Draw the choice of the part."""
    known = _parts(selection)
    url_inputs.choice(
        state.PART,
        known,
        known[0],
        lambda **options: st.segmented_control(
            "Metrics on",
            format_func=PART_NAMES.__getitem__,
            required=True,
            help=" ".join(words.explain(part) for part in known),
            label_visibility="visible" if len(selection.testbeds) > 1 else "collapsed",
            **options,
        ),
    )


def pin_input(selection: Selection) -> None:
    """Draw the choice of the pinned run."""
    labels = {entry.entry_id: entry.label for entry in [*selection.compared(), *selection.entries]}
    url_inputs.choice(
        state.PIN,
        ["", *labels],
        "",
        lambda **options: st.selectbox(
            "Pinned run: compare all others with it",
            format_func=lambda id_: labels[id_] if id_ else "none (mark the best)",
            width=270,
            **options,
        ),
    )


def metrics_input() -> None:
    """Draw the choice of the metrics."""
    url_inputs.choice(
        state.METRICS,
        list(METRIC_SETS),
        METRIC_SET,
        lambda **options: st.segmented_control("Metrics", format_func=str.capitalize, **options),
    )


def grouped_input() -> None:
    """Draw the switch that shows the seeds of one config as one row."""
    url_inputs.switch(
        state.GROUP,
        True,
        lambda **options: st.toggle(
            "Group seeds",
            help="Runs that differ only in the seed become one row: mean ± standard deviation.",
            **options,
        ),
    )


def unfolded_input(units: Sequence[Unit]) -> None:
    """Draw the choice of units whose members are shown too; nothing if all have one member."""
    several = {unit.unit_id: unit.label for unit in units if len(unit.members) > 1}
    if several:
        url_inputs.choices(
            state.UNFOLD,
            list(several),
            lambda **options: st.pills(
                "Show the single runs of",
                selection_mode="multi",
                format_func=lambda id_: as_typed(several[id_]),
                **options,
            ),
        )


def charts_input(selection: Selection) -> None:
    """Draw the choice of the curves, of what they run over, and of the charts by user and movie."""
    with st.container(horizontal=True, vertical_alignment="center"):
        url_inputs.choices(
            state.CURVES,
            CURVES,
            lambda **options: st.pills(
                "Curves",
                selection_mode="multi",
                format_func=words.label,
                label_visibility="collapsed",
                **options,
            ),
            DEFAULT_CURVES,
        )
        url_inputs.choice(
            state.OVER,
            list(OVER),
            "epoch",
            lambda **options: st.segmented_control(
                "Curves over",
                required=True,
                format_func=OVER.__getitem__,
                label_visibility="collapsed",
                **options,
            ),
        )
        url_inputs.switch(
            state.USERS,
            _users(selection),
            lambda **options: st.toggle(
                "Calibration and groups",
                help="Charts of predicted against given stars, and of metrics by user activity and "
                "movie popularity. They are computed from the trained models, which takes a while.",
                **options,
            ),
        )


def selected_now() -> list[str]:
    """Return the selected ids at a click: the selection may have changed since the last drawing."""
    ids = state.latest(state.RUNS) or NONE
    return [] if ids == NONE else ids.split(",")


def select(ids: Sequence[str]) -> None:
    """Select these runs and baselines."""
    state.select(state.RUNS, ",".join(dict.fromkeys(ids)) or NONE)


def _parts(selection: Selection) -> list[Part]:
    return parts(selection.entries) or ["holdout"]


def _users(selection: Selection) -> bool:
    """Return whether users are measured by default."""
    return selection.testbed.data not in LARGE
