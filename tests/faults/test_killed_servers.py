"""Servers and workers are killed at random: every accepted run is trained to its end, once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from stub_training import LOG

from benchmarks import app_server
from benchmarks.visitor import Visitor
from recsys.runs.store import RunStore
from tests.faults import own_loop
from tests.faults.results import record
from tests.jobs.tiny_lab import keep_tiny_data, training_processes

TESTS = Path(__file__).resolve().parents[1]
APP = TESTS.parent / "app.py"
RUNS = 7  # of a sweep
KILLS = int(os.environ.get("DUET_KILLS", "3"))  # `make test-faults` sets more
APP_KILLS = KILLS // 3  # each costs a start of TensorFlow
SECONDS = 240
SERVER = """
import sys, time
from recsys.data.library import load_dataset
from recsys.home import jobs_folder, runs_folder
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from stub_training import config
queue = JobQueue(RunStore(runs_folder()), train="stub_training:train", journal=jobs_folder())
for seed in range(int(sys.argv[1])):
    print(queue.submit(config(seed=seed, epochs=8, learning_rate=0.1), load_dataset("tiny")))
print("ready", flush=True)
time.sleep(600)
"""


class Server:
    """A process that holds the job queue of a lab."""

    def __init__(self, requests: int = 0) -> None:
        command = [sys.executable, "-c", SERVER, str(requests)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = iter(self.process.stdout.readline, "ready\n")
        self.ids = [line.strip() for line in lines]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def kill_worker(self) -> None:
        for process in training_processes(self.process.pid)[:1]:
            process.send_signal(signal.SIGKILL)


@pytest.fixture
def lab(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))
    monkeypatch.setenv(LOG, str(tmp_path / "trained.log"))
    monkeypatch.delenv("RECSYS_SCHEDULER", raising=False)
    keep_tiny_data()
    return tmp_path


def test_sweep_is_trained_to_its_end_though_servers_and_workers_are_killed(lab: Path) -> None:
    chance = random.Random(0)
    server = Server(RUNS)
    ids = server.ids
    assert len(set(ids)) == RUNS
    store = RunStore(lab / "runs")
    try:
        for kill in range(KILLS):
            time.sleep(chance.uniform(0, 4))
            if kill % 3 == 1:
                server.kill_worker()
            else:
                server.kill()
                server = Server()  # nobody asks again
        end = time.monotonic() + SECONDS
        while not all(one in store for one in ids):
            assert time.monotonic() < end, f"{sum(one in store for one in ids)} of {RUNS}"
            time.sleep(0.1)
    finally:
        server.kill()
    record(
        "Accepted means done: runs of a sweep trained to the end exactly once, unasked, after "
        "random kills of server or worker",
        f"{sum(one in store for one in ids)} of {RUNS} after {KILLS} kills",
    )
    assert store.damaged() == []
    trained = Counter((lab / "trained.log").read_text().split())
    assert trained == dict.fromkeys(ids, 1)


def test_server_of_the_app_goes_on_with_what_it_had_accepted_before_any_page_is_open(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DATA", "tiny")
    environment = dict(os.environ)
    with app_server.running(APP, environment) as served:
        own_loop.run(visit(served.address))  # a new lab trains its presets
        ids = {file.stem.partition("-")[2] for file in (lab / "jobs").glob("*/*.json")}
        served.process.kill()
    assert ids
    store = RunStore(lab / "runs")
    chance = random.Random(0)
    for _ in range(APP_KILLS - 1):
        with app_server.running(APP, environment) as served:
            time.sleep(chance.uniform(5, 25))
            served.process.kill()
    with app_server.running(APP, environment):
        end = time.monotonic() + SECONDS
        while not all(one in store for one in ids):
            assert time.monotonic() < end, f"{sum(one in store for one in ids)} of {len(ids)}"
            time.sleep(0.2)
    record(
        "Accepted means done: runs of the app finished before any page was open, after its server "
        "was killed",
        f"{len(ids)} of {len(ids)} after {APP_KILLS} kills",
    )
    assert store.damaged() == []


async def visit(address: str) -> None:
    """Open Home and leave it."""
    async with Visitor(address, "") as visitor:
        assert visitor.failures == []
