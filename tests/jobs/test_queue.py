"""A job from request to run, and how it is stopped. The trainings are stand-ins."""

import dataclasses
import os

import pytest
import stub_training
from stub_training import config

import recsys.jobs.cluster.dispatcher
from recsys.config import run_id
from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.queue import WorkerState
from recsys.runs.files import RunNotFoundError
from recsys.runs.store import RunStore
from recsys.tradeoff.search import Objectives
from recsys.tradeoff.searches import Searches
from tests.jobs.tiny_lab import finish, submit, wait_until


def test_job_submitted_before_the_cluster_is_up_waits_and_is_trained_later(queue):
    job_id = submit(queue, config())
    # The first test with this queue: its worker still imports its modules, in seconds.
    assert queue.job(job_id).state is JobState.WAITING
    assert queue.worker() is WorkerState.STARTING
    job = finish(queue, job_id)
    run = RunStore(runs_folder()).load(job_id)
    assert job.run_id == run_id(config(), run.fingerprint)
    assert (job.state, job.result, job.error) == (JobState.FINISHED, job_id, None)
    assert job.records == run.history
    assert [record.epoch for record in job.records] == [1, 2, 3]
    assert run.peak_rss_mb != os.getpid()  # the stub puts its process id there
    wait_until(lambda: queue.worker() is WorkerState.READY)


def test_progress_shows_phases_and_epochs_as_they_come(queue):
    job_id = submit(queue, config(seed=1, learning_rate=0.5))  # half a second apart
    seen = []

    def look():
        job = queue.job(job_id)
        if not seen or seen[-1] != job:
            seen.append(job)
        return job.state.done

    wait_until(look)
    states = list(dict.fromkeys(job.state for job in seen))
    assert states[0] is JobState.WAITING
    assert states[-1] is JobState.FINISHED
    assert JobState.TRAINING in states
    assert list(dict.fromkeys(len(job.records) for job in seen)) == [0, 1, 2, 3]
    training = [job for job in seen if job.phase == "training"]
    assert all((job.seconds_left is None) == (not job.records) for job in training)
    with pytest.raises(dataclasses.FrozenInstanceError):
        job_id = seen[-1].state = JobState.FAILED


def test_identical_requests_share_one_training(queue):
    ids = {submit(queue, config(seed=2)) for _ in range(5)}
    assert len(ids) == 1
    assert [job.run_id for job in queue.jobs()].count(ids.pop()) == 1


def test_request_for_a_stored_run_is_finished_at_once(queue):
    job_id = submit(queue, config(seed=3))
    finish(queue, job_id)
    assert submit(queue, config(seed=3)) == job_id
    job = queue.job(job_id)
    assert (job.state, job.result, len(job.records)) == (JobState.FINISHED, job_id, 3)


def test_jobs_run_in_the_order_of_their_requests(queue):
    # The first one is long enough to be seen while it trains, also on a busy machine.
    first = submit(queue, config(seed=13, epochs=30, learning_rate=0.1))
    ids = [first, *(submit(queue, config(seed=seed)) for seed in (12, 11, 10))]
    assert [job.run_id for job in queue.jobs()][:4] == ids[::-1]
    wait_until(lambda: queue.job(ids[0]).state is JobState.TRAINING)
    assert [queue.job(job_id).position for job_id in ids] == [0, 1, 2, 3]
    seen = []

    def look():
        jobs = [queue.job(job_id) for job_id in ids]
        seen.extend(job.run_id for job in jobs if job.state.running)
        return all(job.state.done for job in jobs)

    wait_until(look)
    # On a busy machine the news that one ended may come after the news that the next one started.
    assert list(dict.fromkeys(seen)) == ids


def test_sweep_of_one_person_does_not_hold_up_the_run_of_another(queue):
    data = load_dataset("tiny")
    sweep = [config(seed=seed, epochs=8, learning_rate=0.1) for seed in range(60, 67)]
    ids = [queue.submit(one, data, asked_by="sweeper") for one in sweep]
    wait_until(lambda: queue.job(ids[0]).state is JobState.TRAINING)
    single = queue.submit(config(seed=70), data, asked_by="other")
    assert queue.job(single).position == 1
    finish(queue, single)
    done = [queue.job(one).state.done for one in ids]
    assert done.count(True) <= 2  # the one that trained before, perhaps the one after
    for one in ids:
        assert finish(queue, one).state is JobState.FINISHED


