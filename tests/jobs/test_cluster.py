"""The cluster: processes that die, addresses that are refused, TLS, and one real training."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import dask.config
import psutil
import pytest
import stub_training
from stub_training import config

import recsys.jobs.cluster.address
import recsys.jobs.cluster.dispatcher
from recsys.home import runs_folder
from recsys.jobs.board import JobState
from recsys.jobs.cluster import embedded
from recsys.jobs.cluster.address import ClusterError, check_address
from recsys.jobs.cluster.connection import Connection
from recsys.jobs.cluster.embedded import EmbeddedCluster
from recsys.jobs.queue import JobQueue, WorkerState
from recsys.memory import TooLargeError
from recsys.runs.store import RunStore
from tests.jobs.tiny_lab import (
    STUB,
    TESTS,
    command_of,
    finish,
    is_running,
    submit,
    training_processes,
    wait_until,
)


def test_killed_worker_is_replaced_and_its_job_trained_again(queue):
    wait_until(lambda: queue.worker() is WorkerState.READY)
    first = {process.pid for process in training_processes()}
    job_id = submit(queue, config(seed=stub_training.DIES_ONCE))
    wait_until(lambda: queue.worker() is WorkerState.STARTING)
    assert queue.job(job_id).state is JobState.WAITING
    job = finish(queue, job_id)
    assert job.state is JobState.FINISHED
    assert len(job.records) == 3
    assert len({process.pid for process in training_processes()} - first) == 1


def test_suspended_worker_is_replaced_and_its_job_trained_again(queue):
    job_id = submit(queue, config(seed=47, epochs=60))
    wait_until(lambda: queue.job(job_id).records)
    (worker,) = [one for one in training_processes() if "worker" in command_of(one)]
    worker.suspend()
    assert finish(queue, job_id).state is JobState.FINISHED
    assert not is_running(worker)


def test_worker_that_does_not_react_to_stop_is_ended_and_the_queue_goes_on(queue, monkeypatch):
    monkeypatch.setattr(recsys.jobs.cluster.dispatcher, "STOP_SECONDS", 1.0)
    job_id = submit(queue, config(seed=stub_training.DEAF, epochs=1000, learning_rate=0.1))
    behind = submit(queue, config(seed=48))
    wait_until(lambda: queue.job(job_id).records)
    queue.stop(job_id)
    job = finish(queue, job_id)
    assert (job.state, job.result) == (JobState.STOPPED, None)
    assert "did not answer" in job.error
    assert finish(queue, behind).state is JobState.FINISHED


def test_job_that_kills_every_worker_fails_and_the_queue_goes_on(queue):
    job = finish(queue, submit(queue, config(seed=stub_training.DIES_ALWAYS, epochs=2)))
    assert job.state is JobState.FAILED
    assert job.error.startswith("the training process died twice on this job")
    assert finish(queue, submit(queue, config(seed=30))).state is JobState.FINISHED


def test_job_that_waits_behind_one_that_kills_its_workers_is_trained(queue):
    killer, behind = (submit(queue, config(seed=seed)) for seed in (stub_training.DIES_ALWAYS, 33))
    assert finish(queue, behind).state is JobState.FINISHED
    assert finish(queue, killer).state is JobState.FAILED


def test_job_that_takes_more_memory_than_there_is_fails_and_the_queue_goes_on(home, monkeypatch):
    monkeypatch.setenv("RECSYS_MEMORY_GB", "1.2")
    queue = JobQueue(RunStore(runs_folder()), train=STUB)
    try:
        greedy, huge = (
            submit(queue, config(seed=seed)) for seed in (stub_training.GREEDY, stub_training.HUGE)
        )
        job = finish(queue, greedy)
        assert job.state is JobState.FAILED
        assert job.error.startswith("the training needed more memory than there is (")
        assert "(1.2 GB)" in finish(queue, huge).error
        assert finish(queue, submit(queue, config(seed=49))).state is JobState.FINISHED
    finally:
        queue.close()


def test_request_that_needs_more_memory_than_there_is_is_refused(queue, monkeypatch):
    too_large = config(embedding_dimension=512, rating_members=64, rating_dimension=512)
    monkeypatch.setenv("RECSYS_MEMORY_GB", "1.1")
    with pytest.raises(TooLargeError, match=r"and 1.1 GB are there: lower rating_members or"):
        submit(queue, too_large)
    assert too_large not in [job.config for job in queue.jobs()]


def test_stop_that_the_cluster_does_not_hear_ends_the_job(queue, monkeypatch):
    def lost(*_):
        raise TimeoutError

    job_id = submit(queue, config(seed=41, epochs=100, learning_rate=0.1))
    wait_until(lambda: queue.job(job_id).records)
    with monkeypatch.context() as deaf:
        deaf.setattr(Connection, "ask_to_stop", lost)
        queue.stop(job_id)
        job = finish(queue, job_id)
    assert job.state is JobState.STOPPED
    assert job.error.startswith("the training was lost before it was saved: ")
    assert finish(queue, submit(queue, config(seed=42))).state is JobState.FINISHED


def test_system_that_starts_no_more_processes_is_named_and_the_others_go_on(monkeypatch):
    def fails(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(embedded.subprocess, "Popen", fails)
    cluster = EmbeddedCluster(2, ())
    with pytest.raises(ClusterError, match="cannot be started"):
        cluster.start()
    cluster.grow(2)


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


def test_cluster_that_is_closed_while_it_starts_leaves_no_process(home, monkeypatch):
    before = set(training_processes())
    cluster = EmbeddedCluster(2, ["json"])
    child = embedded._child
    closing = threading.Thread(target=cluster.close)

    def close_meanwhile(*arguments):
        if closing.ident is None:  # another thread, while the first process is started
            closing.start()
        time.sleep(0.2)
        return child(*arguments)

    monkeypatch.setattr(embedded, "_child", close_meanwhile)
    with pytest.raises(ClusterError):
        cluster.start()
    closing.join()
    assert set(training_processes()) <= before
    with pytest.raises(ClusterError):
        cluster.grow(2)
    assert set(training_processes()) <= before


def test_worker_that_cannot_start_fails_the_job_in_one_line(home, tmp_path):
    queue = JobQueue(RunStore(tmp_path), train="no_such_module:train")
    try:
        job = finish(queue, submit(queue, config()))
        assert job.state is JobState.FAILED
        assert "dies at its start" in job.error
        assert queue.worker() is WorkerState.LOST
    finally:
        queue.close()


def test_training_processes_listen_on_this_machine_only(queue):
    wait_until(lambda: queue.worker() is WorkerState.READY)
    processes = training_processes()
    assert len(processes) == 2
    for process in processes:
        listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
        assert listening
        assert {connection.laddr.ip for connection in listening} == {"127.0.0.1"}


STRANGER = """
import asyncio, sys
from distributed import Security
from distributed.comm import connect
own = Security.temporary()
async def hello(address):
    security = own if address.startswith("tls") else Security()
    try:
        comm = await connect(address, timeout=2, **security.get_connection_args("client"))
    except OSError:
        return "refused"
    comm.abort()
    return "connected"
