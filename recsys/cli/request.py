"""Command line options that describe a run: its settings and its data."""

import argparse
import contextlib
from pathlib import Path
from typing import Any

from recsys.cli.progress import show_progress
from recsys.config import (
    DEFAULT_DATA,
    PRESETS,
    RunConfig,
    make_config,
    parse_assignment,
    read_config,
)
from recsys.data.library import import_csv, load_dataset
from recsys.data.movielens import DATASETS
from recsys.data.tables import Dataset
from recsys.errors import DuetError


def request_arguments(sub: argparse.ArgumentParser) -> None:
    """Add these options to a command."""
    sub.add_argument("--config", type=Path, metavar="FILE", help="a file of lines `field: value`")
    sub.add_argument("--set", action="append", default=[], metavar="key=value", help="set a field")
    sub.add_argument(
        "--data", metavar="NAME|RATINGS.csv", help=f"{', '.join(DATASETS)} or a CSV of ratings"
    )
    sub.add_argument("--movies", type=Path, metavar="MOVIES.csv", help="titles, genres, years")
    sub.add_argument("--holdout", type=Path, metavar="HOLDOUT.csv", help="ratings to predict")
    sub.add_argument(
        "--validation", type=float, metavar="SHARE", help="0: train on all but the holdout"
    )


def request(options: argparse.Namespace) -> tuple[Dataset, RunConfig]:
    """Return the data set and the config that the options describe.

    Later ones win: the config file, `--preset`, `--set`, then `--data` and `--validation`.

    Raises:
        DuetError: an option or a file is not valid.
    """
    values: dict[str, Any] = read_config(options.config) if options.config else {}
    if options.preset:
        values["retrieval_weight"], values["rating_weight"] = PRESETS[options.preset]
    values |= dict(parse_assignment(text) for text in options.set)
    if options.validation is not None:
        values["validation"] = options.validation
    name = values.get("data", DEFAULT_DATA) if options.data is None else options.data
    is_csv = isinstance(name, str) and _is_csv(name)
    # Check the fields before any file is read. The name of a CSV data set is known only after that.
    make_config(values | {"data": "csv" if is_csv else name})
    if is_csv:
        dataset = import_csv(Path(name), options.movies, options.holdout)
    elif options.movies or options.holdout:
        raise DuetError(f"--movies and --holdout need a ratings CSV as --data, not {name}")
    else:
        dataset = load_dataset(name, progress=show_progress)
    values["data"] = dataset.name
    if options.holdout and values.setdefault("split", "given") != "given":
        raise DuetError(f"--holdout already gives the split; leave out split={values['split']}")
    return dataset, make_config(values)


def _is_csv(name: str) -> bool:
    if name in DATASETS:
        return False
    with contextlib.suppress(OSError, ValueError):  # too long, or not even a path
        return name.lower().endswith(".csv") or Path(name).is_file()
    return False
