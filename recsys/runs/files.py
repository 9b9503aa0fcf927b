"""The files of one run as bytes: written, checked against the manifest, packed into a zip."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping

import numpy as np

from recsys.errors import DuetError
from recsys.line import StoredScorer, stored_scorer
from recsys.runs.records import Run, read_run, write_run

SCORER = "scorer.npz"
MANIFEST = "manifest.json"
CONTENT = ("config.json", "history.parquet", "metrics.json", SCORER)
FILES = (*CONTENT, MANIFEST)
FORMAT = 1
MAX_BYTES = 1 << 30  # of one run; the largest MovieLens comes to about 150 MB

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RESERVED = ("damaged", "names")  # folders of the store itself


class RunError(DuetError):
    """A run that cannot be read, written or named; the message is one line for the user."""


class RunNotFoundError(RunError):
    """There is no such run in the store."""


class DamagedRunError(RunError):
    """A file of the run is missing, or its checksum does not match."""


def check_run_id(run_id: str) -> str:
    """Return `run_id` if it is valid. It is also the name of a folder.

    Raises:
        RunNotFoundError: it is not valid, so no run can have it.
    """
    if not _RUN_ID.fullmatch(run_id) or run_id in _RESERVED:
        raise RunNotFoundError(
            f"{run_id[:80]!r} is not the id of a run; see `python -m recsys runs`"
        )
    return run_id


def make_files(run: Run, scorer: StoredScorer) -> dict[str, bytes]:
    """Return the five files of a run.

    Raises:
        RunError: a metric or a parameter is NaN or infinite.
    """
    arrays = io.BytesIO()
    np.savez(arrays, allow_pickle=False, **scorer.to_arrays())
    try:
        files = write_run(run) | {SCORER: arrays.getvalue()}
        read_scorer(files[SCORER])
    except ValueError as error:
        raise RunError(f"run {run.run_id} cannot be stored: {_one_line(error)}") from None
    hashes = {name: _sha256(files[name]) for name in CONTENT}
    manifest = {"format": FORMAT, "run_id": run.run_id, "sha256": hashes}
    return files | {MANIFEST: json.dumps(manifest, indent=2).encode()}


def check_files(run_id: str, files: Mapping[str, bytes]) -> None:
    """Check the manifest of run `run_id`, and the checksums of the other `files`.

    Raises:
        DamagedRunError: the manifest belongs to another run, or a checksum does not match.
        RunError: another version of Duet wrote the manifest.
    """
    try:
        manifest = json.loads(files[MANIFEST])
        version, owner, hashes = manifest["format"], manifest["run_id"], manifest["sha256"]
        expected = {name: str(hashes[name]) for name in CONTENT}
    except (ValueError, KeyError, TypeError):
        raise DamagedRunError(f"run {run_id}: {MANIFEST} is not readable") from None
    if version != FORMAT:
        raise RunError(f"run {run_id} was written by another version of Duet (format {version})")
    if owner != run_id:
        raise DamagedRunError(f"run {run_id}: its files belong to run {str(owner)[:80]!r}")
    for name in CONTENT:
        if name in files and _sha256(files[name]) != expected[name]:
            raise DamagedRunError(f"run {run_id}: {name} does not match its SHA-256")


def open_run(run_id: str, files: Mapping[str, bytes]) -> Run:
    """Check all five files and return the run in them.

    Raises:
        DamagedRunError: a checksum does not match.
        RunError: another version of Duet wrote them.
    """
    check_files(run_id, files)
    try:
        run = read_run(files)
    except (ValueError, KeyError, TypeError) as error:
        reason = _one_line(error)
        raise RunError(f"run {run_id} was written by another version of Duet: {reason}") from None
    if run.run_id != run_id:
        raise DamagedRunError(f"run {run_id}: its files belong to run {run.run_id[:80]!r}")
    return run


def read_scorer(content: bytes) -> StoredScorer:
    """Return the scorer in `scorer.npz`; nothing is unpickled.

    Raises:
        ValueError: these are not the arrays of a scorer.
    """
    try:
        _check_sizes(zipfile.ZipFile(io.BytesIO(content)))
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return stored_scorer({name: arrays[name] for name in arrays.files})
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"{SCORER} is not readable ({_one_line(error)})") from None


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return the five files as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in FILES:
            archive.writestr(name, files[name])
    return buffer.getvalue()


def unpack_files(content: bytes) -> tuple[Run, dict[str, bytes]]:
    """Check what `pack_files` packed, and return the run and its five files.

    Raises:
        DamagedRunError: it is not a packed run, or a checksum does not match.
        RunError: another version of Duet wrote it.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if sorted(archive.namelist()) != sorted(FILES):
            raise ValueError(f"it must hold exactly {', '.join(FILES)}")
        _check_sizes(archive)
        files = {name: archive.read(name) for name in FILES}
        run_id = check_run_id(json.loads(files[MANIFEST])["run_id"])
        read_scorer(files[SCORER])
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
    ) as error:
        raise DamagedRunError(f"not a packed run: {_one_line(error)}") from None
    return open_run(run_id, files), files


def _check_sizes(archive: zipfile.ZipFile) -> None:
    # zipfile reads at most the declared size of a member, so the declared sizes bound the memory.
    if sum(item.file_size for item in archive.infolist()) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES >> 20} MB unpacked")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
