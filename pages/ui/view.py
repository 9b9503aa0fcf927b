"""What is in view: a job in progress, a stored run, or a sentence why there is neither."""

from collections.abc import Sequence
from dataclasses import dataclass

from recsys.config import RunConfig
from recsys.jobs.board import Job, JobState
from recsys.jobs.queue import JobQueue
from recsys.runs.records import Run
from recsys.runs.store import RunStore
from recsys.runs.testbed import Testbed
from recsys.scorer import TASKS


@dataclass(frozen=True)
class View:
    """What a page shows: `job` while it is in progress, else `run`; `problem` says why neither.

    `failed` is the config of a job that left no run, `stopped` whether that is what somebody asked
    for, `elsewhere` whether another server trains it.
    """

    job: Job | None = None
    run: Run | None = None
    problem: str | None = None
    failed: RunConfig | None = None
    stopped: bool = False
    elsewhere: bool = False

    @property
    def config(self) -> RunConfig | None:
        """The settings of what is shown."""
        return self.job.config if self.job else self.run.config if self.run else self.failed

    @property
    def run_id(self) -> str | None:
        """The id of the job or the run."""
        shown = self.job or self.run
        return shown.run_id if shown else None


def is_active(job: Job | None) -> bool:
    """Return whether a job waits or runs."""
    return job is not None and not job.state.done


def active_jobs(queue: JobQueue) -> list[Job]:
    """Return the jobs that wait or run, in the order of the queue."""
    return sorted((job for job in queue.jobs() if is_active(job)), key=lambda job: job.position)


def find_view(run_id: str, store: RunStore, queue: JobQueue) -> View:
    """Return what this id shows.

    Raises:
        RunError: the run is damaged.
    """
    job = queue.job(run_id)
    if job is not None and is_active(job):
        return View(job=job)
    elsewhere = queue.is_elsewhere(run_id)  # asked first: it is stored before it has ended there
    stored = job.result if job is not None and job.result else run_id
    if stored in store:
        return View(run=store.load(stored))
    if job is not None and job.state is JobState.FAILED:
        problem = f"This run failed: {job.error or 'the reason is not known'}."
        return View(problem=problem, failed=job.config)
    if job is not None and job.state is JobState.STOPPED:
        early = " before the end of its first epoch: nothing was saved."
        reason = f": {job.error}." if job.error else early
        problem = f"This run was stopped{reason}"
        return View(problem=problem, failed=job.config, stopped=not job.error)
    for run in store.list():  # a stopped run keeps its request's id in front
        if run.run_id.startswith(f"{run_id}-stopped-"):
            return View(run=run)
    if elsewhere:
        problem = f"Another server of this lab trains run {run_id}. It is shown here when it ends."
        return View(problem=problem, elsewhere=True)
    return View(
        problem=f"There is no run {run_id} in this lab: it was deleted, or made in another lab."
    )


def find_finished(run_id: str, store: RunStore, queue: JobQueue) -> View:
    """Return the job in progress or the finished run with this id; an empty View without either.

    Raises:
        RunError: the run is damaged.
    """
    job = queue.job(run_id)
    if job is not None and is_active(job):
        return View(job=job)
    return View(run=store.load(run_id)) if run_id in store else View()


def comparable_runs(run_id: str, testbed: Testbed, runs: Sequence[Run]) -> list[Run]:
    """Return the other finished runs on a testbed, in the given order."""
    return [
        run
        for run in runs
        if run.run_id != run_id and run.status == "finished" and Testbed.of_run(run) == testbed
    ]


def previous_run(config: RunConfig, created: str | None, others: Sequence[Run]) -> Run | None:
    """Return the run that one of these settings is compared with by default.

    That is the newest one before it that learns all of its tasks; if there is none, the newest one
    before it.

    Args:
        config: the settings of the run.
        created: when it was stored; None for one in training.
        others: as `comparable_runs` returns them.
    """
    earlier = [run for run in others if created is None or run.created <= created]
    tasks = [task for task in TASKS if config.learns(task)]
    alike = [run for run in earlier if all(run.learns(task) for task in tasks)]
    return max(alike or earlier, key=lambda run: run.created, default=None)
