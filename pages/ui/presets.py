"""The three presets: what they are on a data set, and their first training."""

import streamlit as st

from pages.ui import cache
from recsys.config import PRESETS, RunConfig
from recsys.home import home


def preset_configs(data: str) -> dict[str, RunConfig]:
    """Return each preset's config on a data set, everything but the weights at its default."""
    return {
        name: cache.default_config(data, retrieval_weight=retrieval, rating_weight=rating)
        for name, (retrieval, rating) in PRESETS.items()
    }


def train_presets(data: str) -> list[str]:
    """Submit the three presets; what is stored or under way is not trained again. Return ids.

    Multi-task, the last, goes first: its run is the one that shows the most.
    """
    dataset = cache.dataset(data)
    return [
        cache.jobs().submit(config, dataset) for config in reversed(preset_configs(data).values())
    ]


def train_presets_once(data: str) -> None:
    """Train the presets by themselves while the store has no run of anybody's own on this data.

    At most once a server and data set, so that whoever deletes them meanwhile is not overruled.
    A first start that was interrupted is thus completed by the next one.
    """
    _train_presets_once(str(home()), data)


@st.cache_resource(show_spinner=False)
def _train_presets_once(home_folder: str, data: str) -> None:
    ids = {cache.config_run_id(config) for config in preset_configs(data).values()}
    if all(run.run_id in ids for run in cache.store().list() if run.dataset == data):
        train_presets(data)
