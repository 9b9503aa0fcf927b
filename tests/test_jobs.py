"""The job queue, with real Dask processes; trainings are stand-ins except in the last test."""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask.config
import numpy as np
import pandas as pd
import psutil
import pytest
import stub_training
from stub_training import config

import recsys.cluster.address
from recsys.cluster.address import ClusterError, check_address
from recsys.cluster.embedded import EmbeddedCluster
from recsys.config import run_id
from recsys.data.kept import keep
from recsys.data.library import load_dataset
from recsys.data.tables import make_dataset
from recsys.home import data_folder, runs_folder
from recsys.jobboard import JobBoard
from recsys.jobs import JobQueue, JobState, WorkerState
from recsys.runs import EpochRecord, RunNotFoundError, RunStore
from recsys.search import Objectives
from recsys.searches import Searches

TESTS = Path(__file__).parent
STUB = "stub_training:train"
DONE = {JobState.FINISHED, JobState.STOPPED, JobState.FAILED}


def keep_tiny_data() -> str:
    """Keep a data set of 60 users and 40 movies in the home; return its fingerprint."""
    random = np.random.default_rng(0)
    users, movies = np.nonzero(random.random((60, 40)) < 0.4)
    ratings = {"user_id": users.astype(str), "movie_id": movies.astype(str)}
    dataset = make_dataset(
        "tiny", pd.DataFrame(ratings | {"rating": random.integers(1, 6, len(users)).astype(float)})
    )
    keep(dataset, data_folder() / "tiny", "test")
    return dataset.fingerprint


def wait_until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.01)
    raise AssertionError(f"still waiting after {seconds} s")


def finish(queue, job_id, seconds=30.0):
    wait_until(lambda: queue.job(job_id).state in DONE, seconds)
    return queue.job(job_id)


def training_processes(of=None) -> list[psutil.Process]:
    children = psutil.Process(of).children(recursive=True)
    return [child for child in children if "recsys.cluster.process" in child.cmdline()]


