"""Training jobs: submitted here, trained in a Dask worker, shared by everyone who asks alike."""

import atexit
import hashlib
import logging
import os
import queue
import threading
from enum import StrEnum

from recsys.cluster.dispatcher import TRAIN, Dispatcher, Task
from recsys.config import RunConfig
from recsys.config import run_id as make_run_id
from recsys.data.library import load_dataset
from recsys.data.tables import DataError
from recsys.jobboard import Job, JobBoard, JobState
from recsys.runs import RunError, RunStore

__all__ = ["Job", "JobQueue", "JobState", "WorkerState"]

logger = logging.getLogger(__name__)

ID_SECONDS = 2.0  # how long `submit` waits to learn the id of a run whose data it does not know


class WorkerState(StrEnum):
    """What the training process is doing."""

    STARTING = "starting"  # imports TensorFlow
    READY = "ready"
    BUSY = "busy"
    LOST = "lost"  # JobQueue.problem says why


class JobQueue:
    """Jobs and the cluster that trains them. Safe to share between threads."""

    def __init__(
        self,
        store: RunStore,
        address: str | None = None,
        *,
        train: str = TRAIN,
        n_workers: int = 1,
    ) -> None:
        """Start the cluster in the background.

        Args:
            store: takes the runs.
            address: of a Dask scheduler; by default RECSYS_SCHEDULER, and if that is not set,
                a scheduler and workers are started as child processes.
            train: `module:function`, with the signature of `run_experiment`.
            n_workers: how many jobs an embedded cluster trains at once.
        """
        self._store = store
        self._address = address or os.environ.get("RECSYS_SCHEDULER") or None
        self._board = JobBoard()
        self._fingerprints: dict[str, str] = {}  # of data sets, by name
        self._lock = threading.Lock()
        self._loads: queue.SimpleQueue[tuple[int, RunConfig, threading.Event] | None]
        self._loads = queue.SimpleQueue()
        self._dispatcher = Dispatcher(self._board, store, self._address, train, n_workers)
        threading.Thread(target=self._load_all, name="duet-data", daemon=True).start()
        atexit.register(self._close_at_exit)

    def submit(self, config: RunConfig) -> str:
        """Ask for a run and return its id, under which `job` shows how it goes.

        Equal requests share one training, and a run that is in the store is finished at once.
        While the data set still has to be fetched, the id is a provisional one; `job` finds the
        job under it also later.
        """
        with self._lock:
            active = self._board.active(config)
            if active is not None:
                return active.run_id
            fingerprint = self._fingerprints.get(config.data)
            if fingerprint is None:
                digest = hashlib.sha256(config.canonical().encode()).hexdigest()
                run_id = f"pending-{digest[:12]}"
            else:
                run_id = make_run_id(config, fingerprint)
            number = self._board.add(run_id, config)
        if fingerprint is not None and self._stored(number, run_id):
            return run_id
        if fingerprint is not None and self._address is None:
            self._dispatcher.send(Task(number, run_id, config, fingerprint))
            return run_id
        known = threading.Event()
        self._loads.put((number, config, known))
        known.wait(ID_SECONDS if fingerprint is None else 0)
        job = self._board.get(run_id)
        return job.run_id if job else run_id

    def job(self, run_id: str) -> Job | None:
        """Return how a job is going; None if it was not submitted since this queue was started."""
        return self._board.get(run_id)

    def jobs(self) -> list[Job]:
        """Return all jobs, newest first."""
        return self._board.all()

    def stop(self, run_id: str) -> None:
        """Stop a job within a second.

        If it is training, what it has learnt is kept as a stopped run; if it is still waiting,
        it is just removed from the queue.
        """
        self._dispatcher.stop(self._board.ask_to_stop(run_id))

    def worker(self) -> WorkerState:
        """Return what the training process is doing."""
        if self._dispatcher.problem is not None:
            return WorkerState.LOST
        if self._board.any_running():
            return WorkerState.BUSY
        return WorkerState.READY if self._dispatcher.workers else WorkerState.STARTING

    @property
    def workers(self) -> int:
        """How many jobs can train at once; 0 while the workers are starting."""
        return self._dispatcher.workers

    @property
    def problem(self) -> str | None:
        """Why the worker is lost, in one line."""
        return self._dispatcher.problem

    def close(self) -> None:
        """End the training processes. Jobs that are not done are lost."""
        atexit.unregister(self._close_at_exit)
        self._loads.put(None)
        self._dispatcher.close()

    def _close_at_exit(self) -> None:
        # Dask would tell of every unfinished job to a thread pool that Python has already ended,
        # and print a traceback for each.
        logging.getLogger("tornado.application").disabled = True
        self.close()

    def _stored(self, number: int, run_id: str) -> bool:
        try:
            run = self._store.load(run_id)
        except RunError:
            return False  # not there, or damaged: it is trained
        self._board.finish(number, run)
        return True

    def _load_all(self) -> None:
        while (item := self._loads.get()) is not None:
            number, config, known = item
            try:
                self._load(number, config, known)
            except DataError as error:
                self._board.update(number, state=JobState.FAILED, phase="", error=str(error))
            except Exception as error:  # the thread must live on, or every later job would hang
                logger.exception("loading the data set %s failed", config.data)
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                self._board.update(number, state=JobState.FAILED, phase="", error=reason)
            known.set()

    def _load(self, number: int, config: RunConfig, known: threading.Event) -> None:
        def show(progress: str) -> None:
            self._board.update(number, phase=progress)

        dataset = load_dataset(config.data, progress=show)
        run_id = make_run_id(config, dataset.fingerprint)
        with self._lock:
            self._fingerprints[config.data] = dataset.fingerprint
            self._board.rename(number, run_id)
        self._board.update(number, phase="")
        known.set()
        if self._stored(number, run_id):
            return
        data = None
        if self._address is not None:
            from recsys.cluster.task import pack_dataset

            data = pack_dataset(dataset)
        self._dispatcher.send(Task(number, run_id, config, dataset.fingerprint, data))
