"""Where Duet keeps what it loads and trains: one folder, set by `RECSYS_HOME`."""

import os
from pathlib import Path

from recsys.errors import DuetError

DEFAULT_HOME = Path(__file__).resolve().parent.parent / ".recsys"


def home() -> Path:
    """Return the lab's folder, which may not exist yet: `RECSYS_HOME`, or `.recsys/` by the app.

    Raises:
        DuetError: `RECSYS_HOME` cannot be a path.
    """
    folder = os.environ.get("RECSYS_HOME") or DEFAULT_HOME
    try:
        return Path(folder).expanduser().resolve()
    except (RuntimeError, OSError) as error:
        raise DuetError(f"RECSYS_HOME {str(folder)!r}: not a usable path ({error})") from None


def data_folder() -> Path:
    """Return the folder of loaded data sets, one subfolder each."""
    return home() / "data"


def runs_folder() -> Path:
    """Return the folder of the run store."""
    return home() / "runs"