for address in sys.argv[1:]:
    print(asyncio.run(hello(address)), flush=True)
"""


def test_another_process_of_this_machine_cannot_connect_to_the_cluster(home):
    cluster = EmbeddedCluster(1, ["json"])
    try:
        address = cluster.start()
        assert address.startswith("tls://127.0.0.1:")
        addresses = [address, address.replace("tls", "tcp")]
        done = subprocess.run(
            [sys.executable, "-c", STRANGER, *addresses],
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        cluster.close()
    assert done.stdout.split() == ["refused"] * len(addresses)


SERVER = """
import time
from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
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
        wait_until(lambda: not any(is_running(child) for child in children))
    finally:
        server.kill()
        server.communicate()


def test_job_waits_for_a_scheduler_that_does_not_answer_and_can_be_stopped(
    home, tmp_path, monkeypatch
):
    monkeypatch.setattr(recsys.jobs.cluster.address, "CONNECT_SECONDS", 0.3)
    queue = JobQueue(RunStore(tmp_path), "tcp://127.0.0.1:9", train=STUB)
    try:
        job_id = submit(queue, config())
        wait_until(lambda: queue.worker() is WorkerState.LOST)
        assert "no Dask scheduler answers at tcp://127.0.0.1:9" in queue.problem
        assert queue.job(job_id).state is JobState.WAITING
        queue.stop(job_id)
        assert finish(queue, job_id).state is JobState.STOPPED
    finally:
        queue.close()


def test_job_for_an_address_that_is_refused_fails_with_the_reason(home, tmp_path):
    queue = JobQueue(RunStore(tmp_path), "tcp://192.0.2.1:8786", train=STUB)
    try:
        job = finish(queue, submit(queue, config()))
        assert job.state is JobState.FAILED
        assert "refused: without TLS" in job.error
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
        ("ws://127.0.0.1:8786", "not the address"),
        ("127.0.0.1:8786", "not the address"),
        ("tcp://127.0.0.1", "not the address"),
        ("tcp://127.0.0.1:port", "not the address"),
        ("tls://[::1:8786", "not the address"),
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


REAL = """
import sys, time
import psutil
from recsys.data.library import load_dataset
from recsys.home import runs_folder
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
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
