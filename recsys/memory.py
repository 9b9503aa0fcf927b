"""Memory: what is there for a training, and a hard limit while one runs."""

import contextlib
import ctypes
import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil

from recsys.errors import DuetError

LIMIT = "RECSYS_MEMORY_GB"  # names how much a training may take; by default what is there
KEPT_FREE = 0.1  # of what is there: for the pages, and for what others need meanwhile
GB = 1e9
TOO_MUCH = 75  # the exit code of a process that held more than its limit
WATCH_SECONDS = 0.05  # between two looks: at most some hundred MB are taken meanwhile
RESERVED = 2e9  # bytes that a process may reserve beyond what it may hold
# What `mallopt` of glibc sets, by its number there, see `set_allocator`.
ALLOCATOR = {
    -8: 1,  # M_ARENA_MAX
    -3: 32 * 2**20,  # M_MMAP_THRESHOLD, bytes
    -1: 64 * 2**20,  # M_TRIM_THRESHOLD, bytes
}

_CGROUPS, _OWN_CGROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
# The files of a cgroup: its limit, what it uses, and the field of memory.stat with the part of
# that which the system gives back on demand. Version 2 first, then version 1.
_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


class TooLargeError(DuetError):
    """More memory is needed than there is; the message is one line for the user."""


def available_bytes(*, children: bool = False) -> float:
    """Return how much memory this process may hold in total, what it holds now included.

    That is what the machine, and the container if it runs in one, have left, but for a small part;
    at most RECSYS_MEMORY_GB.

    Args:
        children: whether the children's memory is also counted as its own, because they give it
            back first, as the training processes of a server do.

    Raises:
        DuetError: RECSYS_MEMORY_GB is not a number above 0.
    """
    free = min(float(psutil.virtual_memory().available), _free_in_cgroups())
    own = psutil.Process()
    held = sum(_held(one) for one in [own, *(own.children(recursive=True) if children else [])])
    return min(held + (1 - KEPT_FREE) * free, _most_allowed())


@contextlib.contextmanager
def hard_limit() -> Iterator[None]:
    """End this process if it holds more than what there is now, before the end of the block.

    Its exit code is then TOO_MUCH. Without a limit, the system would end some process of the
    machine, perhaps the server. What reserves far more at once gets a MemoryError, or an error of
    TensorFlow (on Linux).
    """
    limit = available_bytes()
    before = resource.getrlimit(resource.RLIMIT_DATA)
    # The system counts what is reserved; what is reserved and not held, such as the stacks of
    # threads, takes no memory.
    reserved = limit + _reserved_beyond_held() + RESERVED
    over = threading.Event()
    threading.Thread(target=_watch, args=(limit, over), name="duet-memory", daemon=True).start()
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (int(reserved), before[1]))
    try:
        yield
    finally:
        over.set()
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, before)


def _watch(limit: float, over: threading.Event) -> None:
    own = psutil.Process()
    while not over.wait(WATCH_SECONDS):
        if _held(own) > limit:
            os._exit(TOO_MUCH)  # a training deep in TensorFlow can be ended in no other way


def set_allocator() -> None:
    """Set how this process takes memory from the system, for trainings (glibc; else nothing).

    All threads share one arena. By default each has its own, and what is free in one is of no use
    to the others: a training of 10 or 25 million ratings held up to a tenth more.

    Arrays of up to 32 MB are not taken from the system one by one. By default glibc finds this out
    by itself, but not in a worker that Dask's own command has started: there, trainings took twice
    the processor's time.
    """
    if (option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        for number, value in ALLOCATOR.items():
            option(number, value)


def give_back() -> None:
    """Give memory that this process has freed back to the system (glibc; else nothing).

    After a training of 25 million ratings that is about a gigabyte.
    """
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def in_gb(n_bytes: float) -> str:
    """Return an amount of memory in words: `14 GB`, `0.7 GB`."""
    gigabytes = n_bytes / GB
    return f"{gigabytes:,.0f} GB" if gigabytes >= 10 else f"{gigabytes:.1f} GB"


def _most_allowed() -> float:
    text = os.environ.get(LIMIT)
    if not text:
        return float("inf")
    try:
        gigabytes = float(text)
    except ValueError:
        gigabytes = 0.0
    if not gigabytes > 0:
        raise DuetError(f"{LIMIT}={text[:40]!r}: must be a number above 0, such as 8")
    return gigabytes * GB


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended, or is not ours
        return 0


def _reserved_beyond_held() -> int:
    info = psutil.Process().memory_info()
    return max(0, int(getattr(info, "data", 0)) - int(info.rss))


def _free_in_cgroups() -> float:
    """Return what the process's cgroup, and those around it, have left; inf without a limit."""
    try:
        lines = _OWN_CGROUPS.read_text().splitlines()
    except OSError:
        return float("inf")
    free = float("inf")
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        root = _CGROUPS / controllers
        # In a container the path may be the host's, and the container's own files be at the root.
        folder = root / path.strip("/")
        for one in (folder, *folder.parents):
            free = min(free, _free_in_cgroup(one))
            if one == root:
                break
    return free


def _free_in_cgroup(folder: Path) -> float:
    for limit, used, reclaimable in _FILES:
        with contextlib.suppress(OSError, ValueError):
            most = float((folder / limit).read_text())  # "max": a ValueError
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            taken = float((folder / used).read_text()) - float(stat.get(reclaimable, 0))
            return max(0.0, most - taken)
    return float("inf")