def test_unknown_job_is_none(queue):
    assert queue.job("0123456789ab") is None
    queue.stop("0123456789ab")


def test_search_has_its_trials_trained_by_the_queue(queue):
    store = RunStore(runs_folder())
    searches = Searches(store, queue)
    base = config(seed=11, learning_rate=0.01)
    searches.start(base, Objectives(), 3, load_dataset("tiny"))
    search = wait_until(lambda: (found := searches.of(base)).ended and found)
    assert (search.problem, search.lost, len(set(search.done))) == ("", 0, 3)
    assert all(store.load(id_).config.seed == 11 for id_ in search.done)


# Stop


def test_stopped_training_ends_early_and_keeps_what_was_learnt(queue):
    request = config(seed=20, epochs=500)
    job_id = submit(queue, request)
    wait_until(lambda: len(queue.job(job_id).records) >= 2)
    queue.stop(job_id)
    job = finish(queue, job_id)
    assert job.state is JobState.STOPPED
    assert len(job.records) < request.epochs
    assert job.result == f"{job_id}-stopped-{len(job.records)}"
    store = RunStore(runs_folder())
    assert store.load(job.result).status == "stopped"
    assert job_id not in store  # a stopped run never answers for the whole one
    assert submit(queue, request) == job_id
    wait_until(lambda: len(queue.job(job_id).records) >= 1)
    queue.stop(job_id)
    finish(queue, job_id)


def test_stop_before_the_end_of_the_first_epoch_does_not_wait_for_the_worker(queue, monkeypatch):
    deaf = submit(queue, config(seed=stub_training.DEAF, epochs=1, learning_rate=10.0))
    wait_until(lambda: queue.job(deaf).state is JobState.TRAINING)
    queue.stop(deaf)
    job = queue.job(deaf)  # at once
    assert (job.state, job.result, job.error) == (JobState.STOPPED, None, None)
    wait_until(lambda: queue.worker() is WorkerState.BUSY)  # it still has a batch to end
    behind = submit(queue, config(seed=25))
    assert queue.job(behind).state is JobState.WAITING
    monkeypatch.setattr(recsys.jobs.cluster.dispatcher, "STOP_SECONDS", 0.5)
    assert finish(queue, behind).state is JobState.FINISHED
    assert not any(run.run_id.startswith(deaf) for run in RunStore(runs_folder()).list())


def test_stop_in_the_first_epoch_leaves_no_run(queue):
    early = submit(queue, config(seed=26, epochs=1, learning_rate=10.0))
    wait_until(lambda: queue.job(early).state is JobState.TRAINING)
    queue.stop(early)
    assert finish(queue, submit(queue, config(seed=27))).state is JobState.FINISHED
    assert (queue.job(early).state, queue.job(early).result) == (JobState.STOPPED, None)
    assert not any(run.run_id.startswith(early) for run in RunStore(runs_folder()).list())


def test_stopped_waiting_job_leaves_the_queue_and_nothing_else(queue):
    running = submit(queue, config(seed=21, epochs=500))
    waiting, behind = (submit(queue, config(seed=seed)) for seed in (22, 23))
    wait_until(lambda: queue.job(running).records)
    queue.stop(waiting)
    job = finish(queue, waiting)
    assert (job.state, job.result) == (JobState.STOPPED, None)
    assert queue.job(running).state is JobState.TRAINING
    assert queue.job(behind).position == 1
    queue.stop(running)
    assert finish(queue, behind).state is JobState.FINISHED
    with pytest.raises(RunNotFoundError):
        RunStore(runs_folder()).load(waiting)


def test_request_right_after_its_stop_trains_anew(queue):
    request = config(seed=24, epochs=20)
    job_id = submit(queue, request)
    wait_until(lambda: queue.job(job_id).records)
    queue.stop(job_id)
    assert submit(queue, request) == job_id
    assert not queue.job(job_id).stopping
    assert finish(queue, job_id).state is JobState.FINISHED
