"""The one thread that talks to Dask: it sends jobs, stops them, collects what came out."""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from recsys.cluster.address import ClusterError, connect
from recsys.cluster.embedded import EmbeddedCluster
from recsys.config import RunConfig
from recsys.jobboard import JobBoard, JobState
from recsys.runs import RunError, RunStore

logger = logging.getLogger(__name__)

TRAIN = "recsys.experiment:run_experiment"
# What a worker imports before its first job; the first takes seconds.
TRAIN_MODULES = ("recsys.model.training", "recsys.experiment")

TICK_SECONDS = 0.5  # how often the cluster is looked after
RETRY_SECONDS = 10.0  # between attempts to reach it
RPC_SECONDS = 5.0
RESULT_SECONDS = 120.0
SENDS = 2  # of a job whose cluster was lost, or that somebody else stopped


@dataclass(eq=False)
class Task:
    """One job on its way to a worker and back."""

    number: int  # on the board
    run_id: str
    config: RunConfig
    fingerprint: str
    data: dict[str, bytes] | None = field(default=None, repr=False)
    key: str = ""
    sends: int = 0
    stopping: bool = False
    future: Any = None  # distributed.Future


class Dispatcher:
    """Runs tasks on a cluster and tells a board how they go."""

    def __init__(
        self, board: JobBoard, store: RunStore, address: str | None, train: str, n_workers: int
    ) -> None:
        """Start the thread, which starts the cluster."""
        self.problem: str | None = None  # why there is no worker, in one line
        self.registered = 0  # workers that are ready for jobs
        self._board = board
        self._store = store
        self._address = address
        self._train = train
        self._modules = TRAIN_MODULES if train == TRAIN else (train.partition(":")[0],)
        self._n_workers = n_workers
        self._cluster: EmbeddedCluster | None = None
        self._client: Any = None  # distributed.Client
        self._tasks: dict[str, Task] = {}  # by key
        self._sent: Counter[str] = Counter()  # tasks so far, by run id
        self._retry_at = 0.0
        self._lost_at = -RETRY_SECONDS
        self._looked_at = 0.0
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="duet-jobs", daemon=True)
        self._thread.start()

    def send(self, task: Task) -> None:
        """Train a run, as soon as there is a worker for it."""
        self._commands.put(partial(self._add, task))

    def stop(self, number: int) -> None:
        """Stop a job; one that is training hands over what it has learnt."""
        self._commands.put(partial(self._stop, number))

    def close(self) -> None:
        """End the cluster, or leave it, without waiting for jobs."""
        self._closed.set()
        self._commands.put(lambda: None)
        if cluster := self._cluster:
            cluster.close()
        self._thread.join(timeout=RPC_SECONDS)

    # Everything below runs in the thread.

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                if self._client is None and time.monotonic() >= self._retry_at:
                    self._connect()
                self._next_command()
                if self._client is not None and not self._closed.is_set():
                    self._look_after_cluster()
            except ClusterError as error:
                self._lose(str(error))
            except OSError as error:  # also TimeoutError and Dask's CommClosedError
                logger.info("the connection to the Dask scheduler is lost", exc_info=True)
                self._lose(f"the connection to the Dask scheduler is lost ({error})")
            except Exception as error:  # the thread must live on, or every later job would hang
                logger.exception("the job queue failed")
                self._lose(f"{type(error).__name__}: {error}")
        self._leave()

    def _next_command(self) -> None:
        try:
            command = self._commands.get(timeout=TICK_SECONDS)
        except queue.Empty:
            return
        command()

    def _connect(self) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self._address is None:
            self._cluster = EmbeddedCluster(self._n_workers, self._modules)
            self._client = connect(self._cluster.start())
        else:
            self._client = connect(self._address)
        from recsys.cluster.task import TOPIC  # imports Dask, like connect()

        self._client.subscribe_topic(TOPIC, lambda event: self._board.news(event[1]))
        if self._address is not None:
            self._warm_up()
        for task in list(self._tasks.values()):
            self._submit(task)

    def _warm_up(self) -> None:
        from recsys.cluster.entry import WarmUp

        try:
            self._client.register_plugin(WarmUp(self._modules))
        except ImportError as error:
            raise ClusterError(
                f"the workers at {self._address} cannot import {error.name}; install Duet there"
            ) from None

    def _look_after_cluster(self) -> None:
        now = time.monotonic()
        if now < self._looked_at + TICK_SECONDS:
            return
        self._looked_at = now
        self.registered = len(self._rpc("ncores"))
        if self._cluster is not None:
            self._cluster.supervise(self.registered)
        elif not self.registered:
            self.problem = f"the cluster at {self._address} has no workers"
        if self.registered:
            self.problem = None
        else:
            for task in self._tasks.values():
                self._board.requeue(task.number)

    def _add(self, task: Task) -> None:
        state = self._board.state(task.number)
        if state is None or state.done:
            return  # stopped meanwhile
        self._submit(task)
        if self._client is None and self.problem is not None:
            self._retry_at = 0.0  # somebody waits: try at once

    def _submit(self, task: Task) -> None:
        self._forget(task)
        # The same key on a cluster that several servers share is the same training; a second
        # attempt has another key, so that nothing of the first one can answer for it.
        task.key = f"duet-{task.run_id}-{self._sent[task.run_id]}"
        self._sent[task.run_id] += 1
        self._tasks[task.key] = task
        self._board.assign(task.number, task.key)
        if self._client is None:
            return  # _connect submits it
        from recsys.cluster.entry import run_job

        task.sends += 1
        task.future = self._client.submit(
            run_job,
            task.key,
            task.run_id,
            task.config.model_dump(),
            task.fingerprint,
            train=self._train,
            store=None if self._address else str(self._store.folder.resolve()),
            data=task.data,
            key=task.key,
            fifo_timeout=0,
        )
        task.future.add_done_callback(
            lambda future: self._commands.put(partial(self._collect, task, future))
        )

    def _stop(self, number: int) -> None:
        state = self._board.state(number)
        task = next((task for task in self._tasks.values() if task.number == number), None)
        if task is None or task.future is None or state is JobState.WAITING:
            if task is not None:
                self._forget(task)
            self._board.update(number, state=JobState.STOPPED, phase="")
        else:
            task.stopping = True
            self._rpc("event_set", name=task.key)

    def _collect(self, task: Task, future: Any) -> None:
        if task.future is not future:
            return  # no longer wanted
        if future.cancelled():
            self._again(task, "the cluster has lost the job; train again")
        elif (error := future.exception(timeout=RPC_SECONDS)) is not None:
            logger.warning("job %s: %s", task.key, error)
            self._fail(task, _explain(error))
        else:
            outcome = future.result(timeout=RESULT_SECONDS)
            try:
                self._take(task, outcome)
            except RunError as error:
                self._fail(task, str(error))

    def _take(self, task: Task, outcome: dict[str, Any]) -> None:
        if "error" in outcome:
            self._fail(task, outcome["error"])
            return
        if not outcome:
            self._again(task, "the cluster has dropped the job; train again")
            return
        packed = outcome.get("packed")
        run = self._store.unpack(packed) if packed else self._store.load(outcome["run_id"])
        if run.config != task.config or run.run_id.partition("-stopped-")[0] != task.run_id:
            self._fail(task, "the worker has another version of Duet; update it and train again")
        elif run.status == "stopped" and not task.stopping:
            self._again(task, "another server that shares the cluster stopped this training")
        else:
            self._forget(task)
            self._board.finish(task.number, run)

    def _again(self, task: Task, reason: str) -> None:
        if task.sends < SENDS:
            self._submit(task)
        else:
            self._fail(task, reason)

    def _fail(self, task: Task, reason: str) -> None:
        self._forget(task)
        self._board.update(task.number, state=JobState.FAILED, phase="", error=reason)

    def _forget(self, task: Task) -> None:
        self._tasks.pop(task.key, None)
        future, task.future = task.future, None
        if future is not None and self._client is not None:
            if not future.done():
                future.cancel()
            future.release()

    def _lose(self, problem: str) -> None:
        """Give up the cluster; jobs that had come this far are sent again, once."""
        was_connected = self._client is not None
        self._leave()
        if self._closed.is_set():
            return
        self.problem = problem
        now = time.monotonic()
        self._retry_at = now + RETRY_SECONDS
        if was_connected and now > self._lost_at + RETRY_SECONDS:
            self._retry_at = now
        self._lost_at = now
        for task in list(self._tasks.values()):
            task.future = None
            if was_connected and task.sends < SENDS:
                self._board.requeue(task.number)
            else:
                self._fail(task, problem)

    def _leave(self) -> None:
        client, self._client = self._client, None
        cluster, self._cluster = self._cluster, None
        self.registered = 0
        if client is not None:
            try:
                client.close(timeout=1)
            except Exception:  # whatever is wrong with it, it is not used any more
                logger.debug("closing the Dask client failed", exc_info=True)
        if cluster is not None:
            cluster.close()

    def _rpc(self, call: str, **arguments: Any) -> Any:
        handler = getattr(self._client.scheduler, call)
        return self._client.sync(handler, callback_timeout=RPC_SECONDS, **arguments)


def _explain(error: BaseException) -> str:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return (
            "the training process died twice on this job, perhaps for lack of memory; "
            "try a smaller embedding_dimension, batch_size or data set"
        )
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
