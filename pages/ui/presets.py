"""What a new lab trains: the three presets, and a line of all ratios for each way of sharing."""

from pages.ui import cache, lab
from recsys.config import PRESETS, RunConfig, Sharing, with_all_ratios
from recsys.home import home

LINES: tuple[Sharing, ...] = ("tied", "mapped", "part")  # the first one is trained first


def preset_configs(data: str) -> dict[str, RunConfig]:
    """Return the config of each preset on a data set; only the weights differ from the defaults."""
    return {
        name: cache.default_config(data, retrieval_weight=retrieval, rating_weight=rating)
        for name, (retrieval, rating) in PRESETS.items()
    }


def line_configs(data: str) -> dict[Sharing, RunConfig]:
    """Return the config that learns all ratios in one training, by way of sharing."""
    base = cache.default_config(data)
    return {sharing: with_all_ratios(base, sharing) for sharing in LINES}


def train_lines(data: str) -> None:
    """Submit the lines. Those that are stored or in training are not trained again."""
    dataset = cache.dataset(data)
    for config in line_configs(data).values():
        lab.submit(config, dataset)


def train_presets(data: str) -> None:
    """Submit the three presets.

    Multi-task goes first: its run shows the most. Presets that are stored or in training are not
    trained again.
    """
    dataset = cache.dataset(data)
    for config in reversed(preset_configs(data).values()):
        lab.submit(config, dataset)


def train_presets_once(data: str) -> None:
    """Train lines and presets automatically while the store has no other runs on this data set.

    This happens at most once for each server and data set: a user who deletes their runs does not
    get them back. A first start that was interrupted is completed by the next one.
    """
    lab.once(("presets", home(), data), lambda: _train_new_lab(data))


def first_configs(data: str) -> list[RunConfig]:
    """Return what a new lab trains, in this order: first what Home shows first."""
    lines, by_name = list(line_configs(data).values()), preset_configs(data)
    first = [lines[0], by_name["multi-task"], *lines[1:]]
    return first + [config for config in by_name.values() if config not in first]


def _train_new_lab(data: str) -> None:
    configs = first_configs(data)
    ids = {cache.config_run_id(config) for config in configs}
    if all(run.run_id in ids for run in cache.runs() if run.dataset == data):
        dataset = cache.dataset(data)
        for config in configs:
            lab.submit(config, dataset)
