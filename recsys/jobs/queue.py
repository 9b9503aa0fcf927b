"""Training jobs: submitted here, trained in a Dask worker; identical requests share one."""

import atexit
import logging
import os
import threading
from enum import StrEnum

from recsys.config import RunConfig
from recsys.config import run_id as make_run_id
from recsys.data.tables import Dataset
from recsys.jobs.board import Job, JobBoard
from recsys.jobs.calls import Call, CallBoard, CallRequest
from recsys.jobs.cluster.dispatcher import TRAIN, Dispatcher, Task
from recsys.runs.files import RunError
from recsys.runs.store import RunStore


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
    ) -> None:
        """Start the cluster in the background.

        Args:
            store: where the runs are saved.
            address: of a Dask scheduler. The default is RECSYS_SCHEDULER. If that is not set
                either, a scheduler and workers are started as child processes.
            train: `module:function`, with the signature of `run_experiment`.
            n_workers: how many jobs the embedded cluster trains at the same time.
        """
        self._store = store
        address = address or os.environ.get("RECSYS_SCHEDULER") or None
        self._board = JobBoard()
        self._calls = CallBoard()
        self._lock = threading.Lock()
        self._dispatcher = Dispatcher(self._board, self._calls, store, address, train, n_workers)
        atexit.register(self._close_at_exit)

    def submit(self, config: RunConfig, dataset: Dataset) -> str:
        """Request a run and return its id, under which `job` shows its progress.

        Identical requests share one training. A run that is in the store is finished at once.

        Args:
            config: the settings of the run.
            dataset: the data set that `config.data` names.
        """
        run_id = make_run_id(config, dataset.fingerprint)
        with self._lock:
            known = self._board.get(run_id)
            if known is not None and not known.state.done and not known.stopping:
                return run_id
            number = self._board.add(run_id, config)
        if not self._finish_stored(number, run_id):
            self._dispatcher.send(Task(number, run_id, config, dataset))
        return run_id

    def job(self, run_id: str) -> Job | None:
        """Return the present state of a job; None if this queue does not know it."""
        return self._board.get(run_id)

    def jobs(self) -> list[Job]:
        """Return all jobs, newest first."""
        return self._board.all()

    def stop(self, run_id: str) -> None:
        """Stop a job.

        A job that is training ends after the current batch and is saved as a stopped run. A job
        that waits is removed from the queue and leaves no run.
        """
        self._dispatcher.stop(self._board.ask_to_stop(run_id))

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
        if self._board.any_running():
            return WorkerState.BUSY
        return WorkerState.READY if self._dispatcher.workers else WorkerState.STARTING

    @property
    def workers(self) -> int:
        """How many jobs can train at the same time; 0 while the workers are starting."""
        return self._dispatcher.workers

    @property
    def problem(self) -> str | None:
        """Why the worker is lost, in one line."""
        return self._dispatcher.problem

    def close(self) -> None:
        """End the training processes. Unfinished jobs are lost."""
        atexit.unregister(self._close_at_exit)
        self._dispatcher.close()

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
