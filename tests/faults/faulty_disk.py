"""A disk on which the n-th write, fsync, rename or other change fails, or kills the process."""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

# What changes the disk. Deleting is left out: a full disk still deletes.
CHANGES = ("mkdir", "rename", "replace", "fsync", "posix_fallocate")
# What fails on a full disk.
TAKES_ROOM = ("mkdir", "fsync", "posix_fallocate", "open", "write")


class Fault(StrEnum):
    """What happens at the n-th change."""

    BROKEN = "the change fails"
    FULL = "the disk is full from then on"
    KILLED = "the process is killed"


class FaultyDisk:
    """Counts the changes of files below a folder, and lets one of them fail."""

    def __init__(self, root: Path, fault: Fault, n: int) -> None:
        self.root = str(root)
        self.fault = fault
        self.n = n
        self.changes = 0

    @property
    def has_failed(self) -> bool:
        return self.changes >= self.n

    def change(self, kind: str) -> None:
        """Count a change; the n-th one fails, and on a full disk all after it."""
        self.changes += 1
        if self.changes < self.n or (self.changes > self.n and self.fault is not Fault.FULL):
            return
        if self.fault is Fault.KILLED:
            os._exit(9)
        if self.fault is Fault.BROKEN:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if kind in TAKES_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def holds(self, path: object) -> bool:
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self.root)

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Replace the functions that change files until the end of the block."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CHANGES:
                patch.setattr(os, name, self._counted(name, getattr(os, name)))
            patch.setattr(os, "open", self._os_open(os.open))
            opened = self._open(io.open)
            patch.setattr(io, "open", opened)
            patch.setattr(builtins, "open", opened)
            yield

    def _counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def changed(where: Any, *arguments: Any, **options: Any) -> Any:
            if isinstance(where, int) or self.holds(where):
                self.change(name)
            return real(where, *arguments, **options)

        return changed

    def _os_open(self, real: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
            if flags & os.O_CREAT and self.holds(path):
                self.change("open")
            return real(path, flags, *arguments, **options)

        return opened

    def _open(self, real: Callable[..., Any]) -> Callable[..., Any]:
        disk = self

        class Raw(io.FileIO):
            def write(self, content: Any) -> int:
                try:
                    disk.change("write")
                except OSError:
                    super().write(memoryview(content)[: len(content) // 2])
                    raise
                return super().write(content)

        def opened(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
            if not (set(mode) & set("wxa") and disk.holds(file)):
                return real(file, mode, *arguments, **options)
            disk.change("open")
            buffered = io.BufferedWriter(Raw(file, mode.replace("b", "").replace("t", "")))
            if "b" in mode:
                return buffered
            return io.TextIOWrapper(buffered, encoding=options.get("encoding") or "utf-8")

        return opened