def is_running(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def submit(queue, request):
    return queue.submit(request, load_dataset("tiny"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHONPATH", str(TESTS))
        patch.delenv("RECSYS_SCHEDULER", raising=False)
        keep_tiny_data()
        yield


@pytest.fixture(scope="module")
def queue(home):
    queue = JobQueue(RunStore(runs_folder()), train=STUB)
    yield queue
    queue.close()


# A job from request to run


def test_submit_before_the_cluster_is_up_returns_at_once_and_trains_later(queue):
    job_id = submit(queue, config())
    assert queue.job(job_id).state is JobState.WAITING
    assert queue.worker() is WorkerState.STARTING
    job = finish(queue, job_id)
    run = RunStore(runs_folder()).load(job_id)
    assert job.run_id == run_id(config(), run.fingerprint)
    assert (job.state, job.result, job.error) == (JobState.FINISHED, job_id, None)
    assert job.records == run.history
    assert [record.epoch for record in job.records] == [1, 2, 3]
    assert run.peak_rss_mb != os.getpid()  # the stub's way to tell its process
    wait_until(lambda: queue.worker() is WorkerState.READY)


def test_progress_shows_phases_and_epochs_as_they_come(queue):
    job_id = submit(queue, config(seed=1))
    seen = []

    def look():
        job = queue.job(job_id)
        if not seen or seen[-1] != job:
            seen.append(job)
        return job.state in DONE

    wait_until(look)
    states = list(dict.fromkeys(job.state for job in seen))
    assert states[0] is JobState.WAITING
    assert states[-1] is JobState.FINISHED
    assert JobState.TRAINING in states
    assert list(dict.fromkeys(len(job.records) for job in seen)) == [0, 1, 2, 3]
    training = [job for job in seen if job.phase == "training"]
    assert all((job.seconds_left is None) == (not job.records) for job in training)
    assert training[-1].started >= training[-1].submitted
    with pytest.raises(dataclasses.FrozenInstanceError):
        job_id = seen[-1].state = JobState.FAILED


def test_equal_requests_share_one_training(queue):
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
    ids = [submit(queue, config(seed=seed)) for seed in (13, 12, 11, 10)]
    assert [job.run_id for job in queue.jobs()][:4] == ids[::-1]
    wait_until(lambda: queue.job(ids[0]).state is JobState.TRAINING)
    assert [queue.job(job_id).position for job_id in ids] == [0, 1, 2, 3]
    started = [finish(queue, job_id).started for job_id in ids]
    assert started == sorted(started)


def test_unknown_job_is_none(queue):
    assert queue.job("0123456789ab") is None
    queue.stop("0123456789ab")


def test_snapshots_are_cheap(queue):
    start = time.perf_counter()
    for _ in range(1000):
        queue.jobs()
    assert time.perf_counter() - start < 1.0


def test_search_has_its_trials_trained_by_the_queue(queue):
    store = RunStore(runs_folder())
    searches = Searches(store, queue)
    base = config(seed=11, learning_rate=0.01)
    searches.start(base, Objectives(), 3, load_dataset("tiny"))
    search = wait_until(lambda: (found := searches.of(base)).ended and found, seconds=60)
    assert (search.problem, search.lost, len(set(search.done))) == ("", 0, 3)
    assert all(store.load(id_).config.seed == 11 for id_ in search.done)


# Stop


def test_stopped_training_ends_within_a_second_and_keeps_what_was_learnt(queue):
    request = config(seed=20, epochs=500)
    job_id = submit(queue, request)
    wait_until(lambda: len(queue.job(job_id).records) >= 2)
    start = time.perf_counter()
    queue.stop(job_id)
    job = finish(queue, job_id)
    assert time.perf_counter() - start < 1.0
    assert job.state is JobState.STOPPED
    assert job.result == f"{job_id}-stopped-{len(job.records)}"
    store = RunStore(runs_folder())
    assert store.load(job.result).status == "stopped"
    assert job_id not in store  # a stopped run never answers for the whole one
    assert submit(queue, request) == job_id
    wait_until(lambda: len(queue.job(job_id).records) >= 1)
    queue.stop(job_id)
    finish(queue, job_id)


def test_stopped_waiting_job_leaves_the_queue_and_nothing_else(queue):
    running = submit(queue, config(seed=21, epochs=500))
    waiting, behind = (submit(queue, config(seed=seed)) for seed in (22, 23))
    wait_until(lambda: queue.job(running).records)
    queue.stop(waiting)
    job = finish(queue, waiting, 1.0)
    assert (job.state, job.result) == (JobState.STOPPED, None)
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


# What goes wrong in a training


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


def test_killed_worker_is_replaced_and_its_job_trained_again(queue):
    first = {process.pid for process in training_processes()}
    job_id = submit(queue, config(seed=stub_training.DIES_ONCE))
    wait_until(lambda: queue.worker() is WorkerState.STARTING)
    assert queue.job(job_id).state is JobState.WAITING
    job = finish(queue, job_id)
    assert job.state is JobState.FINISHED
    assert len(job.records) == 3
    assert len({process.pid for process in training_processes()} - first) == 1


def test_job_that_kills_every_worker_fails_and_the_queue_goes_on(queue):
    job = finish(queue, submit(queue, config(seed=stub_training.DIES_ALWAYS)))
    assert job.state is JobState.FAILED
    assert job.error.startswith("the training process died twice on this job")
    assert finish(queue, submit(queue, config(seed=30))).state is JobState.FINISHED


def test_dead_scheduler_is_replaced_and_its_jobs_trained_again(queue):
    job_id = submit(queue, config(seed=31, epochs=20))
    wait_until(lambda: queue.job(job_id).records)
    [scheduler] = [p for p in training_processes() if "scheduler" in p.cmdline()]
    scheduler.kill()
    wait_until(lambda: queue.worker() is WorkerState.LOST)
    assert "scheduler" in queue.problem
    job = finish(queue, job_id)
    assert (job.state, len(job.records)) == (JobState.FINISHED, 20)
    assert queue.problem is None


def test_worker_that_cannot_start_fails_the_job_in_one_line(home, tmp_path):
    queue = JobQueue(RunStore(tmp_path), train="no_such_module:train")
    try:
        job = finish(queue, submit(queue, config()), 60)
        assert job.state is JobState.FAILED
        assert "dies at its start" in job.error
        assert queue.worker() is WorkerState.LOST
    finally:
        queue.close()


# Processes


def test_training_processes_listen_on_this_machine_only(queue):
    wait_until(lambda: queue.worker() is WorkerState.READY)
    processes = training_processes()
    assert len(processes) == 2
    for process in processes:
        listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert listening
        assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


SERVER = """
import time
from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs import JobQueue
from recsys.runs import RunStore
from stub_training import config
queue = JobQueue(RunStore(runs_folder()), train="stub_training:train")
job_id = queue.submit(config(seed=40, epochs=500), load_dataset("tiny"))
while not queue.job(job_id).records:
    time.sleep(0.01)
print("training", flush=True)
time.sleep(60)
"""


def test_training_processes_end_with_a_server_that_is_killed(home):
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "training\n"
        children = training_processes(server.pid)
        assert len(children) == 2
        server.send_signal(signal.SIGKILL)
        server.wait(10)
        # A container's first process may be slow to reap them: zombies have ended, too.
        wait_until(lambda: not any(is_running(child) for child in children), 3.0)
    finally:
        server.kill()
        server.communicate()


# A cluster somewhere else


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
    servers = [JobQueue(store, cluster.address, train=STUB) for _ in range(2)]
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


def test_scheduler_that_does_not_answer_is_a_clear_state(home, tmp_path, monkeypatch):
    monkeypatch.setattr(recsys.cluster.address, "CONNECT_SECONDS", 0.3)
    queue = JobQueue(RunStore(tmp_path), "tcp://127.0.0.1:9", train=STUB)
    try:
        job = finish(queue, submit(queue, config()))
        assert job.state is JobState.FAILED
        assert "no Dask scheduler answers at tcp://127.0.0.1:9" in job.error
        assert (queue.worker(), queue.problem) == (WorkerState.LOST, job.error)
    finally:
        queue.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://192.0.2.1:8786", "refused: without TLS"),
        ("tcp://example.org:8786", "refused: without TLS"),
        ("tcp://0.0.0.0:8786", "refused: without TLS"),
        ("tcp://[::]:8786", "refused: without TLS"),
        ("tls://192.0.2.1:8786", "needs certificates"),
        ("ws://127.0.0.1:8786", "no address"),
        ("127.0.0.1:8786", "no address"),
        ("tcp://127.0.0.1", "no address"),
        ("tcp://127.0.0.1:port", "no address"),
    ],
)
def test_address_that_is_not_safe_or_not_usable_is_refused(address, reason):
    with pytest.raises(ClusterError, match=reason):
        check_address(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "localhost", "[::1]"])
