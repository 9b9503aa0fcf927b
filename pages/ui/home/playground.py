"""The playground on Home: move the ratio of the weights, and see what moves with it."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from pages.ui import (
    blend_places,
    cache,
    lab,
    link_check,
    live,
    names,
    presets,
    state,
    url_inputs,
    user_choice,
)
from pages.ui.home import blend, front, instrument, person
from pages.ui.run_choice import EQUAL
from pages.ui.view import active_jobs, is_active
from recsys.config import RunConfig
from recsys.data.splits import Split
from recsys.evaluation.evaluate import Part
from recsys.jobs.board import Job
from recsys.ratio import POSITIONS
from recsys.runs.names import SHARING_NAMES
from recsys.runs.records import Run
from recsys.scorer import Scorer

SECONDS = 1.5  # from one rerun to the next, while something is trained: lines change less often
START = "tied"  # the way of sharing that is shown at first
PLACES = [f"{position:g}" for position in POSITIONS]  # of the weights, as the URL holds them


class Line(NamedTuple):
    """What there is of one line: its run, or its job in progress, or neither."""

    config: RunConfig
    run: Run | None
    job: Job | None


def playground(data: str) -> None:
    """Draw the playground, live while its lines are trained."""
    busy = any(is_active(line.job) for line in _lines(data).values()) or bool(
        active_jobs(lab.jobs())
    )
    live.periodic(_view, active=busy, shortest=SECONDS)(data)


def _lines(data: str) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for way, config in presets.line_configs(data).items():
        id_ = cache.config_run_id(config)
        job = lab.jobs().job(id_)
        # The job first: one that ends in between is then in the store.
        run = cache.store().load(id_) if id_ in cache.store() else None
        found[way] = Line(config, run, job if is_active(job) else None)
    return found


def _view(data: str) -> None:
    base = cache.default_config(data)
    part = cache.chosen_on(base)
    lines = _lines(data)
    unusable = st.container()
    place = _place()
    left, right = st.columns([1.35, 1], gap="large")
    with left:
        _instrument(base, part, lines, place)
        _missing(data, lines)
    with right:
        _person(base, part, lines, place)
    link_check.draw(unusable)


def _place() -> dict[str, Any]:
    """Return where the slider was released last, `{way, position}`: the URL holds it."""
    way = url_inputs.asked_for(state.LINE, list(front.WAYS), START)
    return {"way": way, "position": float(url_inputs.asked_for(state.AT, PLACES, EQUAL))}


def _take_place() -> None:
    """Put into the URL where the slider was released."""
    drawn = st.session_state.get(state.HOME_INSTRUMENT)
    place = drawn.get("place") if drawn else None
    if place:
        link_check.forget()
        at = f"{place['position']:g}"
        state.select(state.AT, None if at == EQUAL else at)
        state.select(state.LINE, None if place["way"] == START else place["way"])


def _instrument(base: RunConfig, part: Part, lines: dict[str, Line], place: dict[str, Any]) -> None:
    runs = _preset_runs(base.data)
    points = {
        way: front.stored_points(line.run, part)
        if line.run
        else front.live_points(line.job.records if line.job else ())
        for way, line in lines.items()
    }
    # Lines that are being trained move: axes that followed them at once would never stand still.
    shown = (base.data, part)
    before, drawn = st.session_state.get(state.HOME_AXES, (None, None))
    shown_data = front.instrument_data(
        points,
        front.references(runs, cache.baseline_metrics(base), part),
        front.default_mark(runs["multi-task"], part),
        part,
        way=place["way"],
        position=place["position"],
        progress=_progress(lines),
        live=[way for way, line in lines.items() if line.run is None],
        drawn=drawn if before == shown else None,
    )
    st.session_state[state.HOME_AXES] = (shown, shown_data["axes"])
    instrument.draw(shown_data, _take_place)


def _preset_runs(data: str) -> dict[str, Run | None]:
    store = cache.store()
    ids = {name: cache.config_run_id(c) for name, c in presets.preset_configs(data).items()}
    return {name: store.load(id_) if id_ in store else None for name, id_ in ids.items()}


def _progress(lines: dict[str, Line]) -> str:
    """Return what the training of the first line is at, until there is a stored one."""
    if any(line.run for line in lines.values()):
        return ""
    for line in lines.values():
        if line.job:
            return f"Learning all ratios at once: {names.job_words(line.job)}"
    return ""


def _missing(data: str, lines: dict[str, Line]) -> None:
    """Offer to train the lines that are neither stored nor in training."""
    if any(line.run is None and line.job is None for line in lines.values()):
        st.button(
            "Train the missing lines",
            key=state.HOME_TRAIN_LINES,
            icon=":material/play_arrow:",
            on_click=presets.train_lines,
            args=(data,),
        )


def _person(base: RunConfig, part: Part, lines: dict[str, Line], place: dict[str, Any]) -> None:
    data, split = cache.dataset(base.data), cache.split(base)
    order = _order(cache.testbed_key(base), part, _split=split)
    if not len(order):
        return
    user = _person_in_view(split, order)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown("**What one person is shown**", width="content")
        st.button(
            "Another person", key=state.HOME_ANOTHER, on_click=_next_person, args=(split, order)
        )
    chosen = lines[place["way"]].run if place["way"] in lines else None
    # Until the chosen line is trained, the list is that of another one.
    run = chosen or next((line.run for line in lines.values() if line.run), None)
    scorer: Scorer = cache.baseline_scorers(base)["most popular"]
    weights: tuple[float, ...] = blend.WEIGHTS[:1]
    measured: dict[str, Any] = {}
    if run:
        position = float(place["position"])
        scorer, weights = cache.scorer_at(run.run_id, position), blend.WEIGHTS
        measured = _measured(run, position)
    shown = person.shown_lists(scorer, split, user, part, weights)
    instrument.draw_movies(
        person.lists_data(shown, data, split, user, part, rates=run is not None)
        | {"person": user, "names": blend.place_names()}
        | person.describe(data, split, user)
        | measured
        | {"blend": blend_places.in_view(blend.STEPS)},
        _take_blend,
    )
    if run is None:
        st.caption("The most popular movies, until the first training ends.")
    elif chosen is None:
        way = SHARING_NAMES[run.config.sharing or ""]
        st.caption(f"The list with {way}, until the chosen ones are trained.")


def _take_blend() -> None:
    """Put into the URL where the blend's slider was released."""
    drawn = st.session_state.get(state.HOME_MOVIES)
    place = drawn.get("blend") if drawn else None
    if place is not None:
        link_check.forget()
        blend_places.select(place, blend.STEPS)


