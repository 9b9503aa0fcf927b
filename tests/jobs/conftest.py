"""A lab with tiny data, and a queue with real Dask processes for each file of tests."""

import pytest

from recsys.home import runs_folder
from recsys.jobs.queue import JobQueue
from recsys.runs.store import RunStore
from tests.jobs.tiny_lab import STUB, TESTS, keep_tiny_data


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
