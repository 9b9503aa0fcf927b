"""Where Duet keeps what it loads and trains: one folder, set by `RECSYS_HOME`."""

import os
from pathlib import Path

DEFAULT_HOME = Path(__file__).resolve().parent.parent / ".recsys"


def home() -> Path:
    """Return the lab's folder, which may not exist yet: `RECSYS_HOME`, or `.recsys/` by the app."""
    return Path(os.environ.get("RECSYS_HOME") or DEFAULT_HOME).expanduser().resolve()


def data_folder() -> Path:
    """Return the folder of loaded data sets, one subfolder each."""
    return home() / "data"


def runs_folder() -> Path:
    """Return the folder of the run store."""
    return home() / "runs"
