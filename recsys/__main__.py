"""The command line: `python -m recsys train | sweep | recommend | runs`."""

import argparse
import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from recsys import report
from recsys.config import (
    PRESETS,
    SHARING,
    WEIGHTS,
    RunConfig,
    make_config,
    parse_assignment,
    read_config,
    run_id,
)
from recsys.data.library import import_csv, load_dataset
from recsys.data.movielens import DATASETS
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.experiment import find_run, run_experiment, split_for
from recsys.home import runs_folder
from recsys.recommend import retrieve_then_rate
from recsys.records import EpochRecord, Run
from recsys.runs import RunStore
from recsys.sweep import POINTS, sweep_configs, sweep_order


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; `--help` shows the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {_one_line(message)} (see --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 2 for bad input, 130 if it was interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except DuetError as error:
        print(f"{options.prog}: {_one_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, e.g. `| head`
        sys.stderr.close()
        return 1
    except OSError as error:  # a folder that cannot be written, a full disk
        where = f"{error.filename}: " if error.filename else ""
        print(f"{options.prog}: {where}{error.strerror or error}", file=sys.stderr)
        return 2


def _one_line(message: object) -> str:
    # A file name may hold a line break; Duet's own messages do not.
    return " ".join(str(message).split())


def train(options: argparse.Namespace) -> int:
    """Train a run, or find it in the store, and show its metrics beside the baselines."""
    start = time.perf_counter()
    dataset, config = _request(options)
    load_seconds = time.perf_counter() - start
    store = RunStore(runs_folder())
    stored = find_run(store, run_id(config, dataset.fingerprint))
    run = stored or _train_with_bar(config, dataset, store, load_seconds)
    if options.json:
        print(json.dumps(report.run_json(run, cached=stored is not None)))
    else:
        how = "already trained" if stored else f"{run.seconds['total']:.1f} s"
        print(f"Run {run.run_id} ({run.status}, {how})")
        print(report.run_table(run))
    return 130 if run.status == "stopped" else 0


def sweep(options: argparse.Namespace) -> int:
    """Train one config at several ratios of the weights; runs that are in the store are reused."""
    for text in options.set:
        if parse_assignment(text)[0] in WEIGHTS:
            raise DuetError(f"--set {text}: a sweep sets the weights itself; leave it out")
    start = time.perf_counter()
    dataset, base = _request(options)
    load_seconds = time.perf_counter() - start
    if options.sharing and base.architecture != "duet":
        raise DuetError(f"--sharing is only for duet, not for {base.architecture}")
    configs = sweep_configs(base, options.points, options.seeds, options.sharing)
    store = RunStore(runs_folder())
    found: list[tuple[Run, bool]] = []
    for number, config in enumerate(configs, start=1):
        stored = find_run(store, run_id(config, dataset.fingerprint))
        name = f"run {number} of {len(configs)}: "
        run = stored or _train_with_bar(config, dataset, store, load_seconds, name)
        if stored is None:
            load_seconds = 0.0  # the data are there: only the first run has waited for them
        found.append((run, stored is not None))
        if run.status == "stopped":
            break
    found.sort(key=lambda item: sweep_order(item[0].config))
    if options.json:
        print(json.dumps({"runs": [report.run_json(run, cached=cached) for run, cached in found]}))
    else:
        print(report.runs_table([run for run, _ in found]))
    return 130 if any(run.status == "stopped" for run, _ in found) else 0


def recommend(options: argparse.Namespace) -> int:
    """Retrieve movies for a user, then rate them."""
    store = RunStore(runs_folder())
    run = store.load(options.run)
    dataset = load_dataset(run.dataset)
    if dataset.fingerprint != run.fingerprint:
        raise DuetError(f"run {run.run_id} was trained on other data than today's {run.dataset}")
    if options.k < 1:
        raise DuetError(f"--k {options.k}: must be 1 or more")
    split = split_for(run.config, dataset)
    user = split.user_code(options.user)
    found = retrieve_then_rate(store.scorer(run.run_id), split, user, options.k)
    rows = report.recommendations_json(found, dataset, split, user)
    if options.json:
        print(json.dumps({"run_id": run.run_id, "user_id": options.user, "movies": rows}))
    else:
        print(report.recommendations_table(rows))
    return 0


def runs(options: argparse.Namespace) -> int:
    """List the stored runs, newest first."""
    store = RunStore(runs_folder())
    stored = store.list()
    for folder, reason in store.damaged():
        print(f"set aside as damaged: {folder} ({reason})", file=sys.stderr)
    if options.json:
        print(json.dumps({"runs": [report.run_json(run, cached=True) for run in stored]}))
    elif stored:
        print(report.runs_table(stored))
    else:
        print("No runs yet; `python -m recsys train` makes one.")
    return 0


def _request(options: argparse.Namespace) -> tuple[Dataset, RunConfig]:
    """Return the data set and the config that the options ask for.

    Later ones win: the config file, `--preset`, `--set`, then `--data` and `--validation`.
    """
    values: dict[str, Any] = read_config(options.config) if options.config else {}
    if options.preset:
        values["retrieval_weight"], values["rating_weight"] = PRESETS[options.preset]
    values |= dict(parse_assignment(text) for text in options.set)
    if options.validation is not None:
        values["validation"] = options.validation
    name = values.get("data", "100k") if options.data is None else options.data
    is_csv = isinstance(name, str) and _is_csv(name)
    # Says what is wrong before any file is read; a file gets a short name when it has been.
    make_config(values | {"data": "csv" if is_csv else name})
    if is_csv:
        dataset = import_csv(Path(name), options.movies, options.holdout)
    elif options.movies or options.holdout:
        raise DuetError(f"--movies and --holdout go with a ratings CSV as --data, not {name}")
    else:
        dataset = load_dataset(name, progress=_show_progress)
    values["data"] = dataset.name
    if options.holdout and values.setdefault("split", "given") != "given":
        raise DuetError(f"--holdout gives the split; leave out split={values['split']}")
    return dataset, make_config(values)


def _show_progress(line: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def _is_csv(name: str) -> bool:
    if name in DATASETS:
        return False
    with contextlib.suppress(OSError, ValueError):  # too long, or not even a path
        return name.lower().endswith(".csv") or Path(name).is_file()
    return False


class _Bar:
    """The progress bar on stderr. It appears with the training: bad input stays one line."""

    def __init__(self, epochs: int, name: str = "") -> None:
        self.epochs = epochs
        self.name = name
        self.bar: tqdm[NoReturn] | None = None

    def on_phase(self, phase: str) -> None:
        if phase == "training":
            desc = f"{self.name}starting TensorFlow"
            self.bar = tqdm(total=self.epochs, unit="epoch", desc=desc, file=sys.stderr)
        elif self.bar:
            self.bar.set_description_str(f"{self.name}{phase}")

    def on_epoch(self, record: EpochRecord) -> None:
        if self.bar:
            self.bar.set_description_str(f"{self.name}training", refresh=False)
            self.bar.set_postfix(
                retrieval_loss=f"{record.retrieval_loss:.3f}",
                rating_loss=f"{record.rating_loss:.3f}",
            )
            self.bar.update()

    def close(self) -> None:
        if self.bar:
            self.bar.close()


def _train_with_bar(
    config: RunConfig, dataset: Dataset, store: RunStore, load_seconds: float, name: str = ""
) -> Run:
    """Train with a progress bar on stderr; the first Ctrl-C stops and keeps what was learnt."""
    asked_to_stop = False

    def ask_to_stop(*_: object) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask_to_stop)
    try:
        with contextlib.closing(_Bar(config.epochs, name)) as bar:
            return run_experiment(
                config,
                dataset,
                store,
                load_seconds=load_seconds,
                on_phase=bar.on_phase,
                on_epoch=bar.on_epoch,
                should_stop=lambda: asked_to_stop,
            )
    finally:
        signal.signal(signal.SIGINT, before)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m recsys", description="A lab for multi-task recommenders.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    sub = commands.add_parser("train", help="train a run and evaluate it")
    sub.add_argument("--preset", choices=PRESETS, help="the loss weights by name")
    _request_arguments(sub)
    _finish(sub, train)

    sub = commands.add_parser("sweep", help="train at several ratios of the loss weights")
    sub.add_argument(
        "--points", type=_at_least(2), default=POINTS, help=f"ratios, ends included ({POINTS})"
    )
    sub.add_argument("--seeds", type=_at_least(1), default=1, help="trainings of each ratio (1)")
    sub.add_argument(
        "--sharing",
        nargs="+",
        choices=SHARING,
        default=(),
        help="how much the tasks share: one front each",
    )
    _request_arguments(sub)
    _finish(sub, sweep, preset=None)

    sub = commands.add_parser("recommend", help="retrieve movies for a user, then rate them")
    sub.add_argument("--run", required=True, metavar="ID", help="as `runs` lists it")
    sub.add_argument("--user", required=True, metavar="ID", help="a user of the run's data set")
    sub.add_argument("--k", type=int, default=10, help="how many movies (10)")
    _finish(sub, recommend)

    sub = commands.add_parser("runs", help="list the stored runs")
    _finish(sub, runs)
    return parser


def _request_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--config", type=Path, metavar="FILE", help="YAML lines of `field: value`")
    sub.add_argument("--set", action="append", default=[], metavar="key=value", help="one field")
    sub.add_argument(
        "--data", metavar="NAME|RATINGS.csv", help=f"{', '.join(DATASETS)} or a CSV of ratings"
    )
    sub.add_argument("--movies", type=Path, metavar="MOVIES.csv", help="titles, genres, years")
    sub.add_argument("--holdout", type=Path, metavar="HOLDOUT.csv", help="a holdout of your own")
    sub.add_argument(
        "--validation", type=float, metavar="SHARE", help="0 trains on all but holdout"
    )


def _at_least(least: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        with contextlib.suppress(ValueError):
            if int(text) >= least:
                return int(text)
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number, {least} or more")

    return count


def _finish(sub: argparse.ArgumentParser, command: Any, **defaults: Any) -> None:
    sub.add_argument("--json", action="store_true", help="print one JSON object")
    sub.set_defaults(command=command, prog=sub.prog, **defaults)


if __name__ == "__main__":
    sys.exit(main())
