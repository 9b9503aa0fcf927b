"""Training jobs: submitted here, trained in a Dask worker; identical requests share one."""

import atexit
import contextlib
import logging
import os
import threading
from enum import StrEnum
from pathlib import Path

from recsys.config import RunConfig
from recsys.config import run_id as make_run_id
from recsys.data.tables import Dataset
from recsys.jobs.board import Job, JobBoard, JobState
from recsys.jobs.calls import Call, CallBoard, CallRequest
from recsys.jobs.cluster.ahead import Expected
from recsys.jobs.cluster.dispatcher import TRAIN, Dispatcher
from recsys.jobs.cluster.ending import Task
from recsys.jobs.journal import Accepted, Journal
from recsys.memory import available_bytes
from recsys.model.memory import Sizes, needed_bytes, refuse_too_large
from recsys.runs.files import RunError
from recsys.runs.store import RunStore

logger = logging.getLogger(__name__)

LARGE_BYTES = 1e9  # of memory: a job that needs more is not trained beside others
WATCH_SECONDS = 10.0  # between two looks for servers that have died


class WorkerState(StrEnum):
    """What the training process is doing."""

    STARTING = "starting"  # imports TensorFlow
    READY = "ready"
    BUSY = "busy"
    LOST = "lost"  # JobQueue.problem says why


