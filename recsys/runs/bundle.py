"""Bundles: one file with a run, or several, that another lab imports. Its content is not trusted.

A bundle of one run is the zip of its five files, see `recsys.runs.files`. A bundle of several is a
zip of such zips, `<run_id>.zip`. Nothing in a bundle is compressed, so it never unpacks to more
than it is.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import NamedTuple

from recsys.baselines import BASELINES
from recsys.config import run_id
from recsys.data.library import available_datasets, load_dataset
from recsys.data.tables import Dataset
from recsys.evaluation.metrics import METRICS
from recsys.line import LineScorer, StoredScorer
from recsys.runs.files import (
    FILES,
    HISTORY,
    MAX_BYTES,
    SCORER,
    DamagedRunError,
    RunError,
    check_run_id,
    not_compressed,
    open_run,
    pack_archive,
    read_archive,
    read_scorer,
    seal,
)
from recsys.runs.foreign_history import read_foreign_histories
from recsys.runs.records import Run, write_history
from recsys.runs.store import RunStore

MAX_RUNS = 100  # in one bundle
MAX_ENTITIES = 10_000_000  # users or movies of a model; MovieLens 25M has 162,541 users
PARTS = ("validation", "holdout")
SECONDS = ("load", "fit", "evaluate", "total")


class Imported(NamedTuple):
    """A run of a bundle: as the store has it now, and whether it was not there before."""

    run: Run
    is_new: bool


def pack_bundle(store: RunStore, run_ids: Sequence[str]) -> bytes:
    """Return a bundle of these runs.

    Raises:
        RunError: there are none or too many, or one is not in the store or damaged.
    """
    if not 0 < len(run_ids) <= MAX_RUNS:
        raise RunError(f"a bundle holds 1 to {MAX_RUNS} runs, not {len(run_ids)}")
    packed = {f"{one}.zip": store.pack(one) for one in run_ids}
    return next(iter(packed.values())) if len(packed) == 1 else pack_archive(packed)


def import_bundle(store: RunStore, content: bytes) -> list[Imported]:
    """Store the runs of a bundle; either all of them or none.

    The files of the bundle are read and checked, and then written anew. A run of the same settings
    on the same data, which the store already has, stays as it is.

    Raises:
        RunError: it is not a bundle, or it holds what Duet does not write.
    """
    found = _read_bundle(content)
    if len({run.run_id for run, _ in found}) < len(found):
        raise DamagedRunError("not a bundle of Duet: it holds a run twice")
    known = []
    for run, scorer in found:
        _check_run(run)
        _check_shape(run, scorer)
        known.append(run.run_id in store)
    store.save_all(found)
    return [
        Imported(store.load(run.run_id), not was_here)
        for (run, _), was_here in zip(found, known, strict=True)
    ]


def _read_bundle(content: bytes) -> list[tuple[Run, StoredScorer]]:
    archives = [read_archive(one) for one in _split_bundle(content)]
    histories = read_foreign_histories([files[HISTORY] for _, files in archives])
    found = []
    for (id_, files), history in zip(archives, histories, strict=True):
        run = open_run(id_, seal(id_, files | {HISTORY: write_history(history)}))
        found.append((run, read_scorer(files[SCORER])))
    return found


def _split_bundle(content: bytes) -> list[bytes]:
    """Return the packed runs of a bundle."""
    if len(content) > MAX_BYTES:
        raise RunError(f"not a bundle: larger than {MAX_BYTES >> 20} MB")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = archive.namelist()
        if set(names) & set(FILES):
            return [content]
        if not 0 < len(names) <= MAX_RUNS or len(set(names)) < len(names):
            raise ValueError(f"it must hold 1 to {MAX_RUNS} runs, each once")
        for name in names:
            if not name.endswith(".zip"):
                raise ValueError(f"{name[:80]!r} is not a run")
            check_run_id(name.removesuffix(".zip"))
        not_compressed(archive, len(content))
        return [archive.read(name) for name in names]
    except Exception as error:  # zipfile has many, and lists none
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise DamagedRunError(f"not a bundle of Duet: {reason}") from None


def _check_run(run: Run) -> None:
    """Check what the pages and the queue rely on.

    Raises:
        RunError: this version of Duet would not have written the run.
    """
    expected = run_id(run.config, run.fingerprint)
    if run.status == "stopped":
        expected = rf"{expected}-stopped-\d{{1,9}}"
    if not re.fullmatch(expected, run.run_id):
        raise RunError(
            f"run {run.run_id}: its id is not that of its settings in this version of Duet; "
            "train it here instead"
        )
    problem = _implausible(run)
    if problem:
        raise DamagedRunError(f"run {run.run_id}: {problem}")


def _check_shape(run: Run, scorer: StoredScorer) -> None:
    """Check the kind of a model, and its numbers of users and movies.

    Raises:
        DamagedRunError: they are not those of the settings and the data set. If this lab does not
            have it, there is only an upper bound.
    """
    if isinstance(scorer, LineScorer) != run.config.all_ratios:
        raise DamagedRunError(f"run {run.run_id}: its model is not that of its settings")
    model = scorer.middle if isinstance(scorer, LineScorer) else scorer
    own, dataset = (model.n_users, model.n_movies), own_dataset(run)
    if dataset is None:
        fits, limit = max(own) <= MAX_ENTITIES, f"at most {MAX_ENTITIES} of each are allowed"
    else:
        expected = (len(dataset.users), len(dataset.movies))
        fits, limit = own == expected, f"{run.dataset} has {expected[0]} and {expected[1]}"
    if not fits:
        raise DamagedRunError(
            f"run {run.run_id}: its model is of {own[0]} users and {own[1]} movies, but {limit}"
        )


def own_dataset(run: Run) -> Dataset | None:
    """Return the data set of a run; None if this lab does not have exactly this one."""
    if run.dataset not in available_datasets():
        return None
    dataset = load_dataset(run.dataset)
    return dataset if dataset.fingerprint == run.fingerprint else None


def _implausible(run: Run) -> str | None:
    """Return what is wrong with the values of a run, or None."""
    if run.dataset != run.config.data:
        return "its results are of another data set than its settings"
    if not re.fullmatch(r"[0-9a-f]{64}", run.fingerprint):
        return "the fingerprint of its data is not a SHA-256"
    if not _is_time(run.created):
        return "its time of creation is not a time"
    if sorted(run.seconds) != sorted(SECONDS) or min(run.seconds.values()) < 0:
        return f"its seconds are not {', '.join(SECONDS)}"
    if len(run.history) > run.config.epochs:
        return "it has more epochs than its settings"
    if not set(run.baselines) <= set(BASELINES):
        return "it has unknown baselines"
    measured = [run.metrics, *run.baselines.values(), *(point.metrics for point in run.line)]
    measured += [{"validation": record.validation_metrics} for record in run.history]
    if not all(_are_metrics(parts) for parts in measured):
        return "it has unknown metrics"
    if not all(0 <= point.position <= 1 for point in run.line):
        return "it has a position that is not from 0 to 1"
    return None


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _are_metrics(parts: dict[str, dict[str, float]]) -> bool:
    return set(parts) <= set(PARTS) and all(
        name in METRICS and isfinite(value)
        for values in parts.values()
        for name, value in values.items()
    )
