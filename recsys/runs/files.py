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
HISTORY = "history.parquet"
CONTENT = ("config.json", HISTORY, "metrics.json", SCORER)
FILES = (*CONTENT, MANIFEST)
FORMAT = 1
MAX_BYTES = 1 << 30  # of one run; the largest MovieLens comes to about 150 MB
# Of the small files: they are at most a few hundred KB.
MAX_FILE_BYTES = {name: 4 << 20 for name in (*CONTENT, MANIFEST) if name != SCORER}

_RUN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RESERVED = ("damaged", "layouts", "names")  # folders of the store itself


class RunError(DuetError):
    """A run that cannot be read, written or named; the message is one line for the user."""


class RunNotFoundError(RunError):
    """There is no such run in the store."""


class DamagedRunError(RunError):
    """A file of the run is missing, or its checksum does not match."""


class UnreadableRunError(RunError):
    """The disk does not give a file of the run now; the file may be good."""


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
    return seal(run.run_id, files)


def seal(run_id: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the four files with the manifest that belongs to them."""
    hashes = {name: _sha256(files[name]) for name in CONTENT}
    manifest = {"format": FORMAT, "run_id": run_id, "sha256": hashes}
    return {**files, MANIFEST: json.dumps(manifest, indent=2).encode()}


def check_files(
    run_id: str, files: Mapping[str, bytes], digests: Mapping[str, str] | None = None
) -> None:
    """Check the manifest of run `run_id`, and the checksums of the other `files`.

    Args:
        run_id: the run's id.
        files: the manifest, and any of the others.
        digests: the SHA-256, in hex, of files whose content is not in `files`.

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
    found = {name: _sha256(files[name]) for name in CONTENT if name in files} | dict(digests or {})
    for name, digest in found.items():
        if digest != expected[name]:
            raise DamagedRunError(f"run {run_id}: {name} does not match its SHA-256")


def open_run(
    run_id: str, files: Mapping[str, bytes], digests: Mapping[str, str] | None = None
) -> Run:
    """Check all five files and return the run in them; the arguments are those of `check_files`.

    Raises:
        DamagedRunError: a checksum does not match.
        RunError: another version of Duet wrote them.
    """
    check_files(run_id, files, digests)
    try:
        run = read_run(files)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
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
        not_compressed(zipfile.ZipFile(io.BytesIO(content)), len(content))
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return stored_scorer({name: arrays[name] for name in arrays.files})
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        MemoryError,  # an array whose header names a shape of any size
        OSError,
        EOFError,
        KeyError,
        TypeError,
    ) as error:
        raise ValueError(f"{SCORER} is not readable ({_one_line(error)})") from None


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return the five files as one zip."""
    return pack_archive({name: files[name] for name in FILES})


def pack_archive(files: Mapping[str, bytes]) -> bytes:
    """Return some files as one zip, not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unpack_files(content: bytes) -> tuple[Run, dict[str, bytes]]:
    """Check what `pack_files` packed, and return the run and its five files.

    Only for files of Duet's own workers: Arrow may crash on a history that was made to harm. What
    users bring goes through `recsys.runs.bundle`.

    Raises:
        DamagedRunError: it is not a packed run, or a checksum does not match.
        RunError: another version of Duet wrote it.
    """
    run_id, files = read_archive(content)
    return open_run(run_id, files), files


def read_archive(content: bytes) -> tuple[str, dict[str, bytes]]:
    """Check what `pack_files` packed, all but the results, and return the id and the five files.

    Raises:
        DamagedRunError: it is not a packed run, or a checksum does not match.
        RunError: another version of Duet wrote it.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        if sorted(archive.namelist()) != sorted(FILES):
            raise ValueError(f"it must hold exactly {', '.join(FILES)}")
        not_compressed(archive, len(content))
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
    check_files(run_id, files)
    return run_id, files


def not_compressed(archive: zipfile.ZipFile, size: int) -> None:
    """Check that a zip of `size` bytes does not unpack to more than that.

    The declared sizes are no bound: zipfile decompresses first, up to 2 GB, and cuts afterwards.

    Raises:
        ValueError: a member is compressed, or shares its bytes with another one.
    """
    members = archive.infolist()
    for member in members:
        is_plain = member.compress_type == zipfile.ZIP_STORED
        if not is_plain or member.file_size != member.compress_size:
            raise ValueError(f"{member.filename[:80]} is compressed, which Duet never does")
    if sum(member.file_size for member in members) > size:
        raise ValueError("its members overlap")


def _check_sizes(archive: zipfile.ZipFile) -> None:
    if sum(item.file_size for item in archive.infolist()) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES >> 20} MB unpacked")
    for name, limit in MAX_FILE_BYTES.items():
        if archive.getinfo(name).file_size > limit:
            raise ValueError(f"{name} is larger than {limit >> 20} MB")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
