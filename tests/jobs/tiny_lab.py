"""What the tests of jobs share: tiny data, stand-in trainings, and waiting for what they do."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from recsys.config import RunConfig
from recsys.data.kept import keep
from recsys.data.library import load_dataset
from recsys.data.tables import make_dataset
from recsys.home import data_folder
from recsys.jobs.board import Job
from recsys.jobs.queue import JobQueue

TESTS = Path(__file__).resolve().parents[1]
STUB = "stub_training:train"
WAIT_SECONDS = 90.0  # on a busy machine; what is awaited comes, or the test fails


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


def submit(queue: JobQueue, request: RunConfig) -> str:
    return queue.submit(request, load_dataset("tiny"))


def wait_until(condition: Callable[[], object]) -> object:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.01)
    raise AssertionError(f"still waiting after {WAIT_SECONDS} s")


def finish(queue: JobQueue, job_id: str) -> Job:
    """Wait until a job is done and return it."""
    wait_until(lambda: queue.job(job_id).state.done)
    return queue.job(job_id)


def training_processes(of: int | None = None) -> list[psutil.Process]:
    children = psutil.Process(of).children(recursive=True)
    return [child for child in children if "recsys.jobs.cluster.process" in command_of(child)]


def command_of(process: psutil.Process) -> list[str]:
    """Return a process's command; nothing for one that has ended, as another test's may have."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # also of a zombie
        return []


def is_running(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
