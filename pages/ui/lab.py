"""What a server keeps for each lab as long as it runs: the job queue and its searches.

They are not in Streamlit's cache, because any browser can clear it and would end the trainings. An
imported module lives as long as the server.
"""

import atexit
import gc
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from pages.ui import cache, state
from recsys.atomic import remove_leftovers
from recsys.config import RunConfig
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.home import data_folder, jobs_folder
from recsys.jobs.board import Job
from recsys.jobs.calls import CallRequest
from recsys.jobs.queue import JobQueue
from recsys.tradeoff.searches import Searches

logger = logging.getLogger(__name__)

# Trainings at the same time. One keeps a processor and a half busy.
MOST_WORKERS = 2
WAIT_SECONDS = 300.0  # for a worker that is training
LOOK_SECONDS = 0.1

_lock = threading.Lock()
_queues: dict[Path, JobQueue] = {}  # by the folder of the runs
_searches: dict[Path, Searches] = {}
_action_lock = threading.Lock()  # another one: an action may need the queue
_done: set[Hashable] = set()


def jobs() -> JobQueue:
    """Return the job queue of this lab. The first call starts its worker in the background."""
    store = cache.store()
    with _lock:
        if store.folder not in _queues:
            remove_leftovers(data_folder())
            _queues[store.folder] = JobQueue(
                store, n_workers=min(MOST_WORKERS, os.cpu_count() or 1), journal=jobs_folder()
            )
        return _queues[store.folder]


def submit(config: RunConfig, dataset: Dataset) -> str:
    """Request a run for whoever has this page open, and return its id; see `JobQueue.submit`."""
    return jobs().submit(config, dataset, asked_by=state.page_id())


def is_own(job: Job) -> bool:
    """Return whether whoever has this page open has asked for a job."""
    return job.asked_by == state.page_id()


def start() -> None:
    """Start the job queue with the server: accepted jobs go on though nobody opens a page."""
    try:
        jobs()
    except (OSError, DuetError):  # a page says why
        logger.warning("the job queue does not start with the server", exc_info=True)


def computed(function: str, *arguments: Any) -> Any:
    """Return what a function returns in a worker; wait for it. For a download, not for a page.

    Args:
        function: `module:function`, see `recsys.jobs.calls.CallRequest`.
        arguments: its arguments.

    Raises:
        DuetError: it failed, or no worker was free for WAIT_SECONDS.
    """
    queue, key = jobs(), uuid.uuid4().hex
    results: list[Any] = []
    queue.compute(CallRequest(key, function, arguments, results.append))
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        call = queue.call(key)
        if call is None or call.done:
            break
        time.sleep(LOOK_SECONDS)
    else:
        queue.stop_call(key)
        raise DuetError("the worker is busy; try again when the trainings have ended")
    if not results:
        raise DuetError(f"the worker could not do it: {call.error if call else 'it was lost'}")
    return results[0]


def searches() -> Searches:
    """Return the searches of this lab. They continue when the user leaves the page."""
    store, queue = cache.store(), jobs()
    with _lock:
        if store.folder not in _searches:
            _searches[store.folder] = Searches(store, queue)
            atexit.register(_searches[store.folder].close)
        return _searches[store.folder]


def once(key: Hashable, action: Callable[[], object]) -> None:
    """Run an action unless one with this key has succeeded on this server."""
    with _action_lock:
        if key not in _done:
            action()
            _done.add(key)


def close() -> None:
    """End the searches and the training processes of this server; jobs stay on the disk."""
    with _lock:
        for search in _searches.values():
            search.close()
        for queue in _queues.values():
            queue.close()


def leave_out_of_garbage_collection() -> None:
    """Let the garbage collection pass over the modules, once for each server.

    Streamlit collects after every run of a script. Looking through all that Python has loaded would
    take 0.1 to 0.2 s each time, in which no answer is sent.
    """
    once("garbage", _freeze)


def _freeze() -> None:
    gc.collect()
    gc.freeze()
