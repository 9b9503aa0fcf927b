"""What an example of hostile input did: its time, its memory, and the files that it touched."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

DEADLINE_SECONDS = 60  # after which an example hangs
# Events of Python's own about files, and which of their arguments are paths.
EVENTS = {
    "open": (0,),
    "os.listdir": (0,),
    "os.scandir": (0,),
    "os.mkdir": (0,),
    "os.rename": (0, 1),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.link": (0, 1),
    "os.truncate": (0,),
    "os.chmod": (0,),
}
FOLLOW_LINKS = ("open", "os.listdir", "os.scandir", "os.truncate", "os.chmod")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Seen:
    """What all examples did.

    Attributes:
        examples: how many there were.
        seconds: the longest time of one.
        megabytes: the most memory that one took.
        touched: paths that none may read or write, as far as they were.
    """

    examples: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    touched: set[str] = field(default_factory=set)

    @property
    def figure(self) -> str:
        return (
            f"{self.examples:,} examples, 0 tracebacks, at most {self.seconds:.1f} s and "
            f"{self.megabytes:.0f} MB, {len(self.touched)} paths outside the home folder"
        )


class _Guard:
    """Notes forbidden paths while it is switched on. An audit hook cannot be removed."""

    def __init__(self) -> None:
        self.seen: Seen | None = None
        self.forbidden = self.writable = ""
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.seen is None or event not in EVENTS:
            return
        seen, self.seen = self.seen, None  # what follows reads files itself
        try:
            for place in EVENTS[event]:
                path = arguments[place]
                if isinstance(path, str | bytes | os.PathLike):
                    self._check(event, os.fsdecode(path), arguments, seen)
        finally:
            self.seen = seen

    def _check(self, event: str, path: str, arguments: tuple[Any, ...], seen: Seen) -> None:
        flags = arguments[2] if event == "open" and isinstance(arguments[2], int) else 0
        if "\0" in path:
            return
        if event in FOLLOW_LINKS and not flags & os.O_NOFOLLOW:
            real = os.path.realpath(path)
        else:
            folder, name = os.path.split(path)
            real = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
        writes = event != "open" or flags & WRITING
        writes = writes and event not in ("os.listdir", "os.scandir")
        foreign = writes and not real.startswith((self.writable, "/dev/null"))
        if real.startswith(self.forbidden) or foreign:
            seen.touched.add(f"{event} {real}")


_guard: _Guard | None = None


@contextmanager
def watched(seen: Seen, forbidden: Path, writable: Path) -> Iterator[None]:
    """Watch one example.

    Args:
        seen: is updated.
        forbidden: nothing in this folder may be read.
        writable: nothing outside this folder may be written.
    """
    global _guard
    _guard = _guard or _Guard()
    _guard.forbidden, _guard.writable = str(forbidden.resolve()), str(writable.resolve())
    before, start = _reset_peak(), time.perf_counter()

    def hangs(*_: object) -> None:
        raise AssertionError(f"still busy after {DEADLINE_SECONDS} s")

    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(DEADLINE_SECONDS)
    _guard.seen = seen
    try:
        yield
    finally:
        _guard.seen = None
        signal.alarm(0)
        seen.examples += 1
        seen.seconds = max(seen.seconds, time.perf_counter() - start)
        seen.megabytes = max(seen.megabytes, (_peak() - before) / 1e6)


def _reset_peak() -> int:
    """Let the kernel count the peak anew, where it can, and return what is held now, in bytes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return int(psutil.Process().memory_info().rss)


def _peak() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return int(psutil.Process().memory_info().rss)
    line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
