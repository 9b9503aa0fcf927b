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

from recsys.runs.store import RunStore
from tests.jobs.tiny_lab import keep_tiny_data, training_processes

TESTS = Path(__file__).resolve().parents[1]
RUNS = 7  # of a sweep
KILLS = int(os.environ.get("DUET_KILLS", "3"))  # `make test-faults` sets more
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
    assert store.damaged() == []
    trained = Counter((lab / "trained.log").read_text().split())
    assert trained == dict.fromkeys(ids, 1)
