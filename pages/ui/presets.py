"""The three presets: their configs on a data set, and their first training."""

from pages.ui import cache, lab
from recsys.config import PRESETS, RunConfig
from recsys.home import home


def preset_configs(data: str) -> dict[str, RunConfig]:
    """Return the config of each preset on a data set; only the weights differ from the defaults."""
    return {
        name: cache.default_config(data, retrieval_weight=retrieval, rating_weight=rating)
        for name, (retrieval, rating) in PRESETS.items()
    }


def train_presets(data: str) -> None:
    """Submit the three presets.

    Multi-task goes first: its run shows the most. Presets that are stored or in training are not
    trained again.
    """
    dataset = cache.dataset(data)
    for config in reversed(preset_configs(data).values()):
        lab.jobs().submit(config, dataset)


def train_presets_once(data: str) -> None:
    """Train the presets automatically while the store has no other runs on this data set.

    This happens at most once for each server and data set: a user who deletes their runs does not
    get them back. A first start that was interrupted is completed by the next one.
    """
    lab.once(("presets", home(), data), lambda: _train_presets_of_new_lab(data))


def _train_presets_of_new_lab(data: str) -> None:
    ids = {cache.config_run_id(config) for config in preset_configs(data).values()}
    if all(run.run_id in ids for run in cache.store().list() if run.dataset == data):
        train_presets(data)
