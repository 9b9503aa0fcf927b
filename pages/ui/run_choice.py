"""The choice of the run in view, and of a place on its line, as pages with one run have it."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, lab, link_check, state, url_inputs
from pages.ui.names import as_typed, label_testbeds, run_labels
from pages.ui.view import find_view
from recsys.config import RunConfig
from recsys.data.tables import DataError, Dataset
from recsys.ratio import position_name
from recsys.runs.records import Run
from recsys.runs.testbed import runs_by_testbed
from recsys.scorer import TASKS, Scorer, TwoTowerScorer

AnyScorer = TypeVar("AnyScorer", bound=Scorer)
SINGLE = "single training"
END_COLOURS = {"retrieval": "blue", "rating": "orange"}  # of the line, from left to right
EQUAL = f"{cache.MIDDLE:g}"  # the place of equal weights on a line, as the URL holds it


def choose_run(
    runs: Sequence[Run],
    key: str,
    on_change: Callable[[], None],
    default: Run | None = None,
    warn: DeltaGenerator | None = None,
) -> Run:
    """Draw the choice of the run. A warning names a run of the URL that does not exist.

    Args:
        runs: what there is to choose.
        key: of the widget.
        on_change: calls `switch_run`.
        default: the run in view while none is selected; by default `first_choice`.
        warn: where the warning is drawn; by default where the choice is.
    """
    labels = labels_with_data(runs)
    by_id = {run.run_id: run for run in runs}
    chosen = (default or first_choice(runs)).run_id
    if asked := state.selected(state.RUN):
        view = find_view(asked, cache.store(), lab.jobs())
        if view.run is not None:
            chosen = view.run.run_id
        else:
            problem = "This run is still training." if view.job else view.problem or ""
            (warn or st).warning(
                f"{as_typed(problem)} Shown instead: **{as_typed(labels[chosen])}**.",
                icon=":material/hourglass:" if view.job else ":material/link_off:",
            )
    if not asked or view.run is not None:
        state.select(state.RUN, chosen)
    state.hold(key, chosen)
    st.selectbox(
        "Run",
        list(by_id),
        format_func=labels.__getitem__,
        key=key,
        on_change=on_change,
    )
    return by_id[chosen]


def line_places(run: Run) -> list[str]:
    """Return the positions on a run's line as the URL holds them; none without a line."""
    return [f"{point.position:g}" for point in run.line]


def choose_place(places: Sequence[str]) -> str:
    """Draw the choice of a place on a line, its ends named by the task that counts most there.

    Returns:
        The place; without places it is `EQUAL`.
    """
    if not places:
        asked = state.in_url(state.AT)
        link_check.check(state.AT, [asked] if asked and not _is_place(asked) else [])
        return EQUAL
    with st.container(gap=None):
        place: str = url_inputs.choice(
            state.AT,
            places,
            EQUAL,
            lambda **options: st.select_slider(
                "Weights, retrieval : rating",
                format_func=lambda one: position_name(float(one)),
                help="A run with all ratios has a model for each of them. To the left retrieval "
                "counts more, to the right the rating.",
                **options,
            ),
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for task, colour in END_COLOURS.items():
                st.markdown(f":small[:{colour}[{task}]]", width="content")
    return place


def _is_place(asked: str) -> bool:
    """Return whether this is a place on a line: where there is no line, it is no mistake."""
    try:
        return 0 <= float(asked) <= 1
    except ValueError:
        return False


def model_name(label: str, run: Run, position: float, beside: Iterable[Run]) -> str:
    """Name a run's model among models that are seen side by side.

    The model of a line at 1 : 1 is not that of a single training at 1 : 1, so both say what they
    are where there are both.

    Args:
        label: of the run, or a name that this function has made.
        run: the run.
        position: of the model on its line.
        beside: the runs of the models.
    """
    if run.line:
        return f"{label}, at {position_name(position)}"
    said = label.endswith(SINGLE) or not any(one.line for one in beside)
    return label if said else f"{label}, {SINGLE}"


def data_of(run: Run) -> Dataset:
    """Return the data set that a run was trained on.

    Raises:
        DataError: it is missing, or has changed since the training.
    """
    try:
        data = cache.dataset(run.dataset)
    except DataError as error:
        raise DataError(
            f"the data set {run.dataset} of this run is not here ({error}); bring it in on Train, "
            "from the same file, or choose another run"
        ) from None
    if data.fingerprint != run.fingerprint:
        raise DataError(
            f"data set {run.dataset} has changed since this run was trained on it; train again"
        )
    return data


def switch_run(key: str) -> bool:
    """Select the run that a widget of `choose_run` holds; return whether its data are others."""
    runs = cache.runs()
    before = run_in_view(runs).fingerprint if runs else None
    state.select(state.RUN, st.session_state[key])
    return bool(runs) and run_in_view(runs).fingerprint != before


def run_in_view(runs: Sequence[Run]) -> Run:
    """Return the selected run, or the newest that finished both tasks, or simply the newest."""
    asked = state.selected(state.RUN)
    selected = next((run for run in runs if run.run_id == asked), None)
    return selected or first_choice(runs)


def first_choice(runs: Sequence[Run]) -> Run:
    """Return the newest run that finished both tasks, or simply the newest."""
    both = (run for run in runs if run.status == "finished" and all(map(run.learns, TASKS)))
    return next(both, runs[0])


def labels_with_data(runs: Sequence[Run]) -> dict[str, str]:
    """Return a label for each run; it names the data and split where they are not all the same."""
    groups = runs_by_testbed(runs)
    on = label_testbeds(groups)
    return {
        id_: f"{label} · {on[one]}" if len(groups) > 1 else label
        for one, group in groups.items()
        for id_, label in run_labels(group).items()
    }


def trained_only(scorer: AnyScorer, config: RunConfig) -> AnyScorer:
    """Return a run's model without the outputs for tasks that had weight 0 in training."""
    learnt = frozenset(task for task in TASKS if config.learns(task))
    if not isinstance(scorer, TwoTowerScorer) or scorer.tasks <= learnt:
        return scorer
    return cast("AnyScorer", scorer.limited_to(learnt))


def untrained_notes(config: RunConfig) -> tuple[str, ...]:
    """Warn about outputs of tasks that had weight 0 in training."""
    notes = {
        "the movies are sorted by predicted stars alone": config.retrieval_weight,
        "predicted stars would be meaningless and are left out": config.rating_weight,
    }
    tasks = ("retrieval", "rating")
    return tuple(
        f"Trained with {task} weight 0: {note}."
        for task, (note, weight) in zip(tasks, notes.items(), strict=True)
        if weight == 0
    )
