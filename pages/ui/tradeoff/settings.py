"""The settings that a sweep starts from: the default, or those of a run. The URL holds the run."""

from collections.abc import Iterable

import streamlit as st

from pages.ui import cache, state, words
from pages.ui.names import as_typed
from pages.ui.tradeoff.trials import changed_settings
from pages.ui.url_inputs import choice
from recsys.config import RunConfig, make_config, with_sharing, without_all_ratios
from recsys.runs.files import RunError, RunNotFoundError
from recsys.runs.records import Run
from recsys.tradeoff.result import SWEPT

MAX_FIELDS = 3  # named in a label
DEFAULT = "default"


def base_of(config: RunConfig) -> RunConfig:
    """Return a config with the default of every field that a sweep sets."""
    usual = make_config({"architecture": config.architecture}).sharing
    kept = with_sharing(without_all_ratios(config), usual).model_dump(exclude=SWEPT)
    return make_config({field: value for field, value in kept.items() if value is not None})


def settings_families(runs: Iterable[Run], fingerprint: str) -> dict[RunConfig, str]:
    """Return each base of the runs on this data, with the id of its oldest run.

    The most recently trained ones come first.

    Args:
        runs: of the store, newest first.
        fingerprint: of the data set as it is today.
    """
    families: dict[RunConfig, str] = {}
    for run in runs:
        if run.fingerprint == fingerprint:
            families[base_of(run.config)] = run.run_id
    return families


def settings_label(base: RunConfig, app_data: str) -> str:
    """Say how a base differs from the defaults: `epochs 30, learning rate 0.01`."""
    parts = _changed(base)
    if len(parts) > MAX_FIELDS:
        parts[MAX_FIELDS:] = [f"{len(parts) - MAX_FIELDS} more"]
    if base.architecture != "duet":
        parts.insert(0, base.architecture)
    if base.data != app_data:
        parts.insert(0, words.dataset_label(base.data))
    return ", ".join(parts) or DEFAULT


def _changed(base: RunConfig) -> list[str]:
    usual = cache.default_config(base.data, architecture=base.architecture)
    return changed_settings(base, base_of(usual))


def chosen_base() -> RunConfig:
    """Return the settings to sweep from that the URL holds, without drawing the choice."""
    bases, asked, _ = _bases()
    return bases[asked]


def _bases() -> tuple[dict[str, RunConfig], str, str]:
    """Return the settings by id, which id the URL asks for, and a sentence if it cannot be had."""
    app_data = state.app_data()
    default = base_of(cache.default_config(app_data))
    families = settings_families(cache.runs(), cache.dataset(app_data).fingerprint)
    families.pop(default, None)
    asked = state.selected(state.BASE)
    linked, problem = _linked(asked) if asked else (None, "")
    if asked and linked is not None and linked != default and linked not in families:
        families = {linked: asked} | families  # of another data set
    bases = {DEFAULT: default} | {id_: base for base, id_ in families.items()}
    return bases, families.get(linked, DEFAULT) if linked is not None else DEFAULT, problem


def choose_base() -> RunConfig:
    """Draw the choice of the settings to sweep from, and return them."""
    app_data = state.app_data()
    bases, asked, problem = _bases()
    labels = {id_: settings_label(base, app_data) for id_, base in bases.items()}
    chosen = choice(
        state.BASE,
        list(bases),
        DEFAULT,
        lambda **options: st.selectbox(
            "Settings",
            format_func=lambda id_: _option(id_, labels),
            help="The settings that all runs of the sweep share: the default, or those of a run "
            "you have trained. The sweep itself sets weights, seed and sharing.",
            **options,
        ),
        asked=asked,
    )
    if len(changed := _changed(bases[chosen])) > 1:  # the box has no room for them
        st.caption(f"Different from the default: {', '.join(map(as_typed, changed))}.")
    if problem:
        st.warning(f"{problem} The sweep uses the default settings.", icon=":material/info:")
        st.button(
            "Use the default settings",
            key=state.TRADEOFF_DEFAULT,
            on_click=state.select,
            args=(state.BASE, None),
        )
    return bases[chosen]


def _option(id_: str, labels: dict[str, str]) -> str:
    label = labels[id_]
    same = list(labels.values()).count(label) > 1
    return f"{label} · as run {id_[:6]}" if same else label


def _linked(run_id: str) -> tuple[RunConfig | None, str]:
    """Return the base of a run that a link names, or None and a sentence why there is none."""
    try:
        run = cache.store().load(run_id)
    except RunNotFoundError:
        return None, f"There is no run {as_typed(run_id[:40])} in this lab to take settings from."
    except RunError as error:
        sentence = as_typed(str(error))
        return None, f"{sentence[:1].upper()}{sentence[1:]}."
    name = run.config.data
    label = as_typed(words.dataset_label(name))
    if name not in cache.datasets(state.app_data()):
        return None, f"The data set of run {run_id}, {label}, is not in this lab any more."
    if cache.dataset(name).fingerprint != run.fingerprint:
        return None, f"Run {run_id} was trained on other ratings than today's {label}."
    return base_of(run.config), ""
