"""Fixtures of the whole suite. No test touches the user's own lab."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from recsys.data.library import load_dataset
from recsys.data.tables import Dataset
from tests.cli.command_line import Files, Result, write_files

# One example may take any time: the machine may be busy with trainings meanwhile.
settings.register_profile("duet", deadline=None)
settings.load_profile("duet")


@pytest.fixture(scope="session", autouse=True)
def busy_processes() -> Iterator[None]:
    """As many busy processes beside the tests as DUET_BUSY says; none without it."""
    command = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(command) for _ in range(int(os.environ.get("DUET_BUSY") or 0))]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.fixture(scope="session", autouse=True)
def session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lab's home for this session: used by every test that does not set its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(home))
        patch.delenv("RECSYS_DATA", raising=False)
        patch.delenv("RECSYS_SCHEDULER", raising=False)
        yield home


@pytest.fixture(scope="session")
def movielens_100k(session_home: Path) -> Dataset:
    """The real MovieLens 100K, loaded once and kept in `session_home`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(session_home))
        return load_dataset("100k")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The files of a user: ratings, movies and a holdout."""
    return write_files(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def trained(session_home: Path, files: Files) -> Result:
    """The result of a first training on `files` from the command line, with --json."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_HOME", str(session_home))
        return files.train("--json")
