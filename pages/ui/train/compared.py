"""The choice of the run whose curves are drawn as ghosts. The URL holds it."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from pages.ui import names, state, words
from pages.ui.url_inputs import NOTHING, choice
from pages.ui.view import comparable_runs, previous_run
from recsys.config import RunConfig
from recsys.runs.records import Run
from recsys.runs.testbed import Testbed


class Compared(NamedTuple):
    """The run compared with, and whether it is the previous one."""

    run: Run | None
    previous: bool


def choose_compared(
    config: RunConfig, run_id: str, created: str | None, testbed: Testbed, runs: Sequence[Run]
) -> Compared:
    """Draw the choice of the run to compare with: by default the previous one on the same data.

    Args:
        config: the settings of the run in view.
        run_id: its id.
        created: when it was stored; None while it trains.
        testbed: what it is measured on.
        runs: of the store, newest first.
    """
    others = comparable_runs(run_id, testbed, runs)
    if not others:
        return Compared(None, previous=False)
    by_id = {other.run_id: other for other in others}
    labels = names.run_labels(others)
    previous = previous_run(config, created, others)
    default = previous.run_id if previous else NOTHING

    def label(id_: str) -> str:
        if id_ == NOTHING:
            return "no other run"
        return f"{labels[id_]} (previous)" if id_ == default else labels[id_]

    chosen = choice(
        state.WITH,
        [NOTHING, *by_id],
        default,
        lambda **options: st.selectbox(
            words.COMPARE_WITH,
            format_func=label,
            help="A finished run on the same data and split. Its curves are drawn faintly behind "
            "those of the run in view.",
            **options,
        ),
    )
    return Compared(by_id.get(chosen), previous=chosen == default)
