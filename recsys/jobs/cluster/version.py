"""Which Duet a process runs: server and workers must be the same, or runs would differ."""

import functools
import hashlib
import socket
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]


@functools.cache
def code_version() -> str:
    """Return a short hash of the package's code and defaults."""
    digest = hashlib.sha256()
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.yaml")]
    for file in sorted(files, key=lambda one: one.relative_to(PACKAGE).as_posix()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def mismatch(version: str) -> str:
    """Say that the server has another version than this worker; "" if they are the same."""
    if version == code_version():
        return ""
    return (
        f"the worker on {socket.gethostname()} has another version of Duet; install the server's "
        "version there and train again"
    )
