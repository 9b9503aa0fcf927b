"""Jobs of the embedded cluster that train at the same time, each in a process of its own."""

from collections.abc import Iterator

import pytest

from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests import stub_training
from tests.jobs.tiny_lab import STUB, finish, submit, training_processes, wait_until
from tests.stub_training import config


@pytest.fixture
def two(home: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    monkeypatch.setattr("recsys.jobs.cluster.dispatcher.IDLE_SECONDS", 600.0)
    queue = JobQueue(RunStore(runs_folder()), train=STUB, n_workers=2)
    yield queue
    queue.close()


def workers() -> int:
    return sum("worker" in process.cmdline() for process in training_processes())


def running(queue: JobQueue) -> int:
    return sum(job.state.running for job in queue.jobs())


def test_second_process_is_started_only_for_a_second_job(two: JobQueue) -> None:
    assert finish(two, submit(two, config(seed=60))).state is JobState.FINISHED
    assert workers() == 1
    ids = [submit(two, config(seed=seed, epochs=400)) for seed in (61, 62)]
    wait_until(lambda: all(two.job(run_id).records for run_id in ids))
    for run_id in ids:
        two.stop(run_id)
    results = [finish(two, run_id).result for run_id in ids]
    processes = {RunStore(runs_folder()).load(result).peak_rss_mb for result in results}
    assert len(processes) == 2
    assert workers() == 2  # it stays


def test_second_process_is_started_when_there_is_nothing_to_do(
    two: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finish(two, submit(two, config(seed=67))).state is JobState.FINISHED
    assert workers() == 1
    monkeypatch.setattr("recsys.jobs.cluster.dispatcher.IDLE_SECONDS", 0.1)
    wait_until(lambda: two.workers == 2)


def test_job_that_does_not_stop_is_ended_without_the_other_one(two: JobQueue) -> None:
    deaf = submit(two, config(seed=stub_training.DEAF, epochs=1000))
    other = submit(two, config(seed=63, epochs=250))
    wait_until(lambda: running(two) == 2 and two.job(deaf).records)
    two.stop(deaf)
    assert "did not answer" in finish(two, deaf).error
    assert not two.job(other).state.done
    job = finish(two, other)
    assert (job.state, len(job.records)) == (JobState.FINISHED, 250)


def test_large_job_is_trained_alone(two: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    small = submit(two, config(seed=64, epochs=40))
    monkeypatch.setattr("recsys.jobs.queue.LARGE_BYTES", 0)
    large = submit(two, config(seed=65, epochs=20))
    monkeypatch.undo()
    last = submit(two, config(seed=66, epochs=20))
    most = 0

    def is_done() -> bool:
        nonlocal most
        busy = {job.run_id for job in two.jobs() if job.state.running}
        most = max(most, len(busy))
        assert busy in (set(), {small}, {large}, {last})
        return two.job(last).state.done

    wait_until(is_done)
    assert most == 1
    for run_id in (small, large, last):
        assert finish(two, run_id).state is JobState.FINISHED