def _measured(run: Run, position: float) -> dict[str, Any]:
    """Return the metrics of all users, once the browser has the list and has asked for them."""
    model = f"{run.run_id} {position:g}"
    drawn = st.session_state.get(state.HOME_MOVIES)
    if not drawn or drawn.get("model") != model:
        return {"model": model, "figures": None, "of": ""}
    part, curve = cache.blend_curve(run, position, blend.POSITIONS)
    return {
        "model": model,
        "figures": blend.figures(curve),
        "of": blend.measured_on(curve, part),
    }


@st.cache_resource(max_entries=8, show_spinner=False)
def _order(testbed: str, part: Part, _split: Any) -> np.ndarray:
    return person.order(_split, part)


def _person_in_view(split: Split, order: np.ndarray) -> int:
    """Return the code of the user that the URL asks for, or of the first in the order."""
    asked = state.selected(state.PERSON)
    user = user_choice.code_of(split, asked) if asked else None
    known = user is not None and user in order
    link_check.check(state.PERSON, [asked] if asked and not known else [])
    return int(order[0]) if user is None or not known else user


def _next_person(split: Split, order: np.ndarray) -> None:
    """Show the person after the one in view, in the order of people."""
    asked = state.latest(state.PERSON)
    user = user_choice.code_of(split, asked) if asked else None
    place = 0 if user is None else int(np.argmax(order == user))
    following = order[(place + 1) % len(order)]
    link_check.forget()
    state.select(state.PERSON, str(split.user_ids[following]))
