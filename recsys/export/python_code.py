"""A run as a few lines of Python that train it again."""

import json
from typing import Any

from recsys.config import ConfigError, RunConfig, make_config
from recsys.runs.records import Run

# They decide which defaults the other fields have, so they come first.
KINDS = ("architecture", "sharing", "all_ratios", "split")

FILE = "train_again.py"
LINES = """\
# Run {run_id}{note}
# Save this in Duet's folder and run it there, in Duet's environment:
#   python {file}
from recsys.config import make_config
from recsys.data.library import load_dataset
from recsys.experiment import run_experiment
from recsys.home import runs_folder
from recsys.runs.store import RunStore

config = make_config({values})
dataset = load_dataset({data})
run = run_experiment(config, dataset, RunStore(runs_folder()))
print(run.run_id, run.metrics["{part}"])
"""


def python_code(run: Run) -> str:
    """Return the lines that train a run, or read it from the store where it is there."""
    stopped = " was stopped: these lines train it to the end" if run.status == "stopped" else ""
    return LINES.format(
        run_id=run.run_id,
        note=stopped,
        file=FILE,
        values=_dict_text(changed_values(run.config)),
        data=_literal(run.config.data),
        part="holdout" if run.metrics.get("holdout") else "validation",
    )


def changed_values(config: RunConfig) -> dict[str, Any]:
    """Return the fields that `make_config` needs to return this config: all but the defaults."""
    values = config.model_dump()
    plain = make_config({}).model_dump()
    kinds = {name: values[name] for name in KINDS if values[name] not in (None, plain[name])}
    try:
        defaults = make_config(kinds).model_dump()
    except ConfigError:  # these kinds need other fields too
        return values
    changed = {name: value for name, value in values.items() if value != defaults[name]}
    chosen = kinds | changed
    ordered = {name: values[name] for name in values if name in chosen}
    return ordered if make_config(ordered) == config else values


def _dict_text(values: dict[str, Any]) -> str:
    """Return a dict as Python, one field a line."""
    if not values:
        return "{}"
    lines = [f'    "{name}": {_literal(value)},' for name, value in values.items()]
    return "\n".join(["{", *lines, "}"])


def _literal(value: Any) -> str:
    # A JSON text is a Python text too, in the double quotes that formatters prefer.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
