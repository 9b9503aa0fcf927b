"""What `?run=…` shows: a job in progress, a stored run, or a sentence why there is neither."""

from collections.abc import Sequence
from dataclasses import dataclass

from recsys.jobs.board import Job, JobState
from recsys.jobs.queue import JobQueue
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.runs.testbed import Testbed


@dataclass(frozen=True)
class View:
    """What a page shows: `job` while it is in progress, else `run`; `problem` says why neither."""

    job: Job | None = None
    run: Run | None = None
    problem: str | None = None


def is_active(job: Job | None) -> bool:
    """Return whether a job waits or runs."""
    return job is not None and not job.state.done


def active_jobs(queue: JobQueue) -> list[Job]:
    """Return the jobs that wait or run, in the order of the queue."""
    return sorted((job for job in queue.jobs() if is_active(job)), key=lambda job: job.position)


def find_view(run_id: str | None, store: RunStore, queue: JobQueue) -> View:
    """Return what this id shows; without an id, the job in progress, else the newest run.

    Raises:
        RunError: the run is damaged.
    """
    if run_id is None:
        return _without_id(store, queue)
    job = queue.job(run_id)
    if job is not None and is_active(job):
        return View(job=job)
    stored = job.result if job is not None and job.result else run_id
    if stored in store:
        return View(run=store.load(stored))
    if job is not None and job.state is JobState.FAILED:
        return View(problem=f"This run failed: {job.error or 'the reason is not known'}.")
    if job is not None and job.state is JobState.STOPPED:
        return View(problem="This run was stopped before its first epoch: nothing was learnt.")
    for run in store.list():  # a stopped run keeps its request's id in front
        if run.run_id.startswith(f"{run_id}-stopped-"):
            return View(run=run)
    return View(
        problem=f"There is no run {run_id} in this lab: it was deleted, or made in another lab."
    )


def previous_run(run: Run, runs: Sequence[Run], task: str | None = None) -> Run | None:
    """Return the newest finished run before this one that was measured on the same data and split.

    With a `task`, the newest that learns it; None if this run does not learn it itself.
    """
    if task is not None and not run.learns(task):
        return None

    earlier = [
        other
        for other in runs
        if other.run_id != run.run_id
        and other.status == "finished"
        and (task is None or other.learns(task))
        and other.created <= run.created
        and Testbed.of_run(other) == Testbed.of_run(run)
    ]
    return max(earlier, key=lambda other: other.created, default=None)


def _without_id(store: RunStore, queue: JobQueue) -> View:
    under_way = active_jobs(queue)
    if under_way:
        return View(job=under_way[0])
    runs = store.list()
    return View(run=runs[0]) if runs else View()
