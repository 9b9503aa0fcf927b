"""Every write may fail: whatever change of the disk fails, a store is as it was, or as it is to be.

Each operation is done again and again on a fresh copy of a lab: the first time its first change of
the disk fails, then its second one, until none fails.
"""

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys import atomic
from recsys.data.kept import keep
from recsys.data.tables import Dataset, make_dataset
from recsys.jobs.journal import Accepted, Journal
from recsys.runs.files import RunError
from recsys.runs.store import RunStore
from tests.faults.faulty_disk import Fault, FaultyDisk
from tests.faults.results import record
from tests.runs.stored_runs import RUN_ID, SCORER, make_run

NEW, SECOND = "00000000000a", "00000000000b"
KEY = "0" * 16
PLACES = np.ones((4, 2), np.float32)
Tree = dict[str, bytes]  # of the files of a lab, by path

DATA = {"user_id": ["a", "b"], "movie_id": ["x", "y"], "rating": [1.0, 5.0]}


def dataset(star: float) -> Dataset:
    return make_dataset("mine", pd.DataFrame(DATA | {"rating": [star, 5.0]}))


def accepted(run_id: str) -> Accepted:
    return Accepted(run_id, make_run().config, "ab" * 32)


def taken_over(home: Path) -> None:
    """Go on with the jobs of servers that have died, and die too."""
    with contextlib.closing(Journal(home / "jobs")) as journal:
        for number, job in enumerate(journal.abandoned(), start=1):
            journal.add(number, job)


@dataclass(frozen=True)
class Operation:
    """What is done to a lab.

    Attributes:
        do: does it.
        between: folders; one that is as it is to be, and all others as they were, is allowed too.
        if_killed: the same, if the process was killed meanwhile.
        gone_if_killed: a folder that may be missing then, because its content is at hand elsewhere.
    """

    do: Callable[[Path], object]
    between: tuple[str, ...] = ()
    if_killed: tuple[str, ...] = ()
    gone_if_killed: str = ""


def store(home: Path) -> RunStore:
    return RunStore(home / "runs")


OPERATIONS = {
    "save": Operation(lambda home: store(home).save(make_run(NEW), SCORER)),
    # The run is there, without its label.
    "save with a label": Operation(
        lambda home: store(home).save(make_run(NEW, name="new"), SCORER), (f"runs/{NEW}/",)
    ),
    "unpack": Operation(lambda home: store(home).unpack(packed(home))),
    "import two": Operation(
        lambda home: store(home).save_all([(make_run(NEW), SCORER), (make_run(SECOND), SCORER)]),
        if_killed=(f"runs/{NEW}/",),  # the second one is missing
    ),
    "rename": Operation(lambda home: store(home).rename(RUN_ID, "other")),
    "delete": Operation(lambda home: store(home).delete(RUN_ID)),
    "layout": Operation(lambda home: store(home).layouts.save(RUN_ID, KEY, 2 * PLACES)),
    "keep data": Operation(lambda home: keep(dataset(3.0), home / "data" / "new", "csv")),
    "replace data": Operation(
        lambda home: keep(dataset(3.0), home / "data" / "mine", "csv"),
        gone_if_killed="data/mine/",  # it is a copy of its source
    ),
}


def packed(home: Path) -> bytes:
    """Return a packed run that is not in the store."""
    return (home / "packed").read_bytes()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lab with a run with a label and a layout, a data set and an abandoned job."""
    home = tmp_path_factory.mktemp("lab")
    other = RunStore(home / "other")
    other.save(make_run(NEW), SCORER)
    (home / "packed").write_bytes(other.pack(NEW))
    shutil.rmtree(home / "other")
    store(home).save(make_run(name="old"), SCORER)
    store(home).layouts.save(RUN_ID, KEY, PLACES)
    keep(dataset(2.0), home / "data" / "mine", "csv")
    return home


@pytest.fixture(autouse=True)
def _tidy_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic, "UNLOCKED_SECONDS", 0.0)


def tree(home: Path) -> Tree:
    return {
        str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }


def attempt(disk: FaultyDisk, do: Callable[[Path], object], home: Path) -> None:
    """Do something on a disk that may fail; errors are those a caller expects."""
    if disk.fault is not Fault.KILLED:
        with disk.mounted(), contextlib.suppress(RunError, OSError, ValueError):
            do(home)
        return
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException), disk.mounted():
            do(home)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    disk.changes = disk.n if os.waitstatus_to_exitcode(status) == 9 else 0


def tidy(home: Path) -> None:
    """Start a lab again, which removes what a killed process has left."""
    RunStore(home / "runs")
    atomic.remove_leftovers(home / "data")


def allowed(operation: Operation, fault: Fault, before: Tree, after: Tree) -> list[Tree]:
    """Return the states that a fault may leave."""
    parts = operation.between + (operation.if_killed if fault is Fault.KILLED else ())
    states = [
        before | {path: after[path] for path in after if path.startswith(part)} for part in parts
    ]
    if operation.gone_if_killed and fault is Fault.KILLED:
        gone = operation.gone_if_killed
        states.append({path: before[path] for path in before if not path.startswith(gone)})
    return [before, after, *states]


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("name", OPERATIONS)
def test_store_is_as_it_was_or_as_it_is_to_be_whatever_change_fails(
    name: str, fault: Fault, template: Path, tmp_path: Path
) -> None:
    operation = OPERATIONS[name]
    before = tree(template)
    done = shutil.copytree(template, tmp_path / "done")
    operation.do(done)
    after, n = tree(done), 0
    assert after != before
    while True:
        n += 1
        home = shutil.copytree(template, tmp_path / f"{n}")
        disk = FaultyDisk(home, fault, n)
        attempt(disk, operation.do, home)
        if not disk.has_failed:
            break
        tidy(home)
        state = tree(home)
        whole = state in allowed(operation, fault, before, after)
        assert whole, (n, before.keys() ^ state.keys())
        assert store(home).damaged() == []
        if state == before:  # it works again
            operation.do(home)
            assert tree(home) == after
        shutil.rmtree(home)
    assert n > 1
    record(f"Every write may fail: {name}, {fault}", f"{n - 1} of {n - 1} times whole")


@pytest.mark.parametrize("fault", Fault)
def test_accepted_jobs_are_kept_whatever_change_fails(fault: Fault, tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for n in range(1, 100):
        home = tmp_path / str(n)
        for number, run_id in enumerate((RUN_ID, NEW), start=1):
            journal = Journal(home / "jobs")
            journal.add(number, accepted(run_id))
            journal.close()
        disk = FaultyDisk(home, fault, n)
        attempt(disk, taken_over, home)
        left = Counter(job.run_id for job in Journal(home / "jobs").abandoned())
        assert set(left) == ({RUN_ID, NEW}), n
        if not disk.has_failed:
            break
        outcomes["kept"] += 1
    assert outcomes["kept"] > 1
    record(f"Every write may fail: take over jobs, {fault}", f"{outcomes['kept']} of {n - 1} whole")
