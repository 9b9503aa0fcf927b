"""The commands of `duet` or `python -m recsys`: train, evaluate, recommend, export and others."""

import argparse
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from recsys.cli import cluster, export, report
from recsys.cli.evaluation import evaluation
from recsys.cli.password import typed_hash
from recsys.cli.progress import train_with_bar
from recsys.cli.request import request, request_arguments
from recsys.cli.stored import load_stored, stored_arguments, weight_json
from recsys.config import PRESETS, SHARING, WEIGHTS, parse_assignment, run_id
from recsys.data.tables import DataError
from recsys.errors import DuetError, StoppedEarlyError, quoted
from recsys.experiment import PARTS, find_run, split_for
from recsys.home import close_to_others, runs_folder
from recsys.recommend import retrieve_then_rate
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.tradeoff.result import stored_ratios
from recsys.tradeoff.search import TRIALS, Objectives, Trials, trial_runs
from recsys.tradeoff.sweep import POINTS, sweep_configs, sweep_order

LONGEST_ERROR = 1_000  # characters


class _Parser(argparse.ArgumentParser):
    """Reports an error in one line; `--help` shows the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {_one_line(message)} (see --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 2 for bad input, 130 if it was interrupted."""
    options = _parser().parse_args(arguments)
    try:
        close_to_others()
        return int(options.command(options))
    except StoppedEarlyError as error:
        print(f"{options.prog}: {_one_line(error)}", file=sys.stderr)
        return 130
    except DuetError as error:
        print(f"{options.prog}: {_one_line(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # stdout was closed, e.g. by `| head`
        sys.stderr.close()
        return 1
    except OSError as error:  # a folder that cannot be written, a full disk
        where = f"{quoted(error.filename)}: " if error.filename else ""
        print(f"{options.prog}: {where}{error.strerror or error}", file=sys.stderr)
        return 2


def _one_line(message: object) -> str:
    # A file name may hold a line break; Duet's own messages do not. Text that someone typed is cut.
    text = " ".join(str(message).split())
    return text if len(text) <= LONGEST_ERROR else f"{text[:LONGEST_ERROR]} …"


def train(options: argparse.Namespace) -> int:
    """Train a run, or find it in the store, and show its metrics beside the baselines."""
    start = time.perf_counter()
    dataset, config = request(options)
    load_seconds = time.perf_counter() - start
    store = RunStore(runs_folder())
    stored = find_run(store, run_id(config, dataset.fingerprint))
    run = stored or train_with_bar(config, dataset, store, load_seconds)
    if options.json:
        print(json.dumps(report.run_json(run, cached=stored is not None)))
    else:
        how = "already trained" if stored else f"{run.seconds['total']:.1f} s"
        print(f"Run {run.run_id} ({run.status}, {how})")
        print(report.run_table(run))
    return 130 if run.status == "stopped" else 0


def sweep(options: argparse.Namespace) -> int:
    """Train one config at several ratios of the weights; runs that are in the store are reused."""
    _refuse_weights(options, "sweep")
    start = time.perf_counter()
    dataset, base = request(options)
    load_seconds = time.perf_counter() - start
    if options.sharing and base.architecture != "duet":
        raise DuetError(f"--sharing is only for duet, not for {base.architecture}")
    configs = sweep_configs(base, options.points, options.seeds, options.sharing)
    store = RunStore(runs_folder())
    found: list[tuple[Run, bool]] = []
    stopped = False
    for number, config in enumerate(configs, start=1):
        stored = find_run(store, run_id(config, dataset.fingerprint))
        name = f"run {number} of {len(configs)}: "
        try:
            run = stored or train_with_bar(config, dataset, store, load_seconds, name)
        except StoppedEarlyError:
            if not found:
                raise
            stopped = True
            break
        if stored is None:
            load_seconds = 0.0  # the data set was loaded once: only the first run counts it
        found.append((run, stored is not None))
        stopped = run.status == "stopped"
        if stopped:
            break
    found.sort(key=lambda item: sweep_order(item[0].config))
    runs = [run for run, _ in found]
    # With all seeds and ratios that are stored, as on the Trade-off page.
    sharing = {config.sharing for config in configs}
    swept = stored_ratios(store.list(), base, dataset.fingerprint, sharing)
    done = {run.config for run, _ in found if run.status == "finished"}
    missing = Counter(str(config.sharing or "") for config in configs if config not in done)
    text = report.sweep_sentence(swept, store, split_for(base, dataset), missing)
    if options.json:
        listed = [report.run_json(run, cached=cached) for run, cached in found]
        print(json.dumps({"runs": listed, "sentence": text}))
    else:
        print(f"{report.runs_table(runs)}\n{text}")
    return 130 if stopped else 0


def _refuse_weights(options: argparse.Namespace, command: str) -> None:
    for text in options.set:
        if parse_assignment(text)[0] in WEIGHTS:
            raise DuetError(f"--set {text}: a {command} sets the weights itself; leave it out")


def search(options: argparse.Namespace) -> int:
    """Search for weights and hyperparameters; runs in the store count as trials."""
    _refuse_weights(options, "search")
    objectives = Objectives(options.x, options.y)
    start = time.perf_counter()
    dataset, base = request(options)
    load_seconds = time.perf_counter() - start
    store = RunStore(runs_folder())
    store.check_writable()
    trials = Trials(base, objectives, dataset.fingerprint)
    made: list[Run] = []
    stopped = False
    for number in range(1, options.trials + 1):
        config = trials.next_config(store.list())
        name = f"trial {number} of {options.trials}: "
        try:
            made.append(train_with_bar(config, dataset, store, load_seconds, name))
        except DataError:
            raise
        except StoppedEarlyError:
            if not made:
                raise
            stopped = True
            break
        except DuetError as error:  # these settings do not train; others may
            trials.failed(config, str(error))
            print(f"{options.prog}: {name}{_one_line(error)}", file=sys.stderr)
            continue
        trials.succeeded()
        load_seconds = 0.0  # the data set was loaded once: only the first run counts it
        stopped = made[-1].status == "stopped"
        if stopped:
            break
    known = trial_runs(store.list(), base, dataset.fingerprint)
    front = [run.run_id for run in objectives.front(known)]
    if options.json:
        runs = [report.run_json(run, cached=False) for run in made]
        print(json.dumps({"runs": runs, "front": front}))
    else:
        print(report.search_table(made, base, objectives.x, objectives.y, front))
    return 130 if stopped else 0


def evaluate(options: argparse.Namespace) -> int:
    """Measure a stored run, with a serving blend or without."""
    return _print(options, *evaluation(load_stored(options), options))


def recommend(options: argparse.Namespace) -> int:
    """Retrieve movies for a user, then rate them."""
    if options.k < 1:
        raise DuetError(f"--k {options.k}: must be 1 or more")
    stored = load_stored(options)
    dataset, split, scorer = stored.dataset, stored.split, stored.scorer
    user = split.user_code(options.user)
    ranking = stored.blend(options.blend)
    found = retrieve_then_rate(scorer, split, user, options.k, ranking=ranking)
    rows = report.recommendations_json(found, dataset, split, user)
    if options.json:
        about = {"run_id": options.run, "user_id": options.user}
        print(json.dumps(about | {"blend": weight_json(options.blend), "movies": rows}))
    else:
        print(report.recommendations_table(rows))
    return 0


def export_run(options: argparse.Namespace) -> int:
    """Write a run, or what it recommends, to a file."""
    return _print(options, *export.export(options))


def import_runs(options: argparse.Namespace) -> int:
    """Store the runs that another lab has exported."""
    return _print(options, *export.import_runs(options))


def report_run(options: argparse.Namespace) -> int:
    """Write the report of a run as an HTML file."""
    return _print(options, *export.write_report(options))


def _print(options: argparse.Namespace, value: dict[str, Any], text: str) -> int:
    print(json.dumps(value) if options.json else text)
    return 0


def password(options: argparse.Namespace) -> int:
    """Print the hash of a password, for a server that several people use."""
    hashed = typed_hash()
    return _print(options, {"hash": hashed}, hashed)


def certificates(options: argparse.Namespace) -> int:
    """Make the certificates of a cluster of several machines."""
    return _print(options, *cluster.certificates(options))


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
        print(f"No runs yet; `{_program()} train` makes one.")
    return 0


def _program() -> str:
    """Return how the command line was called, for help and errors."""
    return "duet" if Path(sys.argv[0]).stem == "duet" else "python -m recsys"


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_program(), description="A lab for multi-task recommenders.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (run, add_arguments, text) in COMMANDS.items():
        sub = commands.add_parser(name, help=text)
        sub.set_defaults(command=run, prog=sub.prog)
        add_arguments(sub)
        if name not in SERVICES:
            sub.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _train_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--preset", choices=PRESETS, help="the loss weights by name")
    request_arguments(sub)


def _sweep_arguments(sub: argparse.ArgumentParser) -> None:
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
    request_arguments(sub)
    sub.set_defaults(preset=None)


def _search_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--trials", type=_at_least(1), default=TRIALS, help=f"runs to train ({TRIALS})"
    )
    for axis, metric in (("--x", "rmse"), ("--y", "ndcg@20")):
        sub.add_argument(
            axis, default=metric, metavar="METRIC", help=f"to be best on validation ({metric})"
        )
    request_arguments(sub)
    sub.set_defaults(preset=None)


