"""The folders of Duet: where it keeps data and runs, and the checkout, if it runs from one."""

import contextlib
import os
from functools import lru_cache
from pathlib import Path

from recsys.atomic import PRIVATE_FOLDER
from recsys.errors import DuetError, quoted

_PARENT = Path(__file__).resolve().parent.parent
# The folder with the app, or None: then `recsys` is an installed package without the pages.
CHECKOUT = _PARENT if (_PARENT / "app.py").is_file() else None


def home() -> Path:
    """Return the folder for everything that is loaded and trained. It may not exist yet.

    It is `RECSYS_HOME` if that is set; else `.recsys/` beside the app, or `~/.recsys` for an
    installed package.

    Raises:
        DuetError: the path cannot be used.
    """
    folder = Path(os.environ.get("RECSYS_HOME") or (CHECKOUT or Path("~")) / ".recsys")
    # A page asks dozens of times. What another path means can change with the working directory.
    return _kept(folder) if folder.is_absolute() else _resolved(folder)


def _resolved(folder: Path) -> Path:
    try:
        path = folder.expanduser().resolve()
        str(path).encode()  # the scheduler and Arrow take UTF-8 only
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.lstat()  # a name that is too long
    except UnicodeEncodeError:
        name = quoted(os.fsencode(folder))
        raise DuetError(f"RECSYS_HOME {name}: its name is not UTF-8 text") from None
    except (RuntimeError, OSError, ValueError) as error:
        name, reason = quoted(str(folder)), getattr(error, "strerror", None) or error
        raise DuetError(f"RECSYS_HOME {name}: not a usable path ({reason})") from None
    return path


_kept = lru_cache(maxsize=8)(_resolved)


def data_folder() -> Path:
    """Return the folder of loaded data sets, one subfolder each."""
    return home() / "data"


def runs_folder() -> Path:
    """Return the folder of the run store."""
    return home() / "runs"


def jobs_folder() -> Path:
    """Return the folder of accepted jobs that have not ended."""
    return home() / "jobs"


def close_to_others() -> None:
    """Let only their owner read data, runs and jobs, also those that an earlier version kept.

    The home folder itself may hold other things: if it was there before, it stays as it is.
    """
    for folder in (data_folder(), runs_folder(), jobs_folder()):
        with contextlib.suppress(OSError):  # not there yet, or another user's
            folder.chmod(PRIVATE_FOLDER)


def child_environment() -> dict[str, str]:
    """Return the environment variables for a Python child process that imports `recsys`.

    An installed package is found anyway; a checkout only through `PYTHONPATH`, because the child
    may start in another folder.
    """
    environment = dict(os.environ)
    if CHECKOUT is not None:
        paths = [str(CHECKOUT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment
