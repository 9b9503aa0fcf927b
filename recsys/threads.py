"""Work on arrays in several threads: NumPy computes outside Python's lock."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")

_lock = threading.Lock()
_working = 0  # how many calls of `in_threads` are at work
_limits: threadpool_limits | None = None


def in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `function` of each item, in their order, computed in a thread for each processor.

    Each thread has its matrix products to itself, without threads of BLAS. What `function` raises
    is raised.
    """
    threads = min(os.cpu_count() or 1, len(items))
    if threads < 2:
        return [function(item) for item in items]
    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last of those who asked for it has ended.

    The limit is the whole process's. Were each to set it and to undo it, one that begins during
    another would take the limit for what was there before, and leave it behind.
    """
    global _working, _limits
    with _lock:
        if not _working:
            _limits = threadpool_limits(1, user_api="blas")
        _working += 1
    try:
        yield
    finally:
        with _lock:
            _working -= 1
            if not _working and _limits is not None:
                _limits.restore_original_limits()
                _limits = None
