"""The commands `export`, `import` and `report`: a run for other programs and other labs."""

import argparse
from pathlib import Path
from typing import Any

from recsys.atomic import temporary_file
from recsys.cli.stored import load_stored
from recsys.counted import counted
from recsys.data.tables import TITLE
from recsys.errors import DuetError
from recsys.export.html_report import run_report
from recsys.export.recommendations import check_format, write_recommendations
from recsys.home import runs_folder
from recsys.line import KNOTS, LineScorer, StoredScorer
from recsys.runs.bundle import Imported, import_bundle, own_dataset, pack_bundle
from recsys.runs.files import MAX_BYTES
from recsys.runs.store import RunStore
from recsys.scorer import TwoTowerScorer

TOP = 20


def run_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options that name a run, and a model of a run of all ratios."""
    sub.add_argument("run", metavar="RUN", help="the run's id, as `runs` lists it")
    sub.add_argument(
        "--at",
        type=float,
        metavar="POSITION",
        help="of a run of all ratios: the model at 0 (retrieval) to 1 (rating); 0.5: equal weights",
    )


def export_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    run_arguments(sub)
    sub.add_argument("--top", type=int, default=TOP, metavar="K", help=f"movies per user ({TOP})")
    what = sub.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--output", type=Path, metavar="FILE", help="all users' top K: .parquet or .csv"
    )
    what.add_argument(
        "--bundle",
        type=Path,
        metavar="FILE.zip",
        help="the run itself, for `import` in another lab",
    )
    what.add_argument(
        "--saved-model",
        type=Path,
        metavar="FOLDER",
        help="a TensorFlow SavedModel that recommends the top K and rates",
    )


def export(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Write what the options ask for; return the value of `--json`, and the text.

    Raises:
        DuetError: an option is not valid, or the run or its data are not there.
    """
    if options.top < 1:
        raise DuetError(f"--top {options.top}: must be 1 or more")
    if options.bundle:
        return _bundle(options)
    if options.saved_model:
        return _saved_model(options)
    return _recommendations(options)


def report_arguments(sub: argparse.ArgumentParser) -> None:
    """Add the options of `report`."""
    run_arguments(sub)
    sub.add_argument("--output", type=Path, required=True, metavar="FILE.html", help="the file")


def write_report(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Write the report of a run; return the value of `--json`, and the text.

    Raises:
        DuetError: an option is not valid, or the run or its data are not there.
    """
    if options.output.suffix.lower() not in (".html", ".htm"):
        raise DuetError(f"{options.output}: the name must end in .html")
    stored = load_stored(options)
    model = model_at(stored.scorer, options.at)
    text = run_report(stored.run, model, stored.dataset, stored.split, options.at)
    with temporary_file(options.output, private=False) as file:
        file.write_text(text, encoding="utf-8")
    value = {"run_id": options.run, "file": str(options.output), "bytes": len(text.encode())}
    return value, f"{options.output}: report of run {options.run}"


def import_runs(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Store the runs of a bundle; return the value of `--json`, and the text.

    Raises:
        DuetError: the file is not a bundle, or has other runs of the same id.
        OSError: the file cannot be read.
    """
    size = options.file.stat().st_size
    if not options.file.is_file() or size > MAX_BYTES:
        raise DuetError(f"{options.file}: must be a file of at most {MAX_BYTES >> 20} MB")
    try:
        found = import_bundle(RunStore(runs_folder()), options.file.read_bytes())
    except DuetError as error:
        raise DuetError(f"{options.file}: {error}") from None
    value = [{"run_id": run.run_id, "imported": is_new} for run, is_new in found]
    return {"runs": value}, "\n".join(map(_imported_text, found))


def model_at(stored: StoredScorer, at: float | None) -> TwoTowerScorer:
    """Return the model that `--at` names.

    Raises:
        DuetError: the run has one model only, or the position is not from 0 to 1.
    """
    if isinstance(stored, LineScorer):
        return stored.at(KNOTS["middle"] if at is None else at)
    if at is not None:
        raise DuetError(f"--at {at:g}: only for a run of all ratios; leave it out")
    return stored


def _recommendations(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    check_format(options.output)
    stored = load_stored(options)
    model = model_at(stored.scorer, options.at)
    rows = write_recommendations(
        options.output, model, stored.run.learnt, stored.dataset, stored.split, options.top
    )
    users = stored.split.n_users
    value = {"run_id": options.run, "file": str(options.output), "users": users, "rows": rows}
    return value, f"{options.output}: {counted(rows, 'row')}, {counted(users, 'user')}"


def _saved_model(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    folder = options.saved_model
    if folder.exists():
        raise DuetError(f"{folder}: already exists; name a new folder")
    stored = load_stored(options)
    model = model_at(stored.scorer, options.at)
    # Imported here, so that the other commands do not wait for TensorFlow.
    from recsys.model.start import start_tensorflow, stderr_held_back

    start_tensorflow()
    from recsys.model.saved_model import save_model

    with stderr_held_back():
        titles = stored.dataset.movies[TITLE].to_numpy(dtype=object)
        signatures = save_model(folder, model, stored.run.learnt, stored.split, titles, options.top)
    value = {"run_id": options.run, "folder": str(folder), "signatures": signatures}
    return value, f"{folder}: SavedModel with {' and '.join(signatures)}"


def _bundle(options: argparse.Namespace) -> tuple[dict[str, Any], str]:
    content = pack_bundle(RunStore(runs_folder()), [options.run])
    with temporary_file(options.bundle, private=False) as file:
        file.write_bytes(content)
    value = {"run_id": options.run, "file": str(options.bundle), "bytes": len(content)}
    return value, f"{options.bundle}: run {options.run}, {len(content) / 1e6:.1f} MB"


def _imported_text(imported: Imported) -> str:
    run = imported.run
    text = f"Run {run.run_id}: {'imported' if imported.is_new else 'already here'}"
    if own_dataset(run) is None:
        text += f"; its data set {run.dataset} is not, so it has its figures only"
    return text
