"""What becomes of a job, decided from how its attempt on the cluster ended.

| how the attempt ended | the job |
|---|---|
| the worker returned the run | has finished; is stopped, if it was stopped here |
| it returned that it was stopped before the end of its first epoch | is stopped, without a run |
| it was stopped by another server on the cluster | is sent again, once |
| it returned an error, or a run of another version of Duet | fails |
| its run cannot be read or stored | fails |
| the cluster dropped or lost this job alone | is sent again, once |
| two workers died on it | fails |
| workers died on other jobs, behind which it waited | is sent again, up to `MOST_SENDS` sends |
| a cluster elsewhere was lost, or is not there yet | waits for it |
| the cluster that was started here was lost | waits for the next one, once |
| no cluster can be started, or it may not be used | fails |

What is sent again *once* fails the next time. Nothing is changed here: the dispatcher does it, and
the board shows it. `JobQueue.stop` itself ends a job that is stopped before the end of its first
epoch; the dispatcher one whose worker does not react to a stop, and one that is stopped as its
cluster is lost.
"""

from dataclasses import dataclass, field
from typing import Any

from recsys.config import RunConfig
from recsys.data.tables import Dataset
from recsys.memory import available_bytes, in_gb
from recsys.runs.records import Run
from recsys.runs.store import RunStore

SENDS = 2  # attempts for a job whose cluster was lost, or that another server stopped
MOST_SENDS = 5  # of a job that waited behind others on which workers died
SMALLER = "try a smaller embedding_dimension, rating_dimension, batch_size or data set"


@dataclass(eq=False)
class Task:
    """One job on its way to a worker and back."""

    number: int  # on the board
    run_id: str
    config: RunConfig
    fingerprint: str  # of the data set
    dataset: Dataset | None = field(repr=False)  # None: loaded when it is needed
    large: bool = False  # needs so much memory that it is trained alone, not beside others
    key: str = ""
    sends: int = 0
    stopping: float = 0.0  # since when, on the monotonic clock; 0 if nobody has stopped it
    future: Any = None  # distributed.Future


@dataclass(frozen=True)
class Finished:
    """The job has ended with a run, whole or stopped."""

    run: Run


@dataclass(frozen=True)
class Stopped:
    """The job was stopped before there was anything to keep."""


@dataclass(frozen=True)
class Again:
    """The job is sent once more."""


@dataclass(frozen=True)
class Failed:
    """The job has ended without a run."""

    reason: str  # one line for the user


Ending = Finished | Stopped | Again | Failed


def of_answer(task: Task, answer: dict[str, Any], store: RunStore) -> Ending:
    """Return what becomes of a job whose worker has answered, see `run_job` in `task.py`.

    Raises:
        RunError: the run cannot be read or stored.
    """
    if "error" in answer:
        return Failed(answer["error"])
    if not answer:
        return _once_more(task, "the cluster has dropped the job; train again")
    if "stopped" in answer:
        return Stopped() if task.stopping else _stopped_elsewhere(task)
    packed = answer.get("packed")
    run = store.unpack(packed) if packed else store.load(answer["run_id"])
    if run.config != task.config or run.run_id.partition("-stopped-")[0] != task.run_id:
        return Failed("the worker has another version of Duet; update it and train again")
    if run.status == "stopped" and not task.stopping:
        return _stopped_elsewhere(task)
    return Finished(run)


def of_cancelled(task: Task) -> Ending:
    """Return what becomes of a job that the cluster has lost, while it lost no other."""
    return _once_more(task, "the cluster has lost the job; train again")


def of_error(task: Task, error: BaseException, attempts: int, held_too_much: bool) -> Ending:
    """Return what becomes of a job for which Dask has an error instead of an answer.

    Args:
        task: the job.
        error: Dask's.
        attempts: how many workers have started the job.
        held_too_much: whether the last worker that died had reached its limit of memory.
    """
    from distributed import KilledWorker

    if not isinstance(error, KilledWorker):
        return Failed(" ".join(f"{type(error).__name__}: {error}".split())[:500])
    # Dask sends a worker the next job early, and blames all that it has for its death.
    if attempts < 2 and task.sends < MOST_SENDS:
        return Again()
    if held_too_much:
        there = in_gb(available_bytes(children=True))
        return Failed(f"the training needed more memory than there is ({there}); {SMALLER}")
    return Failed(
        f"the training process died twice on this job, perhaps for lack of memory; {SMALLER}"
    )


def of_lost_cluster(task: Task, problem: str, *, again: bool, wait: bool) -> Ending:
    """Return what becomes of a job, sent or not, whose whole cluster is gone.

    Args:
        task: the job.
        problem: why it is gone, in one line.
        again: whether another cluster is started.
        wait: whether the cluster is not started here, and may come back.
    """
    return Again() if wait or (again and task.sends < SENDS) else Failed(problem)


def _stopped_elsewhere(task: Task) -> Ending:
    return _once_more(task, "another server that shares the cluster stopped this training")


def _once_more(task: Task, reason: str) -> Ending:
    return Again() if task.sends < SENDS else Failed(reason)
