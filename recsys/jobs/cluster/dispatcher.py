"""The thread that talks to the cluster: it sends jobs, stops them and collects their runs.

What becomes of a job in each case, also in each failure, is decided in `ending.py`.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from recsys.data.library import load_dataset
from recsys.data.tables import DataError
from recsys.jobs.board import JobBoard, JobState
from recsys.jobs.calls import CallBoard, CallRequest
from recsys.jobs.cluster import ending
from recsys.jobs.cluster.address import ClusterError, UnreachableError, WorkerStartError
from recsys.jobs.cluster.ahead import Ahead, Expected
from recsys.jobs.cluster.calling import Calling
from recsys.jobs.cluster.connection import RPC_SECONDS, Connection, Report
from recsys.jobs.cluster.ending import Again, Ending, Failed, Finished, Stopped, Task
from recsys.jobs.cluster.version import code_version
from recsys.runs.files import RunError
from recsys.runs.store import RunStore

logger = logging.getLogger(__name__)

TRAIN = "recsys.experiment:run_experiment"
# What prepares a worker for the trainings of a function, see `recsys.experiment.prepare`.
PREPARE = {TRAIN: "recsys.experiment:prepare"}
# Modules that a worker imports before its first job; the first one takes seconds (TensorFlow).
TRAIN_MODULES = ("recsys.model.warm", "recsys.experiment")

TICK_SECONDS = 0.5  # between two checks of the cluster
STARTING_TICK_SECONDS = 0.1  # the same, while there is no worker
IDLE_SECONDS = 5.0  # without a job, after which the workers for the next sweep are started
RETRY_SECONDS = 10.0  # between attempts to connect
RESULT_SECONDS = 120.0
STOP_SECONDS = 9.0  # in which a worker reacts to a stop; one batch may take some seconds
CLOSE_SECONDS = 1.0


class Dispatcher:
    """Runs tasks on a cluster and keeps a board up to date."""

    def __init__(
        self,
        board: JobBoard,
        calls: CallBoard,
        store: RunStore,
        address: str | None,
        train: str,
        n_workers: int,
    ) -> None:
        """Start the thread, which starts the cluster; most arguments are those of JobQueue.

        Args:
            board: the jobs that people asked for.
            calls: what pages have a worker compute.
            store: where runs are stored.
            address: of a cluster; None: start one here.
            train: `module:function` that trains a run.
            n_workers: of the cluster that is started here.
        """
        self.problem: str | None = None  # why there is no worker, in one line
        self.workers = 0  # ready for jobs
        self._board = board
        self._calls = calls
        self._store = store
        self._address = address
        self._train = train
        self._n_workers = n_workers
        self._connection: Connection | None = None
        self._is_open = False
        self._waiting: dict[int, Task] = {}  # not sent yet, by number
        self._tasks: dict[str, Task] = {}  # sent, by key
        self._sent: Counter[str] = Counter()  # tasks so far, by run id
        self._packed: tuple[str, dict[str, bytes]] = ("", {})  # the last one, with its fingerprint
        self._retry_at = 0.0
        self._lost_at = -RETRY_SECONDS
        self._checked_at = 0.0
        self._busy_at = time.monotonic()  # when there was last something to do
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._calling = Calling(calls, self._commands.put)
        self._ahead = Ahead()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="duet-jobs", daemon=True)
        self._thread.start()

    @property
    def stopping(self) -> bool:
        """Whether a worker still has a job that was stopped."""
        return any(task.stopping for task in list(self._tasks.values()))

    def send(self, task: Task) -> None:
        """Train a run as soon as a worker is free and it is its turn."""
        self._commands.put(partial(self._add, task))

    def stop(self, number: int, waits: bool) -> None:
        """Stop a job; `waits`: no worker has it yet. One that has learnt something is saved."""
        self._commands.put(partial(self._stop, number, waits))

    def call(self, request: CallRequest) -> None:
        """Compute something as soon as a worker is free, before the jobs that wait."""
        self._commands.put(partial(self._call, request))

    def stop_call(self, key: str) -> None:
        """Stop a call."""
        self._commands.put(partial(self._calling.stop, key))

    def expect(self, expected: Expected) -> None:
        """Have idle workers prepare a training that is likely to be asked for."""
        self._commands.put(lambda: setattr(self._ahead, "usual", expected))

    def hold_back(self) -> None:
        """Let idle workers do nothing for some seconds: a page is being opened."""
        self._commands.put(self._leave_workers)

    def close(self) -> None:
        """End the embedded cluster, or disconnect from another one, without waiting for jobs."""
        self._closed.set()
        self._commands.put(lambda: None)
        self._thread.join(CLOSE_SECONDS)
        if connection := self._connection:  # the thread is still trying to connect
            connection.kill()

    # Everything below runs in the thread.

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                if not self._is_open and time.monotonic() >= self._retry_at:
                    self._open()
                self._next_command()
                if self._is_open and not self._closed.is_set():
                    self._check_cluster()
                    self._send_next()
            except WorkerStartError as error:
                self._lose(str(error), again=False)
            except UnreachableError as error:
                self._lose(str(error), wait=self._address is not None)
            except ClusterError as error:
                self._lose(str(error))
            except OSError:  # also TimeoutError and Dask's CommClosedError
                logger.info("the connection to the Dask scheduler is lost", exc_info=True)
                problem = "the connection to the Dask scheduler is lost"
                self._lose(problem, wait=self._address is not None)
            except Exception as error:  # the thread must live on, or every later job would hang
                if self._closed.is_set():
                    break  # close() has ended the processes
                logger.exception("the job queue failed")
                self._lose(f"{type(error).__name__}: {error}")
        self._leave()

    def _next_command(self) -> None:
        try:
            command = self._commands.get(timeout=self._tick())
        except queue.Empty:
            return
        command()

    def _open(self) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        modules = TRAIN_MODULES if self._train == TRAIN else (self._train.partition(":")[0],)
        self._connection = Connection(self._address, self._n_workers, modules)
        self._connection.open(self._report)
        self._is_open = True
        self._calling.open(self._connection)

    def _report(self, message: Report) -> None:
        board = self._calls if "call" in message else self._board
        board.report(message)

    def _check_cluster(self) -> None:
        assert self._connection is not None
        now = time.monotonic()
        if now < self._checked_at + self._tick():
            return
        self._checked_at = now
        self._end_deaf_workers(self._connection, now)
        self.workers = self._connection.workers()
        if self.workers:
            self.problem = None
            return
        if self._address is not None:
            self.problem = f"the cluster at {self._address} has no workers"
        for task in self._tasks.values():
            self._board.requeue(task.number)

    def _end_deaf_workers(self, connection: Connection, now: float) -> None:
        """Kill each worker that has not reacted to a stop: the next job waits for it."""
        deaf = [t for t in self._tasks.values() if t.stopping and now - t.stopping > STOP_SECONDS]
        for task in deaf:
            if not connection.end_worker_of(task.key):
                continue
            self._forget(task)
            self._board.update(
                task.number,
                state=JobState.STOPPED,
                phase="",
                error="the training process did not answer and was ended; nothing was saved",
            )

    def _tick(self) -> float:
        return TICK_SECONDS if self.workers else STARTING_TICK_SECONDS

    def _add(self, task: Task) -> None:
        state = self._board.state(task.number)
        if state is None or state.done:
            return  # it has been stopped
        self._waiting[task.number] = task
        self._leave_workers()
        if not self._is_open and self.problem is not None:
            self._retry_at = 0.0  # a job is waiting: try at once

    def _call(self, request: CallRequest) -> None:
        self._calling.add(request)
        self._leave_workers()

    def _leave_workers(self) -> None:
        """Let what nobody has asked for wait until nothing has been asked for a while."""
        self._busy_at = time.monotonic()
        if self._connection is not None and self._is_open:
            self._ahead.stop(self._connection)

    def _send_next(self) -> None:
        """Send the jobs whose turn it is, as many as workers can train.

        The others wait here, not in Dask, which would not let those who ask take turns.
        """
        self._grow()
        while len(self._tasks) < max(1, self.workers):
            task = self._waiting.get(self._board.next_turn())
            if task is None or not self._fits(task):
                return
            self._submit(task)

    def _grow(self) -> None:
        """Have as many workers as there are jobs; all that there may be, once nothing is to do."""
        assert self._connection is not None
        jobs = [*self._tasks.values(), *self._waiting.values()]
        now = time.monotonic()
        if jobs or not self.workers:
            self._busy_at = now
        if now > self._busy_at + IDLE_SECONDS:
            self._connection.grow(self._n_workers)
            if prepare := PREPARE.get(self._train):
                self._ahead.send(self._connection, prepare, self._connection.addresses())
        elif not any(task.large for task in jobs):
            self._connection.grow(len(jobs))

    def _fits(self, task: Task) -> bool:
        """Return whether the embedded workers have the memory for a job beside those they train."""
        others = list(self._tasks.values())
        return not (self._address is None and others and any(t.large for t in [task, *others]))

    def _wait_again(self, task: Task) -> None:
        """Put a job that was sent back among those that wait."""
        self._forget(task)
        self._board.assign(task.number, "")
        self._waiting[task.number] = task

    def _submit(self, task: Task) -> None:
        self._forget(task)
        # Servers that share a cluster use the same key for the same run, and so share one
        # training. A second attempt has another key: results of the first must not count for it.
        task.key = f"duet-{task.run_id}-{self._sent[task.run_id]}"
        self._sent[task.run_id] += 1
        self._tasks[task.key] = task
        if not task.large:
            self._ahead.note(Expected(task.config, task.fingerprint))
        self._board.assign(task.number, task.key)
        task.sends += 1
        assert self._connection is not None
        try:
            data = self._packed_data(task)
        except (OSError, DataError, MemoryError) as error:  # e.g. a full disk
            reason = str(error) or type(error).__name__
            self._fail(task, f"the data set cannot be packed for the cluster: {reason}")
            return
        task.future = self._connection.submit(
            task.key,
            task.run_id,
            task.config.model_dump(),
            task.fingerprint,
            train=self._train,
            store=None if self._address else str(self._store.folder.resolve()),
            data=data,
            # The embedded cluster's processes may be older than a file that was changed since.
            version=code_version() if self._address else "",
        )
        task.future.add_done_callback(
            lambda future: self._commands.put(partial(self._collect, task, future))
        )

    def _packed_data(self, task: Task) -> dict[str, bytes] | None:
        """Return its data set as files for a cluster at an address; None for the embedded one."""
        if self._address is None:
            return None  # its workers read the data set from the home they share
        fingerprint, packed = self._packed
        if fingerprint != task.fingerprint:
            from recsys.jobs.cluster.task import pack_dataset  # imports Dask

            # One that has changed meanwhile is refused by the worker.
            packed = pack_dataset(task.dataset or load_dataset(task.config.data))
            self._packed = (task.fingerprint, packed)
        return packed

    def _stop(self, number: int, waits: bool) -> None:
        self._waiting.pop(number, None)
        task = next((task for task in self._tasks.values() if task.number == number), None)
        if task is not None and task.future is not None and not waits:
            assert self._connection is not None
            task.stopping = task.stopping or time.monotonic()
            self._connection.ask_to_stop(task.key)
            return
        if task is not None:
            self._forget(task)
        self._board.update(number, state=JobState.STOPPED, phase="")

    def _collect(self, task: Task, future: Any) -> None:
        if task.future is not future or self._connection is None:
            return  # the job was stopped or sent again
        if future.cancelled():
            self._connection.workers()  # raises if the whole cluster is lost
            self._end(task, ending.of_cancelled(task))
        elif (error := future.exception(timeout=RPC_SECONDS)) is not None:
            logger.warning("job %s: %s", task.key, error)
            self._connection.workers()  # notes how the worker ended
            attempts = self._board.attempts(task.number)
            too_much = self._connection.held_too_much()
            self._end(task, ending.of_error(task, error, attempts, too_much))
        else:
            answer = future.result(timeout=RESULT_SECONDS)
            try:
                self._end(task, ending.of_answer(task, answer, self._store))
            except RunError as error:
                self._fail(task, str(error))

    def _end(self, task: Task, ended: Ending) -> None:
        match ended:
            case Finished(run):
                self._forget(task)
                self._board.finish(task.number, run)
            case Stopped():
                self._forget(task)
                self._board.update(task.number, state=JobState.STOPPED, phase="")
            case Again():
                self._submit(task)
            case Failed(reason):
                self._fail(task, reason)

    def _fail(self, task: Task, reason: str) -> None:
        self._forget(task)
        self._board.update(task.number, state=JobState.FAILED, phase="", error=reason)

    def _forget(self, task: Task) -> None:
        self._waiting.pop(task.number, None)
        self._tasks.pop(task.key, None)
        future, task.future = task.future, None
        if future is not None and self._is_open:
            if not future.done():
                future.cancel()
            future.release()

    def _lose(self, problem: str, *, again: bool = True, wait: bool = False) -> None:
        """Give up the cluster. Its jobs are sent once more when there is a cluster again.

        Args:
            problem: why, in one line.
            again: whether there will be one.
            wait: whether the jobs wait for as long as it takes: the cluster is not started here,
                and may come back.
        """
        was_open = self._is_open
        self._leave()
        if self._closed.is_set():
            return
        if problem != self.problem:
            logger.warning("%s", problem)
        self.problem = problem
        now = time.monotonic()
        at_once = was_open and now > self._lost_at + RETRY_SECONDS
        self._retry_at = now if at_once else now + RETRY_SECONDS
        self._lost_at = now
        for task in [*self._tasks.values(), *self._waiting.values()]:
            task.future = None
            if task.stopping:
                self._end_stopped(task, problem)
                continue
            if wait:
                task.sends = 0  # what became of the cluster is not the job's doing
            match ending.of_lost_cluster(task, problem, again=again and was_open, wait=wait):
                case Failed(reason):
                    self._fail(task, reason)
                case _:
                    self._wait_again(task)
        self._calling.lose(problem, again=again and was_open)
        self._ahead.lose()

    def _end_stopped(self, task: Task, problem: str) -> None:
        """End a job whose stop may not have been heard; it is not to be trained again."""
        self._forget(task)
        # A worker of this machine may have stored it before it was lost.
        for run in self._store.list():
            if run.run_id.partition("-stopped-")[0] == task.run_id:
                self._board.finish(task.number, run)
                return
        reason = f"the training was lost before it was saved: {problem}"
        self._board.update(task.number, state=JobState.STOPPED, phase="", error=reason)

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        self._is_open = False
        self.workers = 0
        if connection is not None:
            connection.close()