def test_address_on_this_machine_is_used_without_tls(host):
    assert not check_address(f"tcp://{host}:8786").require_encryption


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes certificates with openssl")
def test_tls_cluster_is_used_with_the_certificates_of_dasks_configuration(home, tmp_path):
    key, cert, file = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "scheduler.json"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 "
        f"-keyout {key} -out {cert}".split(),
        check=True,
        capture_output=True,
    )
    tls = {"ca-file": str(cert), "client.cert": str(cert), "client.key": str(key)}
    options = [f"--tls-ca-file={cert}", f"--tls-cert={cert}", f"--tls-key={key}"]
    options += [f"--scheduler-file={file}", "--host=tls://127.0.0.1", "--no-dashboard"]
    root = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    environment = os.environ | {"PYTHONPATH": root, "DASK_LOGGING__DISTRIBUTED": "error"}
    dask_cli = [sys.executable, "-m", "dask"]
    commands = [["scheduler", "--port=0"], ["worker", "--no-nanny", "--nthreads=1"]]
    processes = [
        subprocess.Popen([*dask_cli, *command, *options], env=environment, start_new_session=True)
        for command in commands
    ]
    try:
        wait_until(lambda: file.exists() and file.read_text())
        address = file.read_text().partition('"address": "')[2].partition('"')[0]
        assert address.startswith("tls://127.0.0.1:")
        with dask.config.set({f"distributed.comm.tls.{name}": tls[name] for name in tls}):
            queue = JobQueue(RunStore(tmp_path / "runs"), address, train=STUB)
            job = finish(queue, submit(queue, config()))
            queue.close()
        assert (job.state, job.error) == (JobState.FINISHED, None)
    finally:
        for process in processes:
            process.kill()
            process.wait()


