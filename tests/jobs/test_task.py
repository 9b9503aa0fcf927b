"""One job in a worker: its errors, its data, and a run that is handed over."""

import dataclasses
import json
import os

import dask
import pytest
import stub_training
from stub_training import config

from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.cluster.embedded import EmbeddedCluster
from recsys.jobs.cluster.task import pack_dataset, unpack_dataset
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.jobs.tiny_lab import STUB, finish, keep_tiny_data, submit, wait_until


@pytest.mark.parametrize(
    ("seed", "error"),
    [
        (stub_training.FAILS_AS_EXPECTED, "the ratings are all alike; use others"),
        (stub_training.FAILS_AS_FAULT, "KeyError: 'weights'"),
    ],
)
def test_failed_training_gives_one_line_and_can_be_tried_again(queue, seed, error):
    for _ in range(2):
        job = finish(queue, submit(queue, config(seed=seed)))
        assert (job.state, job.error, job.result) == (JobState.FAILED, error, None)


def test_data_set_that_is_gone_fails_in_one_line(queue):
    gone = dataclasses.replace(load_dataset("tiny"), name="gone", fingerprint="0" * 64)
    job = finish(queue, queue.submit(config(data="gone"), gone))
    assert job.state is JobState.FAILED
    assert "gone" in job.error
    assert "\n" not in job.error


def test_data_set_that_changed_after_the_request_fails_in_one_line(queue):
    earlier = dataclasses.replace(load_dataset("tiny"), fingerprint="1" * 64)
    job = finish(queue, queue.submit(config(seed=33), earlier))
    assert job.state is JobState.FAILED
    assert "tiny: the data set has changed" in job.error


# A cluster with another home


def test_packed_data_set_is_the_same_when_unpacked(home):
    dataset = load_dataset("tiny")
    assert unpack_dataset(pack_dataset(dataset)).fingerprint == dataset.fingerprint


@pytest.fixture
def other_home(home, tmp_path, monkeypatch):
    """Give a home without data, as on another machine, to processes that are started now."""
    with monkeypatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(tmp_path / "elsewhere"))
        yield tmp_path / "elsewhere"


@pytest.fixture
def cluster(other_home):
    cluster = EmbeddedCluster(1, ["stub_training"])
    cluster.start()
    yield cluster
    cluster.close()


def test_cluster_with_another_home_trains_and_hands_the_run_over(cluster, other_home, tmp_path):
    os.environ["RECSYS_HOME"] = str(tmp_path / "home")
    keep_tiny_data()
    store = RunStore(runs_folder())
    own = json.loads(cluster.certificate)
    tls = {"ca-file": own["certificate"]}
    tls |= {"client.cert": own["certificate"], "client.key": own["key"]}
    with dask.config.set({f"distributed.comm.tls.{name}": tls[name] for name in tls}):
        servers = [JobQueue(store, cluster.address, train=STUB) for _ in range(2)]
        wait_until(lambda: all(server.workers for server in servers))
    try:
        ids = [submit(server, config(epochs=10)) for server in servers]
        jobs = [finish(server, job_id) for server, job_id in zip(servers, ids, strict=True)]
        assert [job.state for job in jobs] == [JobState.FINISHED] * 2
        assert len(store.load(ids[0]).history) == 10
        assert not other_home.exists()
        # One server's stop is not the other's: there, the run is trained anew.
        for server in servers:
            job_id = submit(server, config(seed=1, epochs=30))
        wait_until(lambda: all(server.job(job_id).records for server in servers))
        servers[0].stop(job_id)
        stopped = finish(servers[0], job_id)
        assert (stopped.state, stopped.result in store) == (JobState.STOPPED, True)
        assert finish(servers[1], job_id).state is JobState.FINISHED
        # Closing a server ends the trainings that only it waited for, and not the cluster.
        job_id = submit(servers[0], config(seed=2, epochs=500))
        wait_until(lambda: servers[0].job(job_id).records)
        servers[0].close()
        assert finish(servers[1], submit(servers[1], config(seed=3))).state is JobState.FINISHED
    finally:
        for server in servers:
            server.close()
