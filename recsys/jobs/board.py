"""The table of jobs. Threads may share it: it hands out immutable snapshots."""

import contextlib
import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from recsys.config import RunConfig
from recsys.runs.records import EpochRecord, Run

KEPT = 200  # jobs that have ended and are still listed


class JobState(StrEnum):
    """The stage that a job has reached."""

    WAITING = "waiting"
    TRAINING = "training"  # loading included, see Job.phase
    EVALUATING = "evaluating"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def done(self) -> bool:
        """Whether the job has ended, with or without a run."""
        return self in (JobState.FINISHED, JobState.STOPPED, JobState.FAILED)

    @property
    def running(self) -> bool:
        """Whether a worker is busy with the job."""
        return self in (JobState.TRAINING, JobState.EVALUATING)


@dataclass(frozen=True)
class Job:
    """One request for a run and its progress at one moment.

    Attributes:
        run_id: Id of the requested run.
        config: Settings of the requested run.
        state: The stage it has reached.
        phase: What the worker is doing: `loading`, `training`, `evaluating`; "" if there is none.
        records: The epochs so far.
        seconds_left: Estimated time until the last epoch ends; None before the first has ended.
        position: Place among the waiting jobs, from 1; 0 for a job that does not wait.
        stopping: Whether a stop was requested.
        resumed: Whether it was accepted by a server that has died.
        asked_by: Who asked for it: a page, a search, or "".
        result: Id of the resulting run, finished or stopped; None if there is none (yet).
        error: The reason in one line, if it failed.
        machine: The name of the machine that trains it; "" while none does.
    """

    run_id: str
    config: RunConfig
    state: JobState = JobState.WAITING
    phase: str = ""
    records: tuple[EpochRecord, ...] = ()
    seconds_left: float | None = None
    position: int = 0
    stopping: bool = False
    resumed: bool = False
    asked_by: str = ""
    result: str | None = None
    error: str | None = None
    machine: str = ""


@dataclass
class _Entry:
    job: Job
    turn: int = 0  # see JobBoard.add
    key: str = ""  # of the Dask task whose reports are accepted
    attempt: str = ""  # of that task: another worker may start it again
    attempts: int = 0  # so far
    recorded: float = field(default_factory=time.monotonic)  # when the last record came