# The board, without processes


def record(epoch, seconds):
    return dataclasses.asdict(EpochRecord(epoch, 1.0, 1.0, 2.0, seconds=seconds))


@pytest.fixture
def board():
    board = JobBoard()
    board.assign(board.add("a", config(epochs=10)), "a-0")
    return board


def news(board, run="a", key="a-0", attempt="1", **message):
    board.news({"run_id": run, "key": key, "attempt": attempt, **message})


def test_seconds_left_leaves_the_slow_first_epoch_out(board):
    news(board, phase="training")
    assert board.get("a").seconds_left is None
    news(board, record=record(1, 5.0))
    assert board.get("a").seconds_left == pytest.approx(45.0, abs=0.5)
    news(board, record=record(2, 6.0))
    assert board.get("a").seconds_left == pytest.approx(8.0, abs=0.5)
    time.sleep(0.2)
    assert board.get("a").seconds_left < 7.9
    news(board, phase="evaluating")
    assert board.get("a").seconds_left == 0.0


def test_record_of_a_training_that_began_before_this_server_asked_means_training(board):
    news(board, record=record(1, 1.0))
    assert board.get("a").state is JobState.TRAINING


def test_second_attempt_starts_again_from_no_records(board):
    news(board, phase="training")
    news(board, record=record(1, 1.0))
    news(board, attempt="2", phase="loading")
    assert board.get("a").records == ()


def test_news_of_another_task_or_of_a_job_that_is_done_changes_nothing(board):
    news(board, key="a-1", phase="training")
    news(board, run="b", phase="training")
    assert board.get("a").state is JobState.WAITING
    board.update(1, state=JobState.FAILED)
    news(board, phase="training")
    board.update(1, state=JobState.STOPPED)
    assert board.get("a").state is JobState.FAILED


def test_board_forgets_the_oldest_jobs_that_are_done():
    board = JobBoard()
    for i in range(250):
        board.update(board.add(f"job-{i}", config()), state=JobState.FAILED)
    waiting = board.add("waiting", config())
    assert len(board.all()) == 201
    assert board.get("job-0") is None
    assert board.state(waiting) is JobState.WAITING


# The whole way, with TensorFlow


REAL = """
import sys, time
import psutil
from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs import JobQueue
from recsys.runs import RunStore
from stub_training import config
assert "distributed" not in sys.modules  # the pages do not wait for its import
store = RunStore(runs_folder())
queue = JobQueue(store)
job_id = queue.submit(config(epochs=2, seed=50), load_dataset("tiny"))
while not queue.job(job_id).state.done:
    time.sleep(0.05)
job = queue.job(job_id)
assert job.error is None, job.error
assert [record.epoch for record in job.records] == [1, 2]
assert store.load(job.result).metrics["holdout"]["rmse"] > 0
assert store.scorer(job.result).n_users == 60
assert "tensorflow" not in sys.modules
print(*(child.pid for child in psutil.Process().children()))
"""


def test_real_training_leaves_the_server_without_tensorflow_and_nothing_behind(home):
    done = subprocess.run(
        [sys.executable, "-c", REAL], stdout=subprocess.PIPE, text=True, check=True, timeout=120
    )
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)
