"""Read files of a folder that others may have filled: no link is followed, no pipe waited for."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

# The error numbers of a path that is not a regular file: a link, no file at all, a pipe whose other
# end is closed; and of a file that is too large.
NOT_REGULAR = (errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EFBIG)
MOST_IN_LINE = 4_000  # bytes


@contextlib.contextmanager
def open_regular(path: Path, most: int) -> Iterator[BufferedReader]:
    """Open a regular file of at most `most` bytes for reading.

    Raises:
        OSError: it is not there or cannot be read; or, with a number in NOT_REGULAR, it is a link,
            no regular file, or larger.
    """
    # Opening a pipe would wait for its other end.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EISDIR, "is not a regular file", str(path))
        if found.st_size > most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    except BaseException:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        yield file


def read_line(path: Path) -> str:
    """Return the stripped text of a small regular file; "" if there is none."""
    try:
        with open_regular(path, MOST_IN_LINE) as file:
            return file.read().decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""