class JobBoard:
    """The jobs of one queue, in the order in which they were submitted.

    Callers identify a job by its run id. The dispatcher uses its number: when the same run is
    submitted again, the new job has another number, and late updates of the old one are ignored.
    """

    def __init__(self, on_done: Callable[[int, str], None] = lambda number, run_id: None) -> None:
        """Make an empty table; `on_done` gets number and run id of each job that has ended."""
        self._on_done = on_done
        self._entries: dict[int, _Entry] = {}
        self._numbers: dict[str, int] = {}
        self._next = itertools.count(1)
        self._lock = threading.Lock()

    def add(
        self, run_id: str, config: RunConfig, *, asked_by: str = "", resumed: bool = False
    ) -> int:
        """Add a waiting job and return its number; it replaces an older job of the same run.

        Those who ask take turns: the first job of somebody who has none under way waits only for
        what trains and for the first jobs of others, however many each of them has asked for.
        """
        with self._lock:
            number = next(self._next)
            self._entries.pop(self._numbers.get(run_id, 0), None)
            job = Job(run_id, config, asked_by=asked_by, resumed=resumed)
            self._entries[number] = _Entry(job, self._turn(asked_by))
            self._numbers[run_id] = number
            self._prune()
            return number

    def get(self, run_id: str) -> Job | None:
        """Return the present state of a job; None if there is no job of this run."""
        with self._lock:
            entry = self._entries.get(self._numbers.get(run_id, 0))
            return self._snapshot(entry) if entry else None

    def all(self) -> list[Job]:
        """Return the present state of all jobs, newest first."""
        with self._lock:
            return [self._snapshot(entry) for entry in reversed(self._entries.values())]

    def next_turn(self) -> int:
        """Return the number of the waiting job whose turn it is; 0 if none waits to be sent."""
        with self._lock:
            waiting = [(number, one) for number, one in self._entries.items() if not one.key]
            waiting = [pair for pair in waiting if pair[1].job.state is JobState.WAITING]
            return min(waiting, key=lambda pair: _order(*pair), default=(0, None))[0]

    def any_running(self) -> bool:
        """Return whether a worker is busy with a job."""
        with self._lock:
            return any(entry.job.state.running for entry in self._entries.values())

    def state(self, number: int) -> JobState | None:
        """Return the state of a job; None if it was replaced or forgotten."""
        with self._lock:
            entry = self._entries.get(number)
            return entry.job.state if entry else None

    def has_records(self, number: int) -> bool:
        """Return whether a job has reported an epoch."""
        with self._lock:
            entry = self._entries.get(number)
            return entry is not None and bool(entry.job.records)

    def attempts(self, number: int) -> int:
        """Return how many workers have started a job since it was assigned."""
        with self._lock:
            entry = self._entries.get(number)
            return entry.attempts if entry else 0

    def ask_to_stop(self, run_id: str) -> int:
        """Mark a job as stopping, and return its number; 0 if there is nothing to stop."""
        with self._lock:
            number = self._numbers.get(run_id, 0)
            entry = self._entries.get(number)
            if entry is None or entry.job.state.done:
                return 0
            entry.job = dataclasses.replace(entry.job, stopping=True)
            return number

    def assign(self, number: int, key: str) -> None:
        """Make a job wait for the Dask task with this key; reports of other tasks are ignored.

        Without a key it waits for its turn to be sent.
        """
        with self._lock:
            entry = self._entries.get(number)
            if entry is not None and not entry.job.state.done:
                entry.key, entry.attempts = key, 0
                entry.job = _waiting(entry.job)

    def update(self, number: int, **changes: Any) -> None:
        """Change fields of a job, unless it is done."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is None or entry.job.state.done:
                return
            entry.job = job = dataclasses.replace(entry.job, **changes)
        if job.state.done:
            self._on_done(number, job.run_id)

    def finish(self, number: int, run: Run) -> None:
        """Mark a job as done, with the run that it produced."""
        state = JobState.FINISHED if run.status == "finished" else JobState.STOPPED
        self.update(number, state=state, phase="", records=run.history, result=run.run_id)

    def requeue(self, number: int) -> None:
        """Make a running job wait again: its worker is gone."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is not None and entry.job.state.running:
                entry.job = _waiting(entry.job)

    def report(self, message: Mapping[str, Any]) -> None:
        """Apply a worker's report to its job; `recsys.jobs.cluster.task.run_job` sends them."""
        with self._lock:
            entry = self._entries.get(self._numbers.get(message["run_id"], 0))
            if entry is None or entry.key != message["key"] or entry.job.state.done:
                return
            changes: dict[str, Any] = {}
            records = entry.job.records
            if entry.attempt != message["attempt"]:
                entry.attempt = message["attempt"]
                entry.attempts += 1
                records = ()
            if "record" in message:
                with contextlib.suppress(TypeError):  # other fields: a worker of another version
                    records = (*records, EpochRecord(**message["record"]))
                    entry.recorded = time.monotonic()
                if entry.job.state is JobState.WAITING:
                    # Another server had started this training; its start was reported before.
                    changes |= {"state": JobState.TRAINING, "phase": "training"}
            if "phase" in message:
                evaluating = message["phase"] == "evaluating"
                changes["state"] = JobState.EVALUATING if evaluating else JobState.TRAINING
                changes["phase"] = message["phase"]
            if "machine" in message:
                changes["machine"] = str(message["machine"])
            entry.job = dataclasses.replace(entry.job, records=records, **changes)

    def _snapshot(self, entry: _Entry) -> Job:
        job = entry.job
        if job.state.done:
            return job
        if job.state is JobState.WAITING:
            return dataclasses.replace(job, position=self._position(entry))
        if job.state is JobState.EVALUATING:
            return dataclasses.replace(job, seconds_left=0.0)
        return dataclasses.replace(job, seconds_left=_seconds_left(entry))

    def _position(self, entry: _Entry) -> int:
        waiting = [p for p in self._entries.items() if p[1].job.state is JobState.WAITING]
        in_order = sorted(waiting, key=lambda pair: _order(*pair))
        return 1 + next(i for i, (_, other) in enumerate(in_order) if other is entry)

    def _turn(self, asked_by: str) -> int:
        """Return the round in which a new job is trained (start-time fair queueing)."""
        under_way = [entry for entry in self._entries.values() if not entry.job.state.done]
        now = min((entry.turn for entry in under_way), default=0)
        own = [entry.turn for entry in under_way if entry.job.asked_by == asked_by]
        return max(now, 1 + max(own)) if own else now

    def _prune(self) -> None:
        done = [number for number, entry in self._entries.items() if entry.job.state.done]
        for number in done[:-KEPT]:
            del self._entries[number]
        self._numbers = {id_: n for id_, n in self._numbers.items() if n in self._entries}


def _order(number: int, entry: _Entry) -> tuple[bool, int, int]:
    """Return what waiting jobs are sorted by: those that are sent, then by turn, then by age."""
    return not entry.key, entry.turn, number


def _waiting(job: Job) -> Job:
    return dataclasses.replace(job, state=JobState.WAITING, phase="", records=())


def _seconds_left(entry: _Entry) -> float | None:
    records, epochs = entry.job.records, entry.job.config.epochs
    if not records:
        return None
    # The first epoch includes TensorFlow's tracing, so it is left out when there are others.
    first, last = records[0], records[-1]
    if last.epoch > first.epoch:
        per_epoch = (last.seconds - first.seconds) / (last.epoch - first.epoch)
    else:
        per_epoch = last.seconds / last.epoch
    ends = per_epoch * (epochs - last.epoch)
    return max(0.0, ends - (time.monotonic() - entry.recorded))
