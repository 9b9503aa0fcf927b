"""What runs are called: by their own name, else by their weights and what is unusual of them."""

from recsys.config import RunConfig
from recsys.ratio import ratio_name
from recsys.runs.records import Run

# What the rating head works with, in words, from sharing most to sharing nothing; "" is the
# tutorial, which has no such setting.
SHARING_NAMES = {
    "tied": "tied vectors",
    "mapped": "mapped vectors",
    "all": "mostly shared vectors",
    "part": "own and shared vectors",
    "none": "separate vectors",
    "": "the tutorial",
}
USUAL = {"architecture": "duet", "balancing": "fixed", "sharing": "part"}


def sharing_name(sharing: str) -> str:
    """Return a way of sharing in as few words as tell it from the others: `own and shared`."""
    return SHARING_NAMES[sharing].removesuffix(" vectors")


def config_name(config: RunConfig) -> str:
    """Name a config: its preset or its weights, and what is unusual of the model or balancing.

    One with all ratios always says how much the tasks share, because this sets lines apart.
    """
    name = (None if config.all_ratios else config.preset) or ratio_name(config)
    values = {field: getattr(config, field) for field in USUAL}
    said = [
        sharing_name(value) if field == "sharing" else value
        for field, value in values.items()
        if value is not None
        and (value != USUAL[field] or (field == "sharing" and config.all_ratios))
    ]
    return f"{name} ({', '.join(said)})" if said else name


def run_name(run: Run) -> str:
    """Name a run: the user's name for it, or its config's; a stopped run says so."""
    name = run.name or config_name(run.config)
    if run.status == "finished":
        return name
    done = len(run.history)
    return f"{name} · stopped {f'after epoch {done}' if done else 'in its first epoch'}"