class JobQueue:
    """The jobs of one run store and the cluster that trains them. Thread-safe."""

    def __init__(
        self,
        store: RunStore,
        address: str | None = None,
        *,
        train: str = TRAIN,
        n_workers: int = 1,
        journal: Path | None = None,
    ) -> None:
        """Start the cluster in the background.

        Args:
            store: where the runs are saved.
            address: of a Dask scheduler. The default is RECSYS_SCHEDULER. If that is not set
                either, a scheduler and workers are started as child processes.
            train: `module:function`, with the signature of `run_experiment`.
            n_workers: how many jobs the embedded cluster trains at the same time, where the memory
                allows it. It starts with one worker, and starts the others when jobs wait, or
                after some seconds without a job.
            journal: the folder in which accepted jobs are kept until they have ended, so that a
                queue that comes later goes on with them. None: they are lost with this queue.
        """
        self._store = store
        address = address or os.environ.get("RECSYS_SCHEDULER") or None
        self._trains_here = address is None  # workers elsewhere have other memory
        self._journal = _open_journal(journal)
        self._board = JobBoard(self._ended)
        self._calls = CallBoard()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._dispatcher = Dispatcher(self._board, self._calls, store, address, train, n_workers)
        atexit.register(self._close_at_exit)
        if self._journal is not None:
            self._resume()
            threading.Thread(target=self._watch_others, name="duet-journal", daemon=True).start()

    def submit(self, config: RunConfig, dataset: Dataset, asked_by: str = "") -> str:
        """Request a run and return its id, under which `job` shows its progress.

        Identical requests share one training. A run that is in the store is finished at once. If
        the request cannot be kept, e.g. because the disk is full, the job fails at once.

        Args:
            config: the settings of the run.
            dataset: the data set that `config.data` names.
            asked_by: who asks. Those who ask take turns, so that nobody's many runs hold up
                another's single one.

        Raises:
            TooLargeError: the run needs more memory than this machine has.
        """
        run_id = make_run_id(config, dataset.fingerprint)
        if self._trains_here and run_id not in self._store:
            refuse_too_large(config, Sizes.of(dataset), available_bytes(children=True))
        self._accept(Accepted(run_id, config, dataset.fingerprint, asked_by), dataset)
        return run_id

    def expect(self, config: RunConfig, dataset: Dataset) -> None:
        """Let workers that have nothing to do prepare a training that is likely to be asked for.

        They do the same for the last job. Large trainings are not prepared.
        """
        if not _is_large(config, dataset):
            self._dispatcher.expect(Expected(config, dataset.fingerprint))

    def hold_back(self) -> None:
        """Let workers that have nothing to do prepare nothing for some seconds.

        A page is being opened: it needs the processor.
        """
        self._dispatcher.hold_back()

    def job(self, run_id: str) -> Job | None:
        """Return the present state of a job; None if this queue does not know it."""
        return self._board.get(run_id)

    def jobs(self) -> list[Job]:
        """Return all jobs, newest first."""
        return self._board.all()

    def is_elsewhere(self, run_id: str) -> bool:
        """Return whether another server on the same home has this job and goes on with it."""
        here = self._board.get(run_id)
        return here is None and self._journal is not None and self._journal.holds(run_id)

    def stop(self, run_id: str) -> None:
        """Stop a job.

        A job that has trained at least one epoch ends after the current batch, and is saved as a
        stopped run. An earlier one is stopped at once and leaves no run; its worker takes the next
        job after the current batch.
        """
        number = self._board.ask_to_stop(run_id)
        waits = self._board.state(number) is JobState.WAITING
        if not self._board.has_records(number):
            self._board.update(number, state=JobState.STOPPED, phase="")
        self._dispatcher.stop(number, waits)
        if number:
            self._ended(number, run_id)  # a later server must not go on with it

    def compute(self, request: CallRequest) -> None:
        """Have something computed by a worker; requests with the same key share one call."""
        if self._calls.add(request.key):
            self._dispatcher.call(request)

    def call(self, key: str) -> Call | None:
        """Return the present state of a call; None if this queue does not know it."""
        return self._calls.get(key)

    def stop_call(self, key: str) -> None:
        """Stop a call: it has no result."""
        self._dispatcher.stop_call(key)

    def worker(self) -> WorkerState:
        """Return what the training process is doing."""
        if self._dispatcher.problem is not None:
            return WorkerState.LOST
        if self._board.any_running() or self._dispatcher.stopping:
            return WorkerState.BUSY
        return WorkerState.READY if self._dispatcher.workers else WorkerState.STARTING

    @property
    def workers(self) -> int:
        """How many workers are ready; 0 while they are starting."""
        return self._dispatcher.workers

    @property
    def problem(self) -> str | None:
        """Why the worker is lost, in one line."""
        return self._dispatcher.problem

    def close(self) -> None:
        """End the training processes. Without a journal, unfinished jobs are lost."""
        atexit.unregister(self._close_at_exit)
        self._closed.set()
        self._dispatcher.close()
        if self._journal is not None:
            self._journal.close()

    def _accept(self, job: Accepted, dataset: Dataset | None, *, resumed: bool = False) -> None:
        with self._lock:
            known = self._board.get(job.run_id)
            if known is not None and not known.state.done and not known.stopping:
                return
            number = self._board.add(job.run_id, job.config, asked_by=job.asked_by, resumed=resumed)
        if self._finish_stored(number, job.run_id):
            return
        try:
            if self._journal is not None:
                self._journal.add(number, job)
        except OSError as error:
            problem = f"the request cannot be kept on the disk ({error.strerror})"
            self._board.update(number, state=JobState.FAILED, error=problem)
            if resumed:
                raise  # the dead server's journal must keep it
            return
        task = Task(number, job.run_id, job.config, job.fingerprint, dataset)
        task.large = dataset is None or _is_large(job.config, dataset)
        self._dispatcher.send(task)

    def _ended(self, number: int, run_id: str) -> None:
        if self._journal is not None:
            self._journal.remove(number, run_id)

    def _resume(self) -> None:
        """Go on with the jobs of servers that have died."""
        assert self._journal is not None
        with contextlib.suppress(OSError):  # a full disk: once more, after WATCH_SECONDS
            for job in self._journal.abandoned():
                self._accept(job, None, resumed=True)

    def _watch_others(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            self._resume()

    def _close_at_exit(self) -> None:
        # Dask would report every unfinished job to a thread pool that Python has already ended,
        # and print a traceback for each.
        logging.getLogger("tornado.application").disabled = True
        self.close()

    def _finish_stored(self, number: int, run_id: str) -> bool:
        """Finish a job with the run that is in the store; return whether there is one."""
        try:
            run = self._store.load(run_id)
        except RunError:
            return False  # not there, or damaged: it is trained
        self._board.finish(number, run)
        return True


def _is_large(config: RunConfig, dataset: Dataset) -> bool:
    return needed_bytes(config, Sizes.of(dataset)) > LARGE_BYTES


def _open_journal(folder: Path | None) -> Journal | None:
    """Return a journal; None where the disk cannot be written: then trainings fail anyway."""
    try:
        return None if folder is None else Journal(folder)
    except OSError:
        logger.warning("accepted jobs cannot be kept in %s", folder, exc_info=True)
        return None