def _evaluate_arguments(sub: argparse.ArgumentParser) -> None:
    stored_arguments(sub)
    sub.add_argument(
        "--part", choices=PARTS, help="what is predicted (validation, if the run has one)"
    )


def _recommend_arguments(sub: argparse.ArgumentParser) -> None:
    stored_arguments(sub)
    sub.add_argument("--user", required=True, metavar="ID", help="a user of the run's data set")
    sub.add_argument("--k", type=int, default=10, help="how many movies (10)")


def _import_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", type=Path, metavar="FILE.zip", help="as `export --bundle` wrote it")


def _no_arguments(sub: argparse.ArgumentParser) -> None:
    pass


def _at_least(least: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        with contextlib.suppress(ValueError):
            if int(text) >= least:
                return int(text)
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number, {least} or more")

    return count


# What a command runs, its arguments, and its line in `--help`.
COMMANDS: dict[str, tuple[Callable[..., Any], Callable[..., None], str]] = {
    "train": (train, _train_arguments, "train a run and evaluate it"),
    "sweep": (sweep, _sweep_arguments, "train at several ratios of the loss weights"),
    "search": (search, _search_arguments, "search for weights and hyperparameters"),
    "evaluate": (
        evaluate,
        _evaluate_arguments,
        "measure a stored run, also with a serving blend",
    ),
    "recommend": (recommend, _recommend_arguments, "retrieve movies for a user, then rate them"),
    "runs": (runs, _no_arguments, "list the stored runs"),
    "export": (
        export_run,
        export.export_arguments,
        "write a run, or all users' lists, to a file",
    ),
    "import": (import_runs, _import_arguments, "store the runs of another lab's bundle"),
    "report": (report_run, export.report_arguments, "write a run as one HTML file, for people"),
    "certificates": (
        certificates,
        cluster.certificates_arguments,
        "make those of a cluster of several machines",
    ),
    "scheduler": (
        cluster.scheduler,
        cluster.scheduler_arguments,
        "give the jobs of a lab to workers, over TLS",
    ),
    "worker": (cluster.worker, cluster.worker_arguments, "train the runs of a lab on this machine"),
    "password": (password, _no_arguments, "print what protects a shared server"),
}
SERVICES = ("scheduler", "worker")  # they go on until they are ended, and have no --json


if __name__ == "__main__":
    sys.exit(main())
