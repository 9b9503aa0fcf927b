"""Read histories that came from elsewhere, in a process of their own.

Arrow checks a Parquet file only so far: some damaged ones end the whole process, and a small one
can ask for any amount of memory. So another process reads them, with bounds on memory and time.
"""

import base64
import contextlib
import json
import logging
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from recsys.home import child_environment
from recsys.runs.files import DamagedRunError, RunError
from recsys.runs.records import EpochRecord, read_history

logger = logging.getLogger(__name__)

MAX_SECONDS = 60.0
LOGGED = 2_000  # letters of what the process wrote before it failed
MAX_MEMORY = 2 << 30  # bytes of address space; Arrow reserves more than it uses

_HISTORIES = TypeAdapter(list[tuple[EpochRecord, ...]])


def read_foreign_histories(contents: Sequence[bytes]) -> list[tuple[EpochRecord, ...]]:
    """Return the records of each `history.parquet`.

    Raises:
        DamagedRunError: one of them is not a history.
        RunError: reading them took too long.
    """
    asked = json.dumps([base64.b64encode(one).decode() for one in contents])
    try:
        done = subprocess.run(
            # -P: modules in the working folder must not be taken for Duet's or Python's own.
            [sys.executable, "-P", "-m", "recsys.runs.foreign_history"],
            input=asked.encode(),
            capture_output=True,
            timeout=MAX_SECONDS,
            env=child_environment(),
            check=True,
        )
        return _HISTORIES.validate_json(done.stdout)
    except subprocess.TimeoutExpired:
        raise RunError(f"the bundle was not read within {MAX_SECONDS:g} s; try again") from None
    except (subprocess.CalledProcessError, ValidationError) as error:
        if isinstance(error, subprocess.CalledProcessError):
            logger.warning("%s", error.stderr.decode(errors="replace")[-LOGGED:])
        raise DamagedRunError("not a packed run: its history.parquet is not readable") from None


def main() -> None:
    """Read histories from stdin, as JSON of base64, and write their records to stdout."""
    _bound_memory()
    contents = [base64.b64decode(one) for one in json.load(sys.stdin)]
    json.dump([[asdict(one) for one in read_history(content)] for content in contents], sys.stdout)


def _bound_memory() -> None:
    with contextlib.suppress(OSError, ValueError):  # not every system can
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # What is reserved by now grows with the number of cores, so it does not count.
        reserved = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (reserved + MAX_MEMORY,) * 2)


if __name__ == "__main__":
    main()
