"""Searches in progress. Each has a thread that submits one trial after the other."""

import dataclasses
import logging
import threading
from dataclasses import dataclass
from typing import Any

from recsys.config import RunConfig
from recsys.data.tables import Dataset
from recsys.errors import DuetError
from recsys.jobs.board import Job, JobState
from recsys.jobs.queue import JobQueue
from recsys.memory import TooLargeError
from recsys.runs.store import RunStore
from recsys.tradeoff.search import Objectives, Trials

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25


@dataclass(frozen=True)
class Search:
    """The state of one search at one moment.

    Attributes:
        base: the settings it started from.
        objectives: the two metrics it optimises.
        trials: how many trials were requested.
        done: ids of its finished runs, in order.
        lost: trials that failed or were stopped.
        under_way: ids of its jobs that train or wait.
        stopping: whether a stop was requested.
        ended: whether it is over.
        problem: why it ended early, in one line; "" if it did not.
    """

    base: RunConfig
    objectives: Objectives
    trials: int
    done: tuple[str, ...] = ()
    lost: int = 0
    under_way: tuple[str, ...] = ()
    stopping: bool = False
    ended: bool = False
    problem: str = ""

    @property
    def begun(self) -> int:
        """How many trials were started."""
        return len(self.done) + self.lost + len(self.under_way)


class Searches:
    """The searches of a job queue, at most one for each base. Thread-safe.

    A search continues when no page is open.
    """

    def __init__(self, store: RunStore, queue: JobQueue) -> None:
        """Use a store and the queue that trains for it; no search is running yet."""
        self._store = store
        self._queue = queue
        self._runners: dict[RunConfig, _Runner] = {}
        self._lock = threading.Lock()

    def start(self, base: RunConfig, objectives: Objectives, trials: int, dataset: Dataset) -> None:
        """Start a search, unless one from these settings is under way.

        Args:
            base: the settings to search from.
            objectives: the two metrics to optimise.
            trials: how many runs to train.
            dataset: the data set of `base`.

        Raises:
            SearchError: there is no validation part to choose on.
        """
        with self._lock:
            known = self._runners.get(base)
            if known is not None and not known.search.ended:
                return
            search = Search(base, objectives, trials)
            runner = _Runner(self._store, self._queue, search, dataset)
            self._runners[base] = runner
        threading.Thread(target=runner.run, name="duet-search", daemon=True).start()

    def of(self, base: RunConfig) -> Search | None:
        """Return the last search from these settings; None if this server has not had one."""
        with self._lock:
            runner = self._runners.get(base)
        return runner.search if runner else None

    def active(self) -> list[Search]:
        """Return the searches that have not ended."""
        with self._lock:
            runners = list(self._runners.values())
        return [runner.search for runner in runners if not runner.search.ended]

    def stop(self, base: RunConfig) -> None:
        """Stop a search and its jobs, waiting or in training."""
        with self._lock:
            runner = self._runners.get(base)
        if runner is not None:
            runner.stop()

    def close(self) -> None:
        """End all searches; their jobs stay in the queue."""
        with self._lock:
            for runner in self._runners.values():
                runner.closing.set()


class _Runner:
    """One search. Only its own thread starts trials; any thread may stop it."""

    def __init__(self, store: RunStore, queue: JobQueue, search: Search, dataset: Dataset) -> None:
        self.search = search
        self._dataset = dataset
        self.closing = threading.Event()
        self._store = store
        self._queue = queue
        self._trials = Trials(search.base, search.objectives, dataset.fingerprint)
        self._configs: dict[str, RunConfig] = {}  # of the jobs under way, by job id
        self._lock = threading.Lock()

    def run(self) -> None:
        """Search until all trials are done or the search is stopped."""
        problem = ""
        try:
            while not self.closing.is_set():
                self._collect()
                if self._full():
                    if not self._configs:
                        break
                    self.closing.wait(TICK_SECONDS)
                else:
                    self._begin()
        except DuetError as error:
            problem = str(error)
        except Exception as error:  # the page shows it: an error in a thread is not seen
            logger.exception("a search failed")
            problem = " ".join(f"{type(error).__name__}: {error}".split())
        self._change(ended=True, problem=problem)

    def stop(self) -> None:
        with self._lock:
            self.search = dataclasses.replace(self.search, stopping=True)
            under_way = list(self._configs)
        for job_id in reversed(under_way):
            self._queue.stop(job_id)

    def _full(self) -> bool:
        """Return whether no further trial may start now."""
        search = self.search
        busy = len(self._configs) >= max(1, self._queue.workers)
        return search.stopping or search.begun >= search.trials or busy

    def _begin(self) -> None:
        config = self._trials.next_config(self._store.list(), list(self._configs.values()))
        with self._lock:  # a stop either finds the job, or comes before it is submitted
            if self.search.stopping:
                return
            try:
                self._configs[self._submit(config)] = config
                self.search = dataclasses.replace(self.search, under_way=tuple(self._configs))
                return
            except TooLargeError as error:
                problem = str(error)
        self._change(lost=self.search.lost + 1)
        self._trials.failed(config, problem)

    def _submit(self, config: RunConfig) -> str:
        return self._queue.submit(config, self._dataset, asked_by="search")

    def _collect(self) -> None:
        """Record the trials that have ended. A single failure does not end the search.

        Raises:
            SearchError: several failed in a row.
        """
        for job_id in list(self._configs):
            job = self._queue.job(job_id)
            if job is not None and not job.state.done:
                continue
            config = self._configs.pop(job_id)
            result = job.result if job is not None else job_id
            if result is not None and result in self._store and not _was_stopped(job):
                self._trials.succeeded()
                self._change(done=(*self.search.done, result))
                continue
            self._change(lost=self.search.lost + 1)
            if job is not None and job.state is JobState.FAILED:
                self._trials.failed(config, str(job.error))
            else:  # stopped, or its run has already been deleted
                self._trials.stopped(config)

    def _change(self, **changes: Any) -> None:
        with self._lock:
            self.search = dataclasses.replace(
                self.search, under_way=tuple(self._configs), **changes
            )


def _was_stopped(job: Job | None) -> bool:
    return job is not None and job.state is JobState.STOPPED
